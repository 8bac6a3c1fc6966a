// Where a backup may be written: outside of the data folder by every name that leads there; nothing that somebody else has
// made is removed; and what cannot be used is refused in words.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { backUp } from '../../services/backup/backup.ts';

const roots: string[] = [];
let root: string;
let data: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-target-'));
  roots.push(root);
  data = join(root, 'data');
  await installation(data);
});
afterAll(async () => {
  for (const each of roots) await rm(each, { recursive: true });
});

/** As much of one as these tests need. */
async function installation(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'peppers'), 'p');
}

const backUpTo = (directory: string, dataFolder = data) =>
  backUp({
    ...{ directory, dataFolder, sources: [], now: () => '2030-01-01T00:00:00.000Z' },
    ...{ signal: AbortSignal.timeout(30_000), report: () => undefined },
  });
const IN_DATA = { code: 'TARGET_IN_DATA', advice: expect.stringMatching(/^name /) as string };
const IN_THE_WAY = {
  code: 'TARGET_EXISTS',
  message: expect.stringContaining('is in the way') as string,
  advice: expect.stringMatching(/move that one away/) as string,
};

describe('a backup into the data folder', () => {
  test.each(['.', 'b', '..b', '...', 'a/../..b', 'new/b'])('is refused as %s', async (name) => {
    await expect(backUpTo(`${data}/${name}`)).rejects.toMatchObject(IN_DATA);
    expect(await readdir(data)).toEqual(['peppers']);
  });

  test('is refused through links to it, or to a folder in it, and where its own name is a link', async () => {
    await mkdir(join(data, 'usage'));
    await symlink(data, join(root, 'link'));
    await symlink(join(data, 'usage'), join(root, 'within'));
    for (const directory of ['link', 'link/b', 'link/new/b', 'within', 'within/b'].map((name) => join(root, name)))
      await expect(backUpTo(directory), directory).rejects.toMatchObject(IN_DATA);
    await expect(backUpTo(join(data, 'b'), join(root, 'link'))).rejects.toMatchObject(IN_DATA);
    expect(await readdir(join(data, 'usage'))).toEqual([]);
    expect((await readdir(data)).sort()).toEqual(['peppers', 'usage']);
  });

  test('is not what lies beside it under a name that looks like it', async () => {
    for (const name of ['..data', 'data2', 'data..', 'new/data']) {
      await backUpTo(join(root, name));
      expect((await readdir(join(root, name))).sort(), name).toEqual(['manifest.json', 'peppers']);
    }
  });
});

describe('the folder that a backup is written in at first', () => {
  test('is never the data folder, one that holds it, or one in it', async () => {
    const half = join(root, 'inst.keyfold-partial');
    for (const folder of [half, join(half, 'data')]) {
      await installation(folder);
      await writeFile(join(half, '.keyfold-partial'), ''); // even then
      await expect(backUpTo(join(root, 'inst'), folder)).rejects.toMatchObject(IN_DATA);
      expect(await readFile(join(folder, 'peppers'), 'utf8')).toBe('p');
    }
    await mkdir(join(data, 'usage'));
    for (const [name, target] of [
      ['one', data],
      ['two', join(data, 'usage')],
      ['three', root],
    ] as const) {
      await symlink(target, join(root, `${name}.keyfold-partial`));
      await expect(backUpTo(join(root, name)), name).rejects.toMatchObject(IN_DATA);
    }
    expect((await readdir(data)).sort()).toEqual(['peppers', 'usage']);
  });

  test('is removed if a backup has left it, and only then', async () => {
    const half = join(root, 'b.keyfold-partial');
    await mkdir(half);
    await writeFile(join(half, 'mine'), 'x');
    await expect(backUpTo(join(root, 'b'))).rejects.toMatchObject(IN_THE_WAY);
    expect(await readdir(half)).toEqual(['mine']);

    await writeFile(join(half, '.keyfold-partial'), '');
    await backUpTo(join(root, 'b'));
    expect((await readdir(root)).sort()).toEqual(['b', 'data']);
    // The mark is in no whole backup: the manifest names all that is there.
    expect((await readdir(join(root, 'b'))).sort()).toEqual(['manifest.json', 'peppers']);

    await mkdir(join(root, 'c.keyfold-partial')); // killed before it was marked
    await backUpTo(join(root, 'c'));

    await writeFile(join(root, 'd.keyfold-partial'), 'a file');
    await symlink(join(root, 'b'), join(root, 'e.keyfold-partial'));
    for (const name of ['d', 'e']) await expect(backUpTo(join(root, name))).rejects.toMatchObject(IN_THE_WAY);
    expect((await readdir(root)).sort()).toEqual(['b', 'c', 'd.keyfold-partial', 'data', 'e.keyfold-partial']);
  });
});

test.each([
  ['with a NUL character', () => join(root, 'a\0b'), /holds a NUL character/, /another/],
  ['of a name that is too long', () => join(root, 'a'.repeat(300)), /ENAMETOOLONG/, /shorter/],
  ['of a name that is too long while it is half written', () => join(root, 'a'.repeat(250)), /ENAMETOOLONG/, /shorter/],
  ['that is too long', () => `${root}${'/abcdefg'.repeat(1000)}`, /ENAMETOOLONG/, /shorter/],
  ['in /proc', () => '/proc/keyfold', /no folder can be made in \/proc|cannot be written in \/proc/, /name/],
  ['under /proc', () => '/proc/new/keyfold', /no folder can be made in \/proc|cannot be written in \/proc/, /name/],
  ['under a file', () => join(data, '..', 'file', 'b'), /is no folder/, /name a folder/],
  ['that links lead round in', () => join(root, 'round', 'b'), /ELOOP/, /name a folder/],
])('a path %s is refused in words, with advice', async (_, path, message, advice) => {
  await writeFile(join(root, 'file'), '');
  await symlink(join(root, 'round'), join(root, 'round'));
  await expect(backUpTo(path())).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:STORAGE_FAILED|TARGET_EXISTS)$/) as string,
    message: expect.stringMatching(message) as string,
    advice: expect.stringMatching(advice) as string,
  });
  expect((await readdir(root)).sort()).toEqual(['data', 'file', 'round']);
});
