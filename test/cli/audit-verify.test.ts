// keyfold audit verify: what it prints of a bundle, where it says that somebody tampered with it, and its exit codes. No
// server is there, and no settings are.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jwksOf } from '../../events/proof/checkpoint.ts';
import { bundleOf, KEYS, randomWorld, type Mark, type World } from '../proof/bundles.ts';
import { keyfold, type Ran } from './command.ts';

let folder: string;
let world: World;
let to: Mark;
let older: Mark;
let whole: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-audit-'));
  for (let seed = 1; ; seed++) {
    world = await randomWorld(seed);
    [older, to] = [world.marks.at(-2)!, world.marks.at(-1)!];
    if (world.marks.length > 2 && world.entries.length > 20) break;
  }
  whole = bundleOf(world, { workspace: null, from: null, older: [older], to });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = async (name: string, content: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const verify = (...argv: readonly string[]): Promise<Ran> => keyfold(['audit', 'verify', ...argv], { env: {} });

describe('keyfold audit verify', () => {
  it('says of an intact bundle what is in it, what it belongs to, and that nobody vouches for the key', async () => {
    const path = await file('whole.ndjson', whole.join(''));
    const { code, out, err } = await verify(path);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { id, time, count } = to.signed.checkpoint;
    for (const said of ['intact', 'everything', `${id} of ${time}`, 'not tied to a known key', String(count)])
      expect(out).toContain(said);
  });

  it('ties the signature to a key file, and the bundle to a checkpoint that was kept', async () => {
    const path = await file('whole.ndjson', whole.join(''));
    const keys = await file('keys.json', JSON.stringify(jwksOf(KEYS)));
    const kept = await file('kept.json', JSON.stringify(older.signed));
    const { code, out } = await verify(path, '--keys', keys, '--checkpoint', kept, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'intact',
      summary: { kept: older.signed.checkpoint.id, checkpoint: { known: true }, events: world.entries.length },
    });
  });

  it('reads a bundle from standard input', async () => {
    const { code, out } = await keyfold(['audit', 'verify', '-'], { env: {}, input: whole.join('') });
    expect([code, out.includes('intact')]).toEqual([0, true]);
  });

  it('ends with 1 and names the line, the event and what is wrong', async () => {
    const at = whole.findIndex((line) => line.startsWith('{"event"'));
    const path = await file('edited.ndjson', whole.with(at, whole[at]!.replace('"user:ada"', '"user:eve"')).join(''));
    const { code, out, err } = await verify(path);
    const { id } = (JSON.parse(whole[at]!) as { event: { id: string } }).event;
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: `TAMPERED: line ${at + 1}, ${id}: hash does not match the content\n`,
    });
    expect(JSON.parse((await verify(path, '--json')).out)).toEqual({
      kind: 'tampered',
      line: at + 1,
      eventId: id,
      problem: 'hash does not match the content',
    });
  });

  it('ends with 1 for a bundle that was cut off, and for one that a key signed which is not in the key file', async () => {
    const cut = await verify(await file('cut.ndjson', whole.slice(0, -1).join('')));
    expect([cut.code, cut.err]).toEqual([
      1,
      `TAMPERED: line ${whole.length}: the line of the checkpoint is missing: the bundle was cut off\n`,
    ]);
    const path = await file('whole.ndjson', whole.join(''));
    const others = await file('others.json', JSON.stringify(jwksOf([{ id: 'x', key: Buffer.alloc(32, 5) }])));
    const foreign = await verify(path, '--keys', others);
    expect([foreign.code, foreign.err.includes('not among the known ones')]).toEqual([1, true]);
  });

  it('ends with 2 where it cannot be told, and says what to do', async () => {
    const path = await file('whole.ndjson', whole.join(''));
    const early = await file('early.json', JSON.stringify(world.marks[0]!.signed));
    const untold = await verify(path, '--checkpoint', early);
    expect(untold.code).toBe(2);
    expect(untold.err).toMatch(/does not tell what was at checkpoint@1[^]*--checkpoint FILE/);
    const old = await file(
      'old.ndjson',
      bundleOf(world, { workspace: null, from: null, older: [], to: older }).join(''),
    );
    const newer = await verify(old, '--checkpoint', await file('new.json', JSON.stringify(to.signed)));
    expect([newer.code, newer.err.includes('is newer than the bundle')]).toEqual([2, true]);
  });

  it('ends with 2 for what cannot be read: no file, no bundle, no checkpoint, no key file', async () => {
    const path = await file('whole.ndjson', whole.join(''));
    const junk = await file('junk', 'name,scopes\na,b\n');
    const empty = await file('empty', '');
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[join(folder, 'none')], 'there is no such file'],
      [[folder], 'it is a folder'],
      [[junk], 'this is no bundle'],
      [[empty], 'there is nothing in it'],
      [[path, '--checkpoint', junk], 'is not a signed checkpoint: it is not JSON'],
      [[path, '--checkpoint', await file('e.json', '{}')], 'is not a signed checkpoint'],
      [[path, '--keys', await file('n.json', '{"keys":[]}')], 'has no Ed25519 key'],
      [[path, '--keys', join(folder, 'none')], 'there is no such file'],
      [[], 'missing required argument'],
    ];
    for (const [argv, said] of cases) {
      const { code, err } = await verify(...argv);
      expect([code, err.includes(said)], err).toEqual([2, true]);
    }
  });
});
