// graphql-yoga as installed, with the same schema and resolvers over the same data folder, and nobody's token to check.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createYoga } from 'graphql-yoga';
import type { Caller } from '../../schema/context.ts';
import { schema } from '../../schema/index.ts';
import { createContextFactory } from '../../services/api/context.ts';
import { createOperations } from '../../services/api/operations.ts';
import { createReceipts } from '../../services/api/receipts.ts';
import { createWriter } from '../../services/api/write.ts';
import { openCore } from '../../services/core.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { WORKSPACE } from '../dataset.ts';

const loaded = loadSettings(process.env);
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const core = await openCore(loaded.settings, createLogger({ level: 'error' }));
const contextFor = createContextFactory({
  ...core,
  writer: createWriter({ ...core, pepper: core.peppers[0] }),
  operations: createOperations(core),
  receipts: createReceipts({ ...core, leases: core.store.leases, watchMs: 5000 }),
  health: () => Promise.resolve({ projections: [], verifiers: [] }),
});
const caller: Caller = {
  actor: { kind: 'user', id: 'bench' },
  workspaces: new Map([[WORKSPACE, 'admin']]),
  operator: false,
  email: null,
  ip: null,
  userAgent: null,
};
const yoga = createYoga({ schema, context: () => contextFor(caller, 'bench'), logging: false });
// eslint-disable-next-line @typescript-eslint/no-misused-promises -- as its documentation starts it
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once('SIGTERM', () => void core.close().then(() => process.exit(0)));
