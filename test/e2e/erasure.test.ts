// Erased data is gone: from every answer, and after a clean stop from every byte of every file of the data folder; after a
// restart and a rebuild, too. History, its chain and the keys themselves go on.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventHash } from '../../events/chain.ts';
import { globalId, payload, type Api } from '../support/api.ts';
import { start, type InProcess } from '../support/in-process.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';
import { usageReached } from '../support/usage.ts';

const MINUTES = 60_000;
let folder = '';
let system: InProcess;
let api: Api;
const erased: string[] = [];
const kept: string[] = [];
const keys: Record<'living' | 'deleted' | 'revoked' | 'other', MadeKey> = {} as never;

const settings = () => ({
  env: { KEYFOLD_DATA: join(folder, 'data'), TRUSTED_PROXIES: '127.0.0.0/8' },
  dispose: () => Promise.resolve(),
});
const run = async (): Promise<void> => {
  system = await start(settings());
  api = await system.api({ subject: 'u-1', email: 'u-1@staff.example' });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-erasure-'));
  await run();
}, 3 * MINUTES);
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

let count = 0;
/** A text that is nowhere else, and whose every part is its own. */
const canary = (of: string[], what: string): string => {
  const text = `${what}${(count += 1)}${crypto.randomUUID().replaceAll('-', '')}`;
  of.push(text);
  return text;
};
/** An address that is nowhere else. */
const address = (of: string[]): string => {
  const text = `2001:db8:${(0x1000 + (count += 1)).toString(16)}:beef:${(0xa000 + count).toString(16)}:c0de:cafe:f00d`;
  of.push(text);
  return text;
};

/** A mutation from an address and a user agent of its own. */
async function from(of: string[], name: string, document: string, input: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', authorization: `Bearer ${api.token}` },
      ...{ 'x-forwarded-for': address(of), 'user-agent': canary(of, 'Agent/') },
    },
    body: JSON.stringify({ query: document, variables: { input } }),
  });
  const { data } = (await response.json()) as { data: Record<string, Record<string, unknown>> };
  expect(data[name]?.__typename).toMatch(/Payload$/);
  return data[name]!;
}
const mutation = (name: string): string => {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return `mutation ($input: ${title}Input!) { ${name}(input: $input) { __typename ... on ${title}Payload { position } ... on Error { message } } }`;
};

/** A key with everything personal that there is, changed and used. */
async function live(of: string[], keyspace: string): Promise<MadeKey> {
  const scopes = keyspace === 'dronahq' ? ['agent'] : ['orders:read'];
  const details = () => ({
    name: canary(of, 'Name'),
    ...(keyspace === 'dronahq'
      ? {}
      : {
          description: canary(of, 'description'),
          tags: [canary(of, 'tag')],
          metadata: { [canary(of, 'member')]: canary(of, 'value') },
          owner: { id: 'u-17', email: `${canary(of, 'mail')}@example.com` },
        }),
  });
  const made = await createKey(api, { keyspace, scopes, ...details() });
  const id = globalId(made.keyId);
  for (let round = 0; round < 3; round++) await from(of, 'updateKey', mutation('updateKey'), { id, ...details() });
  await from(of, 'disableKey', mutation('disableKey'), { id, note: canary(of, 'note') });
  const { position } = await from(of, 'enableKey', mutation('enableKey'), { id, note: canary(of, 'note') });
  for (let call = 0; call < 5; call++) {
    const verdict = await system.verifiers[0]!.verify(made.secret, {
      ...{ atLeast: position, ip: address(of), include: ['name', 'metadata'] },
      request: { id: `r-${(count += 1)}`, method: 'GET', path: '/orders', userAgent: canary(of, 'Client/') },
    });
    expect(verdict.code).toBe('VALID');
  }
  return made;
}

const EVERYTHING = `query ($text: [String!]!) {
  workspace(id: "acme") {
    keys(first: 100, filter: { status: [ACTIVE, DISABLED, EXPIRED, REVOKED, DELETED] }) {
      nodes { keyId name description owner { id email } tags metadata revocation { note } }
    }
    byName: keys(first: 100, orderBy: { field: NAME, direction: ASC }) { nodes { keyId name } }
    history(first: 100) { nodes { id ip userAgent data } }
    requests(first: 100) { totalCount nodes { id ip userAgent key { keyId } } }
  }
}`.replace('($text: [String!]!) ', '');

async function answers(): Promise<string> {
  const all = await api.query(EVERYTHING);
  const found: unknown[] = [all];
  for (const { keyId } of Object.values(keys)) found.push(await api.key(keyId), await api.history(keyId));
  for (const text of erased.filter((each) => /^(?:Name|tag)/.test(each)).slice(0, 8))
    for (const filter of [{ text }, { tags: [text] }])
      found.push(
        await api.query(
          `query ($filter: KeyFilter) { workspace(id: "acme") { keys(first: 10, filter: $filter) { totalCount } } }`,
          { filter },
        ),
      );
  return JSON.stringify(found);
}

const hits = (text: string, of: readonly string[]): readonly string[] => of.filter((each) => text.includes(each));

/** Every byte of every file, as text that finds what was written in any encoding of ours. */
async function files(): Promise<ReadonlyMap<string, string>> {
  const found = await readdir(join(folder, 'data'), { recursive: true, withFileTypes: true });
  const bytes = new Map<string, string>();
  for (const entry of found) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    bytes.set(file, (await readFile(file)).toString('latin1'));
  }
  return bytes;
}

