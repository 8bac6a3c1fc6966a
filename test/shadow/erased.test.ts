// A shadow of an installation whose keys were forgotten and deleted: it is equal, and nothing of what was erased is in it, nor
// in anything that it leaves, though it is made anew from a log that holds all of it, sealed.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runShadow } from '../../services/shadow/shadow.ts';
import { cli } from '../support/cli.ts';
import { start, type InProcess } from '../support/in-process.ts';
import { change, createKey } from '../support/keys.ts';

const MINUTES = 60_000;
let folder: string;
let running: InProcess;
const erased: string[] = [];
const kept: string[] = [];
const data = (): string => join(folder, 'data');
const serve = async (): Promise<void> => {
  running = await start({ env: { KEYFOLD_DATA: data() }, dispose: () => Promise.resolve() });
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-shadow-erased-'));
  await serve();
}, 2 * MINUTES);
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A text that is nowhere else. */
const canary = (of: string[], what: string): string => {
  const text = `${what}${crypto.randomUUID().replaceAll('-', '')}`;
  of.push(text);
  return text;
};

/** A key with a name, a description, a tag and a note that are told by events one after the other. */
async function live(of: string[], keyspace = 'default'): Promise<string> {
  const api = await running.api();
  const details = () =>
    keyspace === 'dronahq'
      ? { name: canary(of, 'Name') }
      : { name: canary(of, 'Name'), description: canary(of, 'description'), tags: [canary(of, 'tag')] };
  const scopes = keyspace === 'dronahq' ? ['agent'] : ['orders:read'];
  const { keyId } = await createKey(api, { keyspace, scopes, ...details() });
  await change(api, 'updateKey', keyId, details());
  await change(api, 'disableKey', keyId, { note: canary(of, 'note') });
  return keyId;
}

/** Of the texts, those that any file of a folder holds. */
function heldIn(path: string, of: readonly string[]): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const bytes = files.map((file) => readFileSync(file, 'latin1'));
  return of.filter((text) => bytes.some((each) => each.includes(text)));
}

test(
  'is equal, brings nothing of it back, and leaves nothing',
  async () => {
    const api = await running.api();
    const [forgotten, goesOn, deleted] = [await live(erased), await live(erased), await live(erased, 'dronahq')];
    await live(kept);
    await change(api, 'forgetKey', forgotten);
    await change(api, 'forgetKey', goesOn);
    // Under the next data key.
    const name = canary(kept, 'Again');
    await change(api, 'updateKey', goesOn, { name });
    await change(api, 'deleteKey', deleted);

    // What lies in the shadow while the two are compared, and what it shows.
    const { core } = running;
    const seen = { erased: new Set<string>(), kept: new Set<string>(), looks: 0 };
    const result = await runShadow({
      ...{ log: core.log, dataKeys: core.dataKeys, dataFolder: data(), now: core.now },
      store: core.store,
      signal: AbortSignal.timeout(MINUTES),
      report: ({ phase }) => {
        if (phase !== 'COMPARING') return;
        const shadows = readdirSync(data()).filter((each) => each.startsWith('shadow-'));
        expect(shadows).toHaveLength(1);
        seen.looks += 1;
        for (const text of heldIn(join(data(), shadows[0]!), erased)) seen.erased.add(text);
        for (const text of heldIn(join(data(), shadows[0]!), kept)) seen.kept.add(text);
      },
    });
    expect(result).toMatchObject({ equal: true, differences: [] });
    expect(seen.looks).toBeGreaterThan(0);
    expect([...seen.erased]).toEqual([]);
    // The same look finds what was not erased.
    expect(seen.kept.size).toBeGreaterThan(3);

    const ran = await cli(['audit', 'shadow'], { KEYFOLD_DATA: data(), KEYFOLD_URL: api.url });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/^equal {2}g1 is what the log says/)]);
    for (const keyId of [forgotten, deleted])
      expect(JSON.stringify([await api.key(keyId), await api.history(keyId)])).not.toMatch(
        new RegExp(erased.join('|')),
      );
    expect(await api.key(goesOn)).toMatchObject({ name });

    await running.stop();
    expect(heldIn(data(), erased)).toEqual([]);
    expect(heldIn(data(), kept).length).toBeGreaterThan(3);
    await serve();
    const { api: url } = running.addresses;
    expect((await cli(['audit', 'shadow'], { KEYFOLD_DATA: data(), KEYFOLD_URL: url })).code).toBe(0);
  },
  3 * MINUTES,
);

test(
  'a name that somebody has put back into a row of a forgotten key is found, and not shown',
  async () => {
    const keyId = await live(erased);
    await change(await running.api(), 'forgetKey', keyId);
    const { store } = running.core;
    const row = await store.read(async (view) => (await view.key(keyId))!);
    const { live: generation } = await store.control();
    const put = (details: typeof row.details) =>
      store.writer(generation).apply(
        {
          ...{ history: [], secrets: [], keyspaces: null },
          keys: [{ from: row.state.version, row: { ...row, details } }],
        },
        {},
      );
    const secret = canary([], 'Put back');
    await put({ ...row.details, name: secret });
    const env = { KEYFOLD_DATA: data(), KEYFOLD_URL: running.addresses.api };
    const ran = await cli(['audit', 'shadow'], env);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(new RegExp(`key ${keyId}: .*\\(name\\)`))]);
    expect(ran.stdout + ran.stderr).not.toContain(secret);
    await put(row.details);
    expect((await cli(['audit', 'shadow'], env)).code).toBe(0);
  },
  2 * MINUTES,
);
