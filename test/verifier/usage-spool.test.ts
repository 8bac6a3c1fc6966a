// The usage spool: what was put is there until it was acknowledged, whole, in order, within its bounds, whoever dies.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUsageSpool, type UsageSpool, type UsageSpoolOptions } from '../../services/verifier/usage-spool.ts';
import { silent } from './support.ts';
import { batch, readBatch } from './usage-support.ts';

let folder = '';
let root = '';
let dropped: string[] = [];
const open: UsageSpool[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-usage-'));
  folder = join(root, 'usage');
  dropped = [];
});
afterEach(async () => {
  for (const spool of open.splice(0)) await spool.close();
  await rm(root, { recursive: true, force: true });
});

function spoolOn(options: Partial<UsageSpoolOptions> = {}): UsageSpool {
  const onDropped = (what: string, count: number): void => void dropped.push(`${count} ${what}`);
  const spool = createUsageSpool({ folder, logger: silent, onDropped, retryMs: 1, ...options });
  open.push(spool);
  return spool;
}
/** As after a kill: the lock goes, and nothing is written. */
async function reopened(spool: UsageSpool): Promise<UsageSpool> {
  await spool.close();
  const again = spoolOn();
  await again.open();
  return again;
}
const files = async (slot = '1'): Promise<string[]> =>
  (await readdir(join(folder, slot))).filter((name) => name.includes('usage')).toSorted();
/** Takes all that is there, in order. */
async function drain(spool: UsageSpool) {
  const found: { verifier: string; sequence: number; calls: number }[] = [];
  while (!spool.isEmpty) {
    const parcel = (await spool.next(new AbortController().signal))!;
    const json = await spool.read(parcel);
    if (json === null) continue;
    const { verifier, sequence, requests } = readBatch(json);
    found.push({ verifier, sequence, calls: requests.length });
    await spool.remove(parcel);
  }
  return found;
}
const sequences = async (spool: UsageSpool) => (await drain(spool)).map(({ sequence }) => sequence);

