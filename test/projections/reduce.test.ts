// What each event does to the read models: given a history, when one more event comes, then these rows. Each is
// projected twice, and the second time nothing may change.
import { beforeEach, describe, expect, test } from 'vitest';
import type { AnyEvent, AnyNewEvent } from '../../events/catalogue.ts';
import { KEYSPACES } from '../../events/ids.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { encodeRecord } from '../../events/record.ts';
import type { HistoryRow, KeyRow } from '../../projections/rows.ts';
import {
  at,
  created,
  defined,
  discarded,
  hashOf,
  noted,
  regenerated,
  renamed,
  WORKSPACE,
  type Author,
} from '../fakes/author.ts';
import type { Contents, MemoryStore } from '../fakes/memory-store.ts';
import { createBatches, type Batches } from './batches.ts';

const key = (author: Author): string => author.keyId('k');

describe('projecting one event', () => {
  let store: MemoryStore;
  let author: Author;
  const project: Batches['project'] = (records, from) => batches.project(records, from);
  let batches: Batches;

  beforeEach(() => {
    batches = createBatches();
    ({ store, author } = batches);
  });

  interface Then {
    readonly row: KeyRow | undefined;
    readonly history: HistoryRow | undefined;
    readonly contents: Contents;
    readonly before: Contents;
    readonly event: AnyEvent;
  }

  async function spec(given: readonly AnyNewEvent[], when: AnyNewEvent, id = key(author)): Promise<Then> {
    const events: AnyEvent[] = [];
    for (const each of given) events.push(await author.next(id, each));
    await project(events.map(encodeRecord));
    const before = store.contents();
    const event = await author.next(id, when);
    const first = await project([encodeRecord(event)]);
    expect(first.applied).toBe(1);
    const contents = store.contents();
    // Once more, as a redelivery: nothing is updated.
    const again = await project([encodeRecord(event)], first.position.offset);
    expect(again.applied).toBe(0);
    expect(store.contents()).toEqual(contents);
    return {
      row: contents.keys.find(({ state }) => state.keyId === id),
      history: contents.history.find((row) => row.id === event.attributes.id),
      contents,
      before,
      event,
    };
  }

  test('KeyCreated makes the row with its details, search words and no usage, its history and its secret', async () => {
    const { row, history, contents, event } = await spec(
      [],
      created('Ärger Bericht', { personal: { description: 'd', email: 'a@b.c', tags: ['t'], metadata: { a: 1 } } }),
    );
    expect(row).toMatchObject({
      state: { keyId: key(author), version: 1, status: 'ACTIVE', workspaceId: WORKSPACE, head: event.attributes.hash },
      details: { name: 'Ärger Bericht', description: 'd', email: 'a@b.c', tags: ['t'], metadata: { a: 1 } },
      usage: { lastUsedAt: null, lastSeenAt: null, requestCount: 0 },
    });
    expect(row?.search.name).toBe('ärger bericht');
    expect(row?.search.words).toEqual(
      expect.arrayContaining(['ärger', 'bericht', 'x9z1', 'kf_...x9z1', key(author).toLowerCase(), 'u-17', '17']),
    );
    expect(contents.secrets).toEqual([{ hash: hashOf('created Ärger Bericht').hash, keyId: key(author) }]);
    expect(history).toEqual({
      id: `${key(author)}@1`,
      aggregateId: key(author),
      version: 1,
      type: 'KeyCreated',
      workspaceId: WORKSPACE,
      time: event.attributes.time,
      actor: 'user:ada',
      commandId: event.attributes.commandid,
      requestId: event.attributes.requestid,
      fingerprint: event.private.fingerprint,
      position: { partition: 0, offset: 0 },
      attributes: event.attributes,
      data: event.data,
      sealed: event.sealed,
    });
  });

  test('no row holds anything of the private part but the fingerprint and, in the state, the verification hash', async () => {
    const { contents } = await spec([], created('n'));
    const { hash } = hashOf('created n');
    expect(JSON.stringify(contents.history)).not.toContain(hash);
    expect(JSON.stringify(contents.keys.map(({ details, search }) => ({ details, search })))).not.toContain(hash);
  });

  test('KeyDetailsChanged changes what it names, and the search words with it', async () => {
    const { row } = await spec(
      [created('Old', { personal: { description: 'stays', tags: ['t'] } })],
      renamed('New', 'u-99'),
    );
    expect(row).toMatchObject({
      state: { version: 2, ownerId: 'u-99' },
      details: { name: 'New', description: 'stays', tags: ['t'] },
    });
    expect(row?.search.name).toBe('new');
    expect(row?.search.words).toContain('u-99');
    expect(row?.search.words).not.toContain('old');
    expect(row?.search.words).not.toContain('u-17');
  });

  const access = { scopes: ['a:read'], unrestricted: false, resources: { all: true, ids: [] }, flags: [] };
  const limits = { origins: [], ipRanges: [], rateLimit: null };
  const simple: readonly (readonly [AnyNewEvent, object])[] = [
    [
      {
        type: 'ScopesChanged',
        data: { before: access, after: { ...access, scopes: ['b'], flags: ['f'] } },
        personal: {},
        private: {},
      },
      { scopes: ['b'], flags: ['f'] },
    ],
    [
      {
        type: 'RestrictionsChanged',
        data: { before: limits, after: { ...limits, rateLimit: { limit: 5, windowSeconds: 60 } } },
        personal: {},
        private: {},
      },
      { rateLimit: { limit: 5, windowSeconds: 60 } },
    ],
    [
      { type: 'ExpiryChanged', data: { before: null, after: at(9999) }, personal: {}, private: {} },
      { expiresAt: at(9999) },
    ],
    [noted('KeyDisabled', 'why'), { status: 'DISABLED' }],
    [
      { type: 'KeyDeleted', data: { destroyedDataKey: null }, personal: { note: null }, private: {} },
      { status: 'DELETED' },
    ],
    [discarded('p1_0-999'), { status: 'ACTIVE' }],
  ];
  for (const [when, state] of simple) {
    test(`${when.type} changes the state and leaves details, secrets and search words alone`, async () => {
      const { row, before, contents, history } = await spec([created('n')], when);
      expect(row?.state).toMatchObject({ ...state, version: 2 });
      expect(row?.details).toEqual(before.keys[0]?.details);
      expect(row?.search).toEqual(before.keys[0]?.search);
      expect(contents.secrets).toEqual(before.secrets);
      expect(history).toMatchObject({ version: 2, type: when.type, data: when.data });
    });
  }

  test('KeyEnabled brings a disabled key back', async () => {
    const { row } = await spec([created('n'), noted('KeyDisabled')], noted('KeyEnabled'));
    expect(row?.state).toMatchObject({ status: 'ACTIVE', version: 3 });
  });

  test('KeyRegenerated adds the new secret, keeps the old one in the index and the overlap in the state', async () => {
    const { row, contents } = await spec([created('n')], regenerated('two', at(5000)));
    expect(row?.state).toMatchObject({
      preview: 'kf_…two',
      secret: hashOf('regenerated two'),
      previousSecret: { ...hashOf('created n'), retiresAt: at(5000) },
    });
    expect(row?.search.words).toContain('two');
    expect(row?.search.words).not.toContain('x9z1');
    expect(contents.secrets.map(({ hash }) => hash).sort()).toEqual(
      [hashOf('created n').hash, hashOf('regenerated two').hash].sort(),
    );
  });

  test('PreviousSecretRetired ends the overlap; the secret stays in the index (V3)', async () => {
    const { row, contents } = await spec([created('n'), regenerated('two', at(5000))], {
      type: 'PreviousSecretRetired',
      data: {},
      personal: {},
      private: {},
    });
    expect(row?.state.previousSecret).toBeNull();
    expect(contents.secrets).toHaveLength(2);
  });

  test('KeyRevoked keeps its reason in the state and its note in the details', async () => {
    const { row } = await spec([created('n')], {
      type: 'KeyRevoked',
      data: { reason: 'leaked' },
      personal: { note: 'seen on a screen' },
      private: {},
    });
    expect(row).toMatchObject({
      state: { status: 'REVOKED', revocation: { reason: 'leaked', by: { kind: 'user', id: 'ada' } } },
      details: { name: 'n', revocationNote: 'seen on a screen' },
    });
  });

  test('KeyForgotten blanks the details and the words of the name; the next data key has the next number', async () => {
    const { row } = await spec([created('Secret Name')], {
      type: 'KeyForgotten',
      data: { destroyedDataKey: `${key(author)}.1` },
      personal: {},
      private: {},
    });
    expect(row).toMatchObject({
      state: { dataKeyNumber: 2 },
      details: { name: '', description: null, email: null, tags: [], metadata: null, revocationNote: null },
      search: { name: '' },
    });
    expect(row?.search.words).not.toContain('secret');
  });

  test('a KeyCreated whose data key is erased makes a row with blank details', async () => {
    const event = await author.next(key(author), created('Secret Name'));
    store.eraseDataKey(`${key(author)}.1`);
    await project([encodeRecord(event)]);
    expect(store.contents().keys[0]).toMatchObject({ details: { name: '' }, search: { name: '' } });
    expect(store.contents().history).toHaveLength(1);
  });

  test('KeyspaceDefined and KeyspaceChanged keep every profile in its version', async () => {
    const { contents, history } = await spec([defined()], defined({ ...DEFAULT_PROFILE, name: 'Other' }, 2), KEYSPACES);
    expect(contents.keyspaces).toMatchObject({
      version: 2,
      profiles: { default: { version: 2, profile: { name: 'Other' } } },
    });
    expect(history).toMatchObject({ aggregateId: KEYSPACES, version: 2, workspaceId: null });
    expect(contents.keys).toEqual([]);
  });

  test('RecordDiscarded of the keyspaces moves its head and nothing else', async () => {
    const { contents, before } = await spec([defined()], discarded('p1_0-999'), KEYSPACES);
    expect(contents.keyspaces).toMatchObject({ version: 2, profiles: before.keyspaces.profiles });
  });

  test('many events of one key in a batch are one write, from the version that was loaded', async () => {
    const events = [await author.next(key(author), created('n'))];
    await project([encodeRecord(events[0]!)]);
    for (let n = 0; n < 20; n++)
      events.push(await author.next(key(author), noted(n % 2 === 0 ? 'KeyDisabled' : 'KeyEnabled')));
    const steps: string[] = [];
    store.beforeStep = ({ kind, id }) => void steps.push(`${kind} ${id}`);
    await project(events.slice(1).map(encodeRecord));
    expect(steps.filter((step) => step.startsWith('keys'))).toEqual([`keys ${key(author)}`]);
    expect(steps.filter((step) => step.startsWith('history'))).toHaveLength(20);
    expect(store.contents().keys[0]?.state.version).toBe(21);
  });

  test('protocol F1: the first event that extends a head wins; copies and losers leave no row', async () => {
    const first = await author.next(key(author), created('n'));
    const winner = await author.next(key(author), noted('KeyDisabled'));
    const loser = await author.rival(key(author), renamed('lost'));
    const result = await project([first, first, winner, loser, winner].map(encodeRecord));
    expect(result).toMatchObject({ applied: 2, parked: [], records: 5 });
    expect(store.contents().history.map(({ attributes }) => attributes.hash)).toEqual([
      first.attributes.hash,
      winner.attributes.hash,
    ]);
    expect(store.contents().keys[0]).toMatchObject({ state: { status: 'DISABLED' }, details: { name: 'n' } });
  });
});
