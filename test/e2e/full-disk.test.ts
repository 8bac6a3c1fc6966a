// A full disk, embedded: the log's file may not grow any more. Changes are refused by name, checks go on, and once there
// is room again changes are taken without a restart.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmbeddedLog, openEmbeddedLog } from '../../events/logs/embedded.ts';
import { LOG_SCHEMA } from '../../events/logs/embedded-table.ts';
import { openSqlite, type Sqlite } from '../../events/logs/sqlite.ts';
import { createDataKeys } from '../../projections/personal.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { createWaiter } from '../../projections/waiter.ts';
import type { Core } from '../../services/core.ts';
import { serveOn, type Running } from '../../services/serve.ts';
import { openDataFolder } from '../../services/shared/data-folder.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { globalId, type Result } from '../support/api.ts';
import { expectFoldOfLog } from '../support/contents.ts';
import { change, codeOf, createKey } from '../support/keys.ts';
import { createSystem, WORKSPACE, type System } from '../support/system.ts';

/** Pages of 4 KiB that the log's file may have while the disk is full; some are needed to begin with. */
const FULL_PAGES = 40;
const ROOM_PAGES = 100_000;
const TEST_MS = 180_000;

let folder: string;
let disk: Sqlite;
let core: Core;
let running: Running;
let system: System;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-e2e-'));
  const loaded = loadSettings({ KEYFOLD_DATA: folder, API_PORT: '0', VERIFIER_PORT: '0', LOG_LEVEL: 'silent' });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const { peppers, sealingKeys, issuerKey } = await openDataFolder(folder);
  const now = (): string => new Date().toISOString();
  disk = await openSqlite({ file: join(folder, 'log.db'), schema: LOG_SCHEMA, maxPageCount: FULL_PAGES });
  const log = await createEmbeddedLog(disk);
  const usage = await openEmbeddedLog({ directory: folder, file: 'usage.db', trims: true });
  const store = await openEmbeddedStore({ directory: folder, now: now() });
  const waiter = createWaiter({ store });
  core = {
    log,
    store,
    usage,
    events: null,
    waiter,
    now,
    issuerKey,
    settings: loaded.settings,
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    dataKeys: createDataKeys({ store, sealingKeys, randomBytes }),
    peppers: [peppers[0]!],
    checkpointKeys: [{ id: 'c1', key: Buffer.alloc(32, 3) }],
    sealingKeys,
    damaged: new AbortController().signal,
    close: async () => {
      waiter.close();
      await log.close();
      await usage.close();
      await store.close();
    },
  };
  running = await serveOn(core);
  expect(await running.whenReady(AbortSignal.timeout(TEST_MS))).toBe(true);
  const address = (name: string): string => running.services.find((service) => service.name === name)?.url ?? '';
  system = createSystem({
    issuer: { key: issuerKey },
    apis: [address('api')],
    verifiers: [address('verifier')],
    verifierToken: null,
    projectors: [],
    stop: () => running.stop(),
  });
}, TEST_MS);
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
}, TEST_MS);

test(
  'changes are StorageFull, checks go on, and with room again changes are taken without a restart',
  { timeout: TEST_MS },
  async () => {
    const api = await system.api();
    const { keyId, secret, position } = await createKey(api);
    const input = (n: number) => ({ id: globalId(keyId), commandId: `note-${n}`, note: 'n'.repeat(1000) });
    let n = 0;
    let refused: Result;
    do refused = await api.mutate('disableKey', input(++n));
    while (refused.__typename === 'DisableKeyPayload');
    expect(refused).toMatchObject({ __typename: 'StorageFull', code: 'STORAGE_FULL' });
    const created = { workspaceId: WORKSPACE, keyspace: 'default', name: 'No room', description: 'd'.repeat(1024) };
    expect(await api.mutate('createKey', created)).toMatchObject({ code: 'STORAGE_FULL' });
    expect(await codeOf(system.verifiers, secret, { atLeast: position })).toBe('DISABLED');
    expect(await api.history(keyId)).toHaveLength(n); // the create, and all but the refused one

    await disk.all(`PRAGMA max_page_count = ${ROOM_PAGES}`);
    const again = await change(api, 'disableKey', keyId, input(n));
    const enabled = await change(api, 'enableKey', keyId);
    expect(await codeOf(system.verifiers, secret, { atLeast: enabled.position })).toBe('VALID');
    const events = await api.history(keyId, enabled.position);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['KEY_DISABLED', 'KEY_ENABLED']);
    expect(events.at(-2)?.position).toBe(again.position);
    await expectFoldOfLog(core);
  },
);
