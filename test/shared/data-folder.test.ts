// The data folder: its secrets are made once, privately and whole, and never made anew in the place of damaged ones.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolderError, openDataFolder, readIssuerKey } from '../../services/shared/data-folder.ts';

const FILES = ['checkpoint-keys', 'issuer.json', 'peppers', 'sealing-keys'];
let parent = '';
let folder = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'keyfold-data-'));
  folder = join(parent, 'deep', 'data');
});
afterEach(() => rm(parent, { recursive: true }));

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const failure = async (work: Promise<unknown>): Promise<DataFolderError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataFolderError);
  return error as DataFolderError;
};

describe('a new data folder', () => {
  it('is private, and so is every file in it, whatever the umask is', async () => {
    const before = process.umask(0);
    try {
      await openDataFolder(folder);
    } finally {
      process.umask(before);
    }
    expect(await modeOf(folder)).toBe(0o700);
    expect((await readdir(folder)).sort()).toEqual(FILES);
    for (const file of FILES) expect(await modeOf(join(folder, file))).toBe(0o600);
  });

  it('has one pepper, one sealing key and an issuer, all random', async () => {
    const [a, b] = [await openDataFolder(folder), await openDataFolder(join(parent, 'other'))];
    for (const made of [a, b]) {
      expect([...made.peppers, ...made.sealingKeys].map(({ key }) => key.length)).toEqual([32, 32]);
      expect(made.warnings).toEqual([]);
    }
    const values = [a, b].flatMap((made) => [
      ...[...made.peppers, ...made.sealingKeys].map(({ key }) => Buffer.from(key).toString('hex')),
      made.issuerKey.d,
      made.issuerKey.kid,
    ]);
    expect(new Set(values).size).toBe(values.length);
  });

  it('opened again gives the same', async () => {
    const first = await openDataFolder(folder);
    expect(await openDataFolder(folder)).toEqual(first);
    expect(await readIssuerKey(folder)).toEqual(first.issuerKey);
  });

  it('opened 20 times at once gives the same to all, and leaves nothing else behind', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => openDataFolder(folder)));
    for (const other of all) expect(other).toEqual(all[0]);
    expect((await readdir(folder)).sort()).toEqual(FILES);
  });

  it('opened by several processes at once gives the same to all', async () => {
    const script = `import { openDataFolder } from ${JSON.stringify(join(import.meta.dirname, '../../services/shared/data-folder.ts'))};
      const { peppers, sealingKeys, issuerKey } = await openDataFolder(${JSON.stringify(folder)});
      console.log(JSON.stringify([peppers, sealingKeys, issuerKey]));`;
    const file = join(parent, 'open.mts');
    await writeFile(file, script);
    const tsx = join(import.meta.dirname, '../../node_modules/.bin/tsx');
    const outputs = await Promise.all([1, 2, 3].map(() => promisify(execFile)(tsx, [file])));
    expect(new Set(outputs.map(({ stdout }) => stdout)).size).toBe(1);
  });

  it('an own pepper that is put in front is taken, newest first', async () => {
    const { peppers } = await openDataFolder(folder);
    const file = join(folder, 'peppers');
    const added = `new:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
    await writeFile(file, `${added},${await readFile(file, 'utf8')}`);
    expect((await openDataFolder(folder)).peppers.map(({ id }) => id)).toEqual(['new', peppers[0]?.id]);
  });
});

describe('a damaged data folder', () => {
  const damages: readonly (readonly [string, (file: string) => Promise<void>])[] = [
    ['empty', (file) => writeFile(file, '')],
    ['cut', async (file) => writeFile(file, (await readFile(file, 'utf8')).slice(0, 30))],
    ['binary', (file) => writeFile(file, Buffer.from([0xff, 0xfe, 0x00]))],
    ['of another kind', (file) => writeFile(file, '{"kty":"oct"}')],
    [
      'a folder',
      async (file) => {
        await rm(file);
        await mkdir(file);
      },
    ],
  ];
  describe.each(FILES)('%s', (name) => {
    it.each(damages)('%s is refused by name, and stays as it is', async (_, damage) => {
      await openDataFolder(folder);
      const file = join(folder, name);
      await damage(file);
      const bytes = await readFile(file).catch(() => 'none');
      const { message } = await failure(openDataFolder(folder));
      expect(message).toContain(file);
      expect(await readFile(file).catch(() => 'none')).toEqual(bytes);
    });

    it.each([
      [0o644, 'can be read by'],
      [0o602, 'can be changed by'],
      [0o666, 'can be read and changed by'],
    ])('with mode %o is warned of by name', async (mode, told) => {
      await openDataFolder(folder);
      await chmod(join(folder, name), mode);
      expect((await openDataFolder(folder)).warnings).toEqual([
        expect.stringContaining(`${join(folder, name)} ${told}`),
      ]);
    });
  });

  it.each([0o770, 0o702, 0o777])('the folder itself with mode %o is warned of once', async (mode) => {
    await openDataFolder(folder);
    await chmod(folder, mode);
    expect((await openDataFolder(folder)).warnings).toEqual([expect.stringMatching(`^${folder} can be changed by`)]);
  });

  it('databases that others may read or change are warned of, each once, where others get to them', async () => {
    await openDataFolder(folder);
    for (const [name, mode] of [
      ['log.db', 0o644],
      ['read.db', 0o666],
      ['kept.db', 0o640],
    ] as const) {
      await writeFile(join(folder, name), '');
      await writeFile(join(folder, `${name}-wal`), '');
      await chmod(join(folder, name), mode);
    }
    expect((await openDataFolder(folder)).warnings).toEqual([]);
    await chmod(folder, 0o755);
    expect((await openDataFolder(folder)).warnings).toEqual([
      expect.stringContaining(`${join(folder, 'log.db')} can be read by`),
      expect.stringContaining(`${join(folder, 'read.db')} can be read and changed by`),
    ]);
  });

  it.each(['peppers', 'sealing-keys'])('%s that are gone from under the data are not made anew', async (name) => {
    await openDataFolder(folder);
    await writeFile(join(folder, 'log.db'), '');
    await rm(join(folder, name));
    const { message } = await failure(openDataFolder(folder));
    expect(message).toContain(join(folder, name));
    expect(await readdir(folder)).not.toContain(name);
  });

  it('a start that was cut off between two files is finished by the next one', async () => {
    const { peppers } = await openDataFolder(folder);
    await rm(join(folder, 'sealing-keys'));
    await writeFile(join(folder, 'sealing-keys.0123456789abcdef.tmp'), 'half');
    expect((await openDataFolder(folder)).peppers).toEqual(peppers);
  });

  it('halves of two key pairs are no issuer', async () => {
    const [a, b] = [(await openDataFolder(folder)).issuerKey, (await openDataFolder(join(parent, 'other'))).issuerKey];
    await writeFile(join(folder, 'issuer.json'), JSON.stringify({ ...a, x: b.x }));
    expect((await failure(openDataFolder(folder))).message).toContain('issuer.json is damaged');
  });

  it('no message holds a piece of a secret', async () => {
    const { issuerKey, peppers } = await openDataFolder(folder);
    await writeFile(join(folder, 'issuer.json'), JSON.stringify({ ...issuerKey, x: 'x' }));
    const { message, stack } = await failure(openDataFolder(folder));
    for (const secret of [issuerKey.d, Buffer.from(peppers[0]?.key ?? []).toString('base64')]) {
      expect(`${message}${stack ?? ''}`).not.toContain(secret.slice(0, 12));
    }
  });

  it('a folder that cannot be made is refused by name', async () => {
    await writeFile(join(parent, 'file'), '');
    expect((await failure(openDataFolder(join(parent, 'file', 'data')))).message).toContain(
      join(parent, 'file', 'data'),
    );
  });

  it('reading the issuer of a folder that nobody has opened makes nothing', async () => {
    const { advice } = await failure(readIssuerKey(folder));
    expect(advice).toContain('start Keyfold first');
    expect(await readdir(parent)).toEqual([]);
  });
});
