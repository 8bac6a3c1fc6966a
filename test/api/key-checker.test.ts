// What the API checks calling keys with: the verifier beside it, or a view of its own once a key was shown.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { Core } from '../../services/core.ts';
import { createKeyChecker } from '../../services/api/key-checker.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createWriter, PEPPER, project, silent } from '../verifier/support.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function setUp() {
  const log = createMemoryLog();
  const store = createMemoryStore();
  const writer = createWriter({ now: Date.now() - 86_400_000 });
  await log.append([writer.keyspace(), writer.create('a')]);
  await project(log, store);
  let reads = 0;
  const counted = { ...store, read: ((work) => ((reads += 1), store.read(work))) as typeof store.read };
  const settings = { maxStalenessMs: 60_000, dataFolder: await mkdtemp(join(tmpdir(), 'keyfold-keys-')) };
  folders.push(settings.dataFolder);
  const core = {
    log,
    store: counted,
    peppers: [PEPPER],
    logger: silent,
    metrics: createMetrics(),
    settings,
    usage: createMemoryLog(),
  };
  return { core: core as unknown as Core, key: writer.secretOf(writer.keyId('a')), reads: () => reads };
}

test('a view of its own begins with the first key that is shown, and answers once it is proven fresh', async () => {
  const { core, key, reads } = await setUp();
  const calling = createKeyChecker(core, null);
  expect(reads()).toBe(0);
  expect(calling.checker().check({ key })).toBeNull();
  await vi.waitFor(() => expect(calling.checker().check({ key })?.verdict.code).toBe('VALID'), { timeout: 10_000 });
  const loaded = reads();
  expect(calling.checker()).toBe(calling.checker());
  expect(reads()).toBe(loaded);
  await calling.stop();
});

test('where a verifier runs in the process, it is asked, and left to whoever started it', async () => {
  const { core, reads } = await setUp();
  const judge = { prepare: () => null, judge: () => null, judgeAll: () => [] };
  const verifier = { judge, check: () => null, view: () => null, holdBack: () => () => true };
  const calling = createKeyChecker(core, verifier);
  expect(calling.checker()).toBe(verifier);
  await calling.stop();
  expect(reads()).toBe(0);
});
