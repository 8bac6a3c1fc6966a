// The usage spool on a disk that is slow, hangs or fails at the worst moment: batches go as they are, and nobody waits for it.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createUsageSpool, type UsageSpool } from '../../services/verifier/usage-spool.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { start } from './http-support.ts';
import { silent } from './support.ts';
import { batch, countsOf, foldBatches } from './usage-support.ts';

/** What happens when a batch is about to be written, by the number of the write. */
const disk = vi.hoisted(() => ({ writes: 0, onWrite: (write: number): unknown => write }));
vi.mock('../../services/shared/durable-file.ts', async (importOriginal) => {
  const actual = await importOriginal<typeof import('../../services/shared/durable-file.ts')>();
  return {
    ...actual,
    createDurableFile: async (file: string, content: string | Uint8Array) => {
      if (file.endsWith('.usage')) await disk.onWrite(++disk.writes);
      return actual.createDurableFile(file, content);
    },
  };
});

let folder = '';
let dropped: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-usage-'));
  dropped = [];
  disk.writes = 0;
  disk.onWrite = () => undefined;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function spoolOf(maxBytes?: number): UsageSpool {
  const onDropped = (what: string, count: number): void => void dropped.push(`${count} ${what}`);
  const bound = maxBytes === undefined ? {} : { maxBytes };
  return createUsageSpool({ folder, logger: silent, onDropped, retryMs: 1, ...bound });
}
const next = async (spool: UsageSpool) => (await spool.next(new AbortController().signal))!;

test('what was sent while others were written is not written any more', async () => {
  const spool = spoolOf();
  await spool.open();
  for (let sequence = 1; sequence <= 20; sequence++) spool.hold(batch(sequence));
  disk.onWrite = async () => {
    while (!spool.isEmpty) await spool.remove(await next(spool));
  };
  await spool.settle(0);
  const files = (await readdir(join(folder, '1'))).filter((name) => name.includes('.usage'));
  expect([disk.writes, files]).toEqual([1, []]);
  await spool.close();
});

describe('a batch that is taken while its calls are taken out of it', () => {
  const size = batch(1, { calls: 10 }).json.byteLength;

  test.each([
    ['stays as it is', () => undefined],
    [
      'and the disk fails is not lost',
      () => {
        throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    ],
  ])('%s', async (_, then) => {
    const spool = spoolOf(Math.floor(size * 2.5));
    for (const sequence of [1, 2]) await spool.put(batch(sequence, { calls: 10 }));
    let parcel: Awaited<ReturnType<typeof next>> | undefined;
    // The third write is the third batch, the fourth the first one without its calls.
    disk.onWrite = async (write) => {
      if (write !== 4) return;
      parcel = await next(spool);
      then();
    };
    await spool.put(batch(3, { calls: 10 }));
    expect(parcel?.sequence).toBe(1);
    expect(await spool.read(parcel!)).toEqual(batch(1, { calls: 10 }).json);
    await spool.close();
  });
});

test('a verifier that stops while its disk hangs sends what it has recorded', async () => {
  const log = createMemoryLog();
  const of = await start({}, { recordTo: { log, folder } });
  disk.onWrite = () => new Promise(() => undefined);
  for (let n = 0; n < 3; n++) await of.verify({ key: of.key() });
  await of.verifier.stop(1000);
  expect(countsOf(foldBatches(log.records()))).toEqual({ VALID: 3 });
});