describe('a batch', () => {
  test('is on disk once it was put, and gone once it was removed; nobody else may read it', async () => {
    const spool = spoolOn();
    await spool.put(batch(1));
    expect(await files()).toEqual(['v1.000000000001.usage']);
    expect((await stat(join(folder, '1', 'v1.000000000001.usage'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(spool.bytes).toBe(batch(1).json.byteLength);
    expect(await drain(spool)).toEqual([{ verifier: 'v1', sequence: 1, calls: 1 }]);
    expect(await files()).toEqual([]);
    expect(spool.bytes).toBe(0);
  });

  test('is waited for, and nobody waits past the signal', async () => {
    const spool = spoolOn();
    const next = spool.next(new AbortController().signal);
    await spool.put(batch(1));
    expect(await next).toMatchObject({ sequence: 1 });
    await spool.remove((await next)!);
    const stop = new AbortController();
    const none = spool.next(stop.signal);
    stop.abort();
    expect(await none).toBeNull();
  });
});

describe('a batch that is held', () => {
  test('goes without ever having been on disk, in its order', async () => {
    const spool = spoolOn();
    await spool.open();
    for (const sequence of [1, 2, 3]) expect(spool.hold(batch(sequence))).toBe(true);
    expect(spool.bytes).toBe(3 * batch(1).json.byteLength);
    expect(await files()).toEqual([]);
    expect(await sequences(spool)).toEqual([1, 2, 3]);
    expect(await files()).toEqual([]);
  });

  test('is on disk once it has waited for long, and is the next process’s then', async () => {
    const spool = spoolOn();
    await spool.open();
    for (const sequence of [1, 2]) spool.hold(batch(sequence));
    await spool.settle(60_000);
    expect(await files()).toEqual([]);
    await spool.settle(0);
    expect(await files()).toEqual(['v1.000000000001.usage', 'v1.000000000002.usage']);
    expect(await sequences(await reopened(spool))).toEqual([1, 2]);
  });

  test('is on disk before one that was put behind it', async () => {
    const spool = spoolOn();
    spool.hold(batch(1));
    await spool.put(batch(2));
    expect(await sequences(await reopened(spool))).toEqual([1, 2]);
  });

  test('leaves no file when it is sent while it is written', async () => {
    const spool = spoolOn();
    await spool.open();
    spool.hold(batch(1));
    const parcel = (await spool.next(new AbortController().signal))!;
    const settled = spool.settle(0);
    await spool.remove(parcel);
    await settled;
    expect([spool.isEmpty, await files()]).toEqual([true, []]);
  });

  test('is not, where too many are: it is to be put', async () => {
    const spool = spoolOn({ maxMemoryBytes: batch(1).json.byteLength * 2 });
    for (const sequence of [1, 2]) expect(spool.hold(batch(sequence))).toBe(true);
    expect(spool.hold(batch(3))).toBe(false);
    await spool.put(batch(3));
    expect(await files()).toHaveLength(3);
    for (const sequence of [4, 5]) expect(spool.hold(batch(sequence))).toBe(true);
    expect(spool.hold(batch(6))).toBe(false);
    // At the end nobody is kept waiting.
    spool.finish();
    expect(spool.hold(batch(6))).toBe(true);
    expect(await sequences(spool)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('what a process has left', () => {
  test('is there for the next one, under its own ids and sequences, of each in order', async () => {
    const spool = spoolOn();
    for (const sequence of [2, 9, 10, 11]) await spool.put(batch(sequence, { verifier: 'v2' }));
    for (const sequence of [3, 4]) await spool.put(batch(sequence));
    const again = await reopened(spool);
    await again.put(batch(1, { verifier: 'v0' }));
    const found = await drain(again);
    const of = (verifier: string) => found.filter((each) => each.verifier === verifier).map((each) => each.sequence);
    expect([of('v0'), of('v1'), of('v2')]).toEqual([[1], [3, 4], [2, 9, 10, 11]]);
  });

  test('is not taken while it lives: another one has a folder of its own, and takes both once both are gone', async () => {
    const first = spoolOn();
    await first.put(batch(1));
    const second = spoolOn();
    await second.put(batch(1, { verifier: 'v2' }));
    await second.put(batch(2, { verifier: 'v2' }));
    expect([await files('1'), (await files('2')).length]).toEqual([['v1.000000000001.usage'], 2]);
    await first.close();
    await second.close();
    const third = spoolOn();
    await third.open();
    expect(await drain(third)).toEqual([
      { verifier: 'v1', sequence: 1, calls: 1 },
      { verifier: 'v2', sequence: 1, calls: 1 },
      { verifier: 'v2', sequence: 2, calls: 1 },
    ]);
    // And gives back the folder that it does not need.
    const fourth = spoolOn();
    await fourth.put(batch(1, { verifier: 'v4' }));
    expect(await files('2')).toEqual(['v4.000000000001.usage']);
  });

  test.each([
    ['cut', (content: Buffer) => content.subarray(0, content.length - 5)],
    ['empty', () => Buffer.alloc(0)],
    ['flipped by a bit', (content: Buffer) => ((content[200]! ^= 1), content)],
    ['another one’s', (content: Buffer) => content],
    ['no batch', () => Buffer.from('nothing\n{}')],
  ])('and is %s is set aside and passed, the rest is sent', async (how, damage) => {
    const spool = spoolOn();
    for (const sequence of [1, 2, 3]) await spool.put(batch(sequence));
    await spool.close();
    const path = join(folder, '1', 'v1.000000000002.usage');
    await writeFile(path, damage(await readFile(how === 'another one’s' ? path.replace('2.', '3.') : path)));
    const again = spoolOn();
    await again.open();
    expect(await sequences(again)).toEqual([1, 3]);
    expect(await files()).toEqual(['v1.000000000002.usage.damaged']);
    expect(dropped).toEqual(['1 batches']);
    expect(await sequences(await reopened(again))).toEqual([]);
  });

  test('and is gone, or no file any more, is passed, the rest is sent', async () => {
    const spool = spoolOn();
    for (const sequence of [1, 2, 3, 4]) await spool.put(batch(sequence));
    await spool.close();
    const again = spoolOn();
    await again.open();
    await rm(join(folder, '1', 'v1.000000000001.usage'));
    await rm(join(folder, '1', 'v1.000000000003.usage'));
    await mkdir(join(folder, '1', 'v1.000000000003.usage'));
    expect(await sequences(again)).toEqual([2, 4]);
    expect(dropped).toEqual(['1 batches', '1 batches']);
  });

  test('unfinished is removed', async () => {
    const spool = spoolOn();
    await spool.put(batch(1));
    await spool.close();
    await writeFile(join(folder, '1', 'v1.000000000002.usage.0123456789abcdef.tmp'), 'half');
    const again = spoolOn();
    await again.open();
    expect(await files()).toEqual(['v1.000000000001.usage']);
  });

  test('once with its calls and once without, by a kill in between, is one batch', async () => {
    const spool = spoolOn();
    await spool.put(batch(1, { calls: 5 }));
    await spool.put(batch(2, { calls: 5 }));
    const whole = await readFile(join(folder, '1', 'v1.000000000001.usage'));
    await spool.close();
    const small = spoolOn({ maxBytes: 2500 });
    await small.open();
    await small.put(batch(3, { calls: 5 }));
    expect(await files()).toContain('v1.000000000001.counts.usage');
    await small.close();
    await writeFile(join(folder, '1', 'v1.000000000001.usage'), whole);
    const again = spoolOn();
    await again.open();
    expect(await files()).not.toContain('v1.000000000001.usage');
    expect((await drain(again))[0]).toMatchObject({ sequence: 1, calls: 0 });
  });
});

describe('the bound on disk', () => {
  test('takes the calls of the oldest batches first, then whole batches; what is being sent stays as it is', async () => {
    const size = batch(10, { calls: 10 }).json.byteLength;
    const spool = spoolOn({ maxBytes: size * 3 });
    await spool.put(batch(10, { calls: 10 }));
    const sent = (await spool.next(new AbortController().signal))!;
    for (let sequence = 11; sequence < 16; sequence++) await spool.put(batch(sequence, { calls: 10 }));
    expect(spool.bytes).toBeLessThanOrEqual(size * 3);
    expect(dropped).toEqual(['10 requests', '10 requests', '10 requests', '10 requests']);
    for (let sequence = 16; sequence < 60; sequence++) await spool.put(batch(sequence, { calls: 10 }));
    expect(spool.bytes).toBeLessThanOrEqual(size * 3);
    const batches = dropped.filter((what) => what === '1 batches').length;
    expect(batches).toBeGreaterThan(3);
    expect(dropped.at(-1)).toBe('1 batches');
    expect(await spool.read(sent)).toEqual(batch(10, { calls: 10 }).json);
    const found = await drain(spool);
    expect(found[0]).toEqual({ verifier: 'v1', sequence: 10, calls: 10 });
    const rest = found.slice(1);
    expect(rest.map(({ sequence }) => sequence)).toEqual(rest.map((_, n) => 60 - rest.length + n));
    expect(rest.length).toBe(49 - batches);
    expect(await files()).toEqual([]);
  });
});

describe('a disk that takes nothing', () => {
  const size = batch(1).json.byteLength;

  test('keeps some in memory, says so, and whoever brings more waits until one is gone', async () => {
    await writeFile(folder, 'in the way');
    const spool = spoolOn({ maxMemoryBytes: size * 2 });
    await spool.put(batch(1));
    await spool.put(batch(2));
    expect(spool.trouble()).toMatch(/^the usage spool cannot be written \([A-Z]+\): usage waits in memory$/);
    let done = false;
    const third = spool.put(batch(3)).then(() => (done = true));
    await new Promise(setImmediate);
    expect(done).toBe(false);
    const parcel = (await spool.next(new AbortController().signal))!;
    expect(await spool.read(parcel)).toEqual(batch(1).json);
    await spool.remove(parcel);
    await third;
    expect(await sequences(spool)).toEqual([2, 3]);
  });

  test('has them all once it takes them again', async () => {
    await writeFile(folder, 'in the way');
    const spool = spoolOn({ maxMemoryBytes: size * 2 });
    for (const sequence of [1, 2]) await spool.put(batch(sequence));
    const third = spool.put(batch(3));
    await rm(folder);
    await third;
    expect(await files()).toHaveLength(3);
    expect(spool.trouble()).toBeNull();
    expect(await sequences(await reopened(spool))).toEqual([1, 2, 3]);
  });

  test('keeps nobody waiting at the end, and tells how many batches are lost', async () => {
    await writeFile(folder, 'in the way');
    const spool = spoolOn({ maxMemoryBytes: size });
    await spool.put(batch(1));
    const second = spool.put(batch(2));
    spool.finish();
    await second;
    expect(await spool.close()).toBe(2);
  });
});
