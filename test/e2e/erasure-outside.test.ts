// Erasure where answers are not the end of it: bundles, streams, the past, backups; and deletion where the profile erases and
// where it does not.
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import type { Api } from '../support/api.ts';
import { start, type InProcess } from '../support/in-process.ts';
import { change, createKey } from '../support/keys.ts';
import { messagesOf, subscribe } from '../support/sse.ts';
import type { Environment } from '../support/processes.ts';

const MINUTES = 60_000;
let root: string;
let data: string;
let running: InProcess | null = null;
let api: Api;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-erased-outside-'));
  data = join(root, 'data');
});
afterEach(stop);
afterAll(() => rm(root, { recursive: true, force: true }));

async function serve(env: Environment = {}): Promise<void> {
  running = await start({ env: { KEYFOLD_DATA: data, ...env }, dispose: () => Promise.resolve() });
  api = await running.api();
}
async function stop(): Promise<void> {
  await running?.stop();
  running = null;
}
const keyfold = (...args: readonly string[]) => cli(args, { KEYFOLD_DATA: data, KEYFOLD_URL: api.url });

/** A text that is nowhere else. */
const canary = (what: string): string => `${what}${crypto.randomUUID().replaceAll('-', '')}`;
interface Lived {
  readonly keyId: string;
  readonly texts: readonly string[];
}
async function live(keyspace: 'default' | 'dronahq' | 'dagen' = 'default'): Promise<Lived> {
  const texts = ['Name', 'Renamed', 'note'].map(canary);
  const [name, renamed, note] = texts;
  const scopes = { default: ['orders:read'], dronahq: ['agent'], dagen: ['agents'] }[keyspace];
  const { keyId } = await createKey(api, { keyspace, name, scopes });
  await change(api, 'updateKey', keyId, { name: renamed });
  await change(api, 'disableKey', keyId, { note });
  return { keyId, texts };
}
const held = (text: string, of: readonly string[]): string[] => of.filter((each) => text.includes(each));
const now = (): string => new Date().toISOString();

/** Whatever can be read of a workspace but its files: now, as of a time, between two, as a stream, as a bundle that proves. */
async function everything(times: readonly string[], kept?: string): Promise<string> {
  const found: unknown[] = [];
  const KEYS = 'nodes { keyId name description tags revocation { note } }';
  const every = 'filter: { status: [ACTIVE, DISABLED, REVOKED, DELETED] }';
  found.push(
    await api.query(
      `{ workspace(id: "acme") { keys(first: 100, ${every}) { ${KEYS} } history(first: 100) { nodes { data ip userAgent } } } }`,
    ),
  );
  for (const [index, time] of times.entries()) {
    found.push(
      await api.query(`{ workspace(id: "acme") { keys(first: 100, ${every}, asOf: "${time}") { ${KEYS} } } }`),
    );
    const [from, to] = [times[index - 1] ?? '2020-01-01T00:00:00.000Z', time];
    found.push(
      await api.query(
        `{ workspace(id: "acme") { accessReview(from: "${from}", to: "${to}", first: 100) { rows { key { name } before { name } after { name } changes { data } } } } }`,
      ),
    );
  }
  const { workspace } = await api.query<{ workspace: { position: string; history: { totalCount: number } } }>(
    '{ workspace(id: "acme") { position history(first: 1) { totalCount } } }',
  );
  const query = 'subscription { keyEvents(workspaceId: "acme", after: "p1_0-0") { id data ip userAgent } }';
  let left = workspace.history.totalCount;
  for await (const { event, data: told } of messagesOf(
    await subscribe({ url: api.url, token: api.token, query, variables: {} }),
  )) {
    if (event !== 'next') continue;
    found.push(told);
    if ((left -= 1) === 0) break;
  }
  for (const scope of [[], ['--workspace', 'acme']]) {
    const bundle = join(root, 'bundle.ndjson');
    const behind = kept === undefined ? [] : ['--checkpoint', kept];
    expect(await keyfold('events', 'export', '--quiet', '--out', bundle, ...scope, ...behind)).toMatchObject({
      code: 0,
    });
    const proven = await cli(['audit', 'verify', bundle, ...behind], {});
    expect([proven.code, proven.stdout]).toEqual([0, expect.stringContaining('intact')]);
    found.push(await readFile(bundle, 'utf8'));
  }
  return JSON.stringify(found);
}

async function files(): Promise<string> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(paths.map((path) => readFile(path, 'latin1')))).join('\n');
}

test(
  'what was erased is in no bundle, no stream and no past, and bundles prove as before; what was not is in all of them',
  async () => {
    await serve();
    const [forgotten, kept] = [await live(), await live()];
    const checkpoint = join(root, 'checkpoint.json');
    expect((await keyfold('audit', 'checkpoint', '--out', checkpoint)).code).toBe(0);
    const then = now();
    expect(held(await everything([then]), forgotten.texts)).toEqual(forgotten.texts);
    await change(api, 'forgetKey', forgotten.keyId);
    const told = await everything([then, now()], checkpoint);
    expect(held(told, forgotten.texts)).toEqual([]);
    expect(held(told, kept.texts)).toEqual(kept.texts);
    await stop();
    await serve();
    expect(held(await everything([then], checkpoint), forgotten.texts)).toEqual([]);
    await stop();
    expect(held(await files(), forgotten.texts)).toEqual([]);
  },
  5 * MINUTES,
);