async function expectNoFileHolds(): Promise<void> {
  const held: string[] = [];
  let control = 0;
  for (const [file, bytes] of await files()) {
    held.push(...hits(bytes, erased).map((each) => `${file}: ${each}`));
    control += hits(bytes, kept).length;
  }
  expect(held).toEqual([]);
  // The same search finds what was not erased.
  expect(control).toBeGreaterThan(5);
}

test(
  'what was erased is in no answer, and after a clean stop in no byte of any file',
  { timeout: 6 * MINUTES },
  async () => {
    keys.other = await live(kept, 'default');
    keys.living = await live(erased, 'default');
    keys.deleted = await live(erased, 'dronahq');
    keys.revoked = await live(erased, 'default');
    await change(api, 'revokeKey', keys.revoked.keyId, { note: canary(erased, 'note') });
    await usageReached(system.core.usage, system.core.store);
    // Lists and histories have been read, and are in whatever memory there is.
    expect(hits(await answers(), erased).length).toBeGreaterThan(30);
    const before = await system.core.store.read((view) => view.key(keys.living.keyId));
    const { dataKeys } = system.core.store;
    const names = [keys.living, keys.deleted, keys.revoked].map(({ keyId }) => `${keyId}.1`);
    for (const { wrapped } of (await dataKeys.load(names)).values()) erased.push(wrapped);

    const forgotten = await change(api, 'forgetKey', keys.living.keyId, { waitFor: 'VERIFIERS' });
    expect(forgotten.key).toMatchObject({ name: '', description: null, tags: [], metadata: null, status: 'ACTIVE' });
    expect(forgotten.key?.owner).toEqual({ id: 'u-17', email: null });
    const removed = await change(api, 'deleteKey', keys.deleted.keyId, { note: canary(erased, 'note') });
    expect(removed).toMatchObject({ warnings: [{ code: 'NOTE_NOT_KEPT' }] });
    await change(api, 'forgetKey', keys.revoked.keyId);
    expect((await dataKeys.destroyed(names)).size).toBe(3);

    const told = await answers();
    expect(hits(told, erased)).toEqual([]);
    expect(hits(told, kept).length).toBeGreaterThan(5);
    const verdict = await system.verifiers[0]!.verify(keys.living.secret, {
      ...{ atLeast: forgotten.position, include: ['name', 'metadata'] },
      request: { id: 'after', userAgent: 'later' },
    });
    expect(verdict).toMatchObject({ code: 'VALID', name: '', metadata: null });
    // What it may do is as it was.
    const after = await system.core.store.read((view) => view.key(keys.living.keyId));
    expect(after?.state).toMatchObject({
      secret: before?.state.secret,
      scopes: before?.state.scopes,
      dataKeyNumber: 2,
    });

    await system.stop();
    await expectNoFileHolds();
  },
);

test(
  'a key that lives on is named anew, readable under its new data key, and can be erased again',
  { timeout: 3 * MINUTES },
  async () => {
    await run();
    expect(hits(await answers(), erased)).toEqual([]);
    const passing: string[] = [];
    const renamed = await change(api, 'updateKey', keys.living.keyId, { name: canary(passing, 'Name') });
    expect(renamed.key?.name).toBe(passing[0]);
    const events = await api.history(keys.living.keyId, renamed.position);
    expect(events.at(-1)).toMatchObject({ type: 'KEY_DETAILS_CHANGED', data: { name: passing[0] }, userAgent: 'e2e' });
    expect(events.slice(0, -1).map(({ ip, userAgent }) => [ip, userAgent])).toEqual(
      events.slice(0, -1).map(() => [null, null]),
    );
    await change(api, 'forgetKey', keys.living.keyId);
    erased.push(...passing);
    expect(hits(await answers(), erased)).toEqual([]);
    const final = await change(api, 'updateKey', keys.living.keyId, { name: canary(kept, 'Name') });
    expect(final.key).toMatchObject({ name: kept.at(-1), version: final.key?.version });
    await system.stop();
    await expectNoFileHolds();
  },
);

test(
  'the chain of every key verifies as before, with all that was erased missing',
  { timeout: 3 * MINUTES },
  async () => {
    await run();
    for (const { keyId } of Object.values(keys)) {
      const rows = await system.core.store.read((view) =>
        view.listHistory({ scope: { aggregateId: keyId } }, { limit: 100, backward: false, after: null, before: null }),
      );
      expect(rows.rows.length).toBeGreaterThan(5);
      let prev = '0'.repeat(64);
      for (const { attributes, data, version } of rows.rows) {
        const { hash, ...covered } = attributes;
        expect(covered.prev).toBe(prev);
        expect(eventHash(covered, data)).toBe(hash);
        expect(version).toBe(attributes.version);
        prev = hash;
      }
    }
  },
);

test('a rebuild brings nothing back and ends equal', { timeout: 3 * MINUTES }, async () => {
  payload(await api.settle('rebuildProjections', {}));
  const { store } = system.core;
  for (;;) {
    const { live, generations } = await store.control();
    expect(generations.filter(({ status }) => status === 'failed')).toEqual([]);
    if (live === 'g2') break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const told = await answers();
  expect(hits(told, erased)).toEqual([]);
  expect(hits(told, kept).length).toBeGreaterThan(5);
  await system.stop();
  await expectNoFileHolds();
  await run();
  expect(hits(await answers(), erased)).toEqual([]);
});
