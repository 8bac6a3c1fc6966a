// A backup that is made after an erasure holds nothing of what was erased: not in what was copied before the rest was
// settled, and not in what databases leave in their files.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../events/logs/embedded.ts';
import { backUp } from '../../services/backup/backup.ts';
import type { Api } from '../support/api.ts';
import { cli } from '../support/cli.ts';
import { startEmbedded, type InProcess } from '../support/in-process.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';
import { usageReached } from '../support/usage.ts';

const CALLS = 200;
let root: string;
let running: InProcess & { readonly folder: string };
let api: Api;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-erased-'));
  running = await startEmbedded();
  api = await running.api();
});
afterAll(async () => {
  await running.stop();
  await rm(root, { recursive: true, force: true });
});

/** Calls with a key, each from an address and by a user agent of its own; what they were. */
async function call({ secret, position }: MadeKey, number: number): Promise<readonly string[]> {
  const ip = `2001:db8:beef:c0de:cafe:f00d:${(0x1000 + number).toString(16)}:${(0xa000 + number).toString(16)}`;
  const userAgent = `Client/${number}-${crypto.randomUUID()}`;
  const { code } = await running.verifiers[0]!.verify(secret, {
    ...{ atLeast: position, ip },
    request: { id: `r-${number}`, method: 'GET', path: '/orders', userAgent },
  });
  expect(code).toBe('VALID');
  return [ip, userAgent];
}

/** Which of the texts lie anywhere in the files of a folder. */
async function found(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name !== 'usage'); // a folder: what is not recorded yet
  const files = names.map((name) => readFile(join(folder, name), 'latin1'));
  const bytes = (await Promise.all(files)).join('\n');
  return texts.filter((text) => bytes.includes(text));
}

test('holds nothing personal of a key that was forgotten, nor who called with it, and all of the others', async () => {
  const details = (of: string) => ({ name: `Name ${of}`, description: `About ${of}`, tags: [`tag-${of}`] });
  const [gone, stays] = [await createKey(api, details('gone')), await createKey(api, details('stays'))];
  const [erased, kept]: [string[], string[]] = [
    ['Name gone', 'About gone', 'tag-gone'],
    ['Name stays', 'About stays', 'tag-stays'],
  ];
  for (let number = 0; number < CALLS; number += 2) {
    erased.push(...(await call(gone, number)));
    kept.push(...(await call(stays, number + 1)));
  }
  const { store, usage } = running.core;
  const all = [...erased, ...kept];
  const recorded = () => found(join(running.folder, 'data'), all);
  await expect.poll(recorded, { timeout: 30_000 }).toEqual(all);
  await usageReached(usage, store);
  // The log of usage holds it still, until it is tidied, once a minute.
  await change(api, 'forgetKey', gone.keyId);

  const directory = join(root, 'backup');
  const env = { KEYFOLD_DATA: join(running.folder, 'data'), KEYFOLD_URL: api.url };
  expect((await cli(['backup', directory], env)).code).toBe(0);
  expect(await found(directory, erased)).toEqual([]);
  expect(await found(directory, kept)).toEqual(kept);
}, 120_000);

test('holds no scraps of what was removed from the log of usage, nor does that log once it is closed', async () => {
  let random = 1;
  const below = (bound: number): number => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % bound;
  for (let seed = 1; seed <= 6; seed++) {
    random = seed * 7919;
    const data = join(root, `log${seed}`);
    const log = await openEmbeddedLog({ directory: data, file: 'usage.db', trims: true });
    let [recorded, removed] = [0, 0];
    for (let round = 0; round < 40; round++) {
      const records = Array.from({ length: 1 + below(60) }, () => {
        const text = `CALLER${String(recorded++).padStart(7, '0')}E`;
        return { key: 'v', value: Buffer.from(text.padEnd(20 + below(round % 3 ? 900 : 9000), 'x')), headers: {} };
      });
      await log.append(records);
      if (below(3) > 0) continue;
      removed += below(recorded - removed + 1);
      await log.trim?.({ 0: removed });
    }
    const directory = join(root, `scraps${seed}`);
    await backUp({
      ...{ directory, dataFolder: data, sources: log.copies ?? [], now: () => '2030-01-01T00:00:00.000Z' },
      ...{ signal: AbortSignal.timeout(60_000), report: () => undefined },
    });
    await log.close();
    // After a clean stop the data folder is clean, too.
    for (const folder of [directory, data]) {
      const bytes = await readFile(join(folder, 'usage.db'), 'latin1');
      const held = new Set([...bytes.matchAll(/CALLER(\d{7})E/g)].map(([, number]) => Number(number)));
      expect(Math.min(...held), folder).toBe(removed);
      expect(held.size).toBe(recorded - removed);
    }
  }
});