test(
  'deleting erases where the profile says so; where it does not, all of it stays readable until the key is forgotten',
  async () => {
    await serve();
    const [erasing, keeping] = [await live('dronahq'), await live('dagen')];
    const then = now();
    for (const { keyId } of [erasing, keeping]) await change(api, 'deleteKey', keyId);
    const deleted = await everything([then]);
    expect(held(deleted, erasing.texts)).toEqual([]);
    expect(held(deleted, keeping.texts)).toEqual(keeping.texts);
    for (const [{ keyId }, destroyed] of [
      [erasing, `${erasing.keyId}.1`],
      [keeping, null],
    ] as const) {
      const last = (await api.history(keyId)).at(-1);
      expect([last?.type, last?.data.destroyedDataKey]).toEqual(['KEY_DELETED', destroyed]);
    }
    await change(api, 'forgetKey', keeping.keyId);
    expect(held(await everything([then, now()]), keeping.texts)).toEqual([]);
    await stop();
    expect(held(await files(), [...erasing.texts, ...keeping.texts])).toEqual([]);
  },
  5 * MINUTES,
);

describe('a backup from before an erasure', () => {
  const older = (): string => join(root, 'older');
  const newer = (): string => join(root, 'newer');
  let forgotten: Lived;
  let kept: Lived;
  beforeAll(async () => {
    await rm(data, { recursive: true, force: true });
    await serve();
    [forgotten, kept] = [await live(), await live()];
    await stop();
    await cp(data, older(), { recursive: true });
    await serve();
    await change(api, 'forgetKey', forgotten.keyId);
    await stop();
    await cp(data, newer(), { recursive: true });
  }, 3 * MINUTES);

  /** Log, data keys and read models of either time. */
  async function restored(log: string, dataKeys: string | null, models: string | null): Promise<void> {
    await rm(data, { recursive: true, force: true });
    await cp(log, data, { recursive: true });
    for (const name of await readdir(data)) if (/^(?:kept|read|usage)\.db/.test(name)) await rm(join(data, name));
    for (const [from, file] of [
      [dataKeys, 'kept.db'],
      [models, 'read.db'],
    ] as const)
      if (from !== null) await cp(join(from, file), join(data, file));
  }
  async function answers(): Promise<string> {
    const found: unknown[] = [];
    for (const { keyId } of [forgotten, kept]) found.push(await api.key(keyId), await api.history(keyId));
    return JSON.stringify(found);
  }

  test(
    'of the log alone brings nothing back: not beside the data keys of now, and none without any',
    async () => {
      await restored(older(), newer(), null);
      await serve();
      const told = await answers();
      expect(held(told, forgotten.texts)).toEqual([]);
      expect(held(told, kept.texts)).toEqual(kept.texts);
      expect((await api.key(forgotten.keyId))?.name).toBe('');
      await stop();
      expect(held(await files(), forgotten.texts)).toEqual([]);

      await restored(older(), null, null);
      await expect(serve()).rejects.toThrow('the data keys are gone');
      await serve({ KEYFOLD_ACCEPT_LOST_DATA_KEYS: 'true' });
      expect(held(await answers(), [...forgotten.texts, ...kept.texts])).toEqual([]);
      await stop();
      expect(held(await files(), [...forgotten.texts, ...kept.texts])).toEqual([]);
    },
    3 * MINUTES,
  );

  test(
    'of log and data keys has it again, as it is said of it; joined with the log of now it is erased anew',
    async () => {
      await restored(older(), older(), older());
      await serve();
      expect(held(await answers(), forgotten.texts)).toEqual(forgotten.texts);
      await stop();

      await restored(newer(), older(), null);
      await serve();
      const told = await answers();
      expect(held(told, forgotten.texts)).toEqual([]);
      expect(held(told, kept.texts)).toEqual(kept.texts);
      await stop();
      expect(held(await files(), forgotten.texts)).toEqual([]);
    },
    3 * MINUTES,
  );
});

test(
  'bundles prove across a change of peppers: hashes of secrets are in none, and the chain covers what is',
  async () => {
    await rm(data, { recursive: true, force: true });
    const pepper = (id: string): string =>
      `${id}:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
    const [first, second] = [pepper('p-one'), pepper('p-two')];
    const kept = join(root, 'before-the-peppers.json');
    await serve({ KEYFOLD_PEPPERS: first });
    const [one, two] = [await createKey(api), await createKey(api)];
    expect((await keyfold('audit', 'checkpoint', '--out', kept)).code).toBe(0);
    await stop();
    await serve({ KEYFOLD_PEPPERS: `${second},${first}` });
    await change(api, 'regenerateKey', one.keyId);
    const three = await createKey(api);
    expect(await everything([], kept)).toContain(three.keyId);
    await stop();
    await serve({ KEYFOLD_PEPPERS: second });
    await change(api, 'revokeKey', two.keyId);
    expect(await everything([now()], kept)).toContain(`${two.keyId}@2`);
  },
  4 * MINUTES,
);
