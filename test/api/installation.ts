// An installation in one process for tests of the write path: any number of API instances over one log and one store,
// each with its own handles, and a projector. Log and store are scripted fakes unless real ones are given.
import { createHash, randomBytes } from 'node:crypto';
import type { KeyCommand, KeyCommandInput, KeyCommandName } from '../../events/key/commands.ts';
import type { EventLog } from '../../events/log.ts';
import { createDataKeys } from '../../projections/personal.ts';
import { createProjector } from '../../projections/projector.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { createWaiter } from '../../projections/waiter.ts';
import type { Caller, CommandRequest, Outcome } from '../../schema/context.ts';
import { deadlineIn } from '../../services/api/deadline.ts';
import { DEFAULT_PRESET, readPresets } from '../../services/api/presets.ts';
import { seedKeyspaces } from '../../services/api/seed.ts';
import { createWriter, type WriterOptions } from '../../services/api/write.ts';

export const WORKSPACE = 'acme';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const keyFrom = (text: string): Uint8Array => createHash('sha256').update(text).digest();
export const PEPPER = { id: 'p1', key: keyFrom('pepper') };
const SEALING_KEYS = [{ id: 's1', key: keyFrom('sealing key') }];

export const ADMIN: Caller = {
  actor: { kind: 'user', id: 'alice' },
  workspaces: new Map([[WORKSPACE, 'admin']]),
  operator: true,
  email: null,
  ip: '192.0.2.1',
  userAgent: 'test',
};

/** One API process. */
export interface Instance {
  execute(request: CommandRequest, caller?: Caller): Promise<Outcome>;
  run<N extends KeyCommandName>(
    name: N,
    keyId: string | null,
    input: KeyCommandInput<N>,
    rest?: Pick<CommandRequest, 'commandId' | 'ifVersion' | 'waitFor'>,
  ): Promise<Outcome>;
  /** Creates a key; answers its id and secret. */
  create(commandId?: string): Promise<{ keyId: string; secret: string }>;
}

export interface Installation {
  instance(store?: ReadStore, options?: Pick<WriterOptions, 'outcomeMs' | 'receipts'>): Instance;
  readonly store: ReadStore;
  /** Resolves once everything that is in the log has been projected. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startInstallation({ log, store }: { log: EventLog; store: ReadStore }): Promise<Installation> {
  const now = (): string => new Date().toISOString();
  const dataKeysOf = (on: ReadStore) => createDataKeys({ store: on, sealingKeys: SEALING_KEYS, randomBytes });
  const projector = createProjector({ log, store, dataKeys: dataKeysOf(store), logger: silent, now, intervalMs: 50 });
  projector.start();
  const waiter = createWaiter({ store });
  const waiters = [waiter];
  const seeding = { log, store, waiter, dataKeys: dataKeysOf(store), now };
  await seedKeyspaces(seeding, await readPresets([DEFAULT_PRESET]), AbortSignal.timeout(30_000));

  return {
    store,
    instance(on = store, options = {}) {
      const own = createWaiter({ store: on });
      waiters.push(own);
      const writer = createWriter({
        log,
        store: on,
        waiter: own,
        dataKeys: dataKeysOf(on),
        pepper: PEPPER,
        now,
        outcomeMs: 20_000,
        ...options,
      });
      const execute: Instance['execute'] = (request, caller = ADMIN) =>
        writer.execute(request, { caller, requestId: 'r1' });
      const run: Instance['run'] = (name, keyId, input, rest = {}) =>
        execute({ command: { name, input } as KeyCommand, keyId, ...rest });
      return {
        execute,
        run,
        async create(commandId) {
          const input = { workspaceId: WORKSPACE, keyspace: 'default', name: 'Orders', scopes: ['orders:read'] };
          const outcome = await run('createKey', null, input, commandId === undefined ? {} : { commandId });
          if (!outcome.ok || !outcome.changed.key || outcome.secret === null) throw new Error(JSON.stringify(outcome));
          return { keyId: outcome.changed.key.state.keyId, secret: outcome.secret.reveal() };
        },
      };
    },
    async settled() {
      if (!(await waiter.whenProcessed(await log.end(), deadlineIn(30_000))))
        throw new Error('the projector is behind');
    },
    async stop() {
      for (const each of waiters) each.close();
      await projector.stop();
    },
  };
}
