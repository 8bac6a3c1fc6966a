// Files that are there whole or not at all: whatever fails on the way leaves nothing behind.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDurableFile } from '../../services/shared/durable-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file is made once: whoever comes later leaves it as it is', async () => {
  const file = join(folder, 'a');
  expect([await createDurableFile(file, 'first'), await createDurableFile(file, 'second')]).toEqual([true, false]);
  expect([await readFile(file, 'utf8'), await readdir(folder)]).toEqual(['first', ['a']]);
});

test('a write that fails leaves nothing in the folder', async () => {
  const unwritable = { byteLength: 1 } as Uint8Array;
  await expect(createDurableFile(join(folder, 'a'), unwritable)).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
});
