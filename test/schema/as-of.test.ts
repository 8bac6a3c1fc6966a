// Time travel and access reviews as callers ask for them: keys as they were, which could do what, and what changed between.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { encodeRecord } from '../../events/record.ts';
import { createExpiryFacts } from '../../projections/expiry-facts.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { at, created, noted, regenerated, renamed } from '../fakes/author.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { memoryLogger } from '../fakes/running.ts';
import {
  AccessReviewDocument,
  PastKeyDocument,
  PastKeysDocument,
  type AccessReviewQueryVariables,
  type PastKeysQueryVariables,
} from '../generated/graphql.ts';
import { ADMIN, caller, createInstallation, GUARDED, STRANGER, type Installation } from './installation.ts';

const AUDITOR = caller({ acme: 'auditor' });
const MEMBER = caller({ acme: 'member' });
const node = (id: string): string => encodeGlobalId('ApiKey', id);
const scoped = (...scopes: string[]) => ({ scopes, unrestricted: false, resources: { all: true, ids: [] }, flags: [] });
const changedScopes = (before: readonly string[], after: readonly string[]): AnyNewEvent => ({
  type: 'ScopesChanged',
  data: { before: scoped(...before), after: scoped(...after) },
  personal: {},
  private: {},
});
const revoked: AnyNewEvent = {
  type: 'KeyRevoked',
  data: { reason: 'Unused' },
  personal: { note: 'done' },
  private: {},
};
const deleted: AnyNewEvent = {
  type: 'KeyDeleted',
  data: { destroyedDataKey: null },
  personal: { note: null },
  private: {},
};

let on: Installation;
const id: Record<string, string> = {};
const nameOf = (keyId: string): string => Object.entries(id).find(([, own]) => own === keyId)![0];

/** What happens to a key, and after how many seconds. */
async function happens(name: string, seconds: number, event: AnyNewEvent, more: object = {}): Promise<void> {
  id[name] ??= on.author.keyId(name);
  const circumstances = { workspaceId: 'acme', now: at(seconds), ...more };
  await on.log.append([encodeRecord(await on.author.next(id[name], event, circumstances))]);
}

beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
  const data = { scopes: ['a:read'], ownerId: 'u-1' };
  await happens('maker', 50, created('maker'));
  const actor = { kind: 'key', id: id.maker! } as const;
  await happens('lives', 100, created('first name', { data, personal: { tags: ['red'] } }), { actor });
  await happens('lives', 200, changedScopes(['a:read'], ['a:write']));
  await happens('lives', 300, renamed('second name', 'u-2'));
  await happens('lives', 300, noted('KeyDisabled', 'same moment'));
  await happens('lives', 400, regenerated('lives', at(500)));
  await happens('maker', 450, renamed('renamed maker'));
  await happens('expires', 120, created('expires', { data: { ...data, expiresAt: at(250) } }));
  await happens('ends', 130, created('ends', { data: { ...data, predecessor: id.lives } }));
  await happens('ends', 310, revoked);
  await happens('ends', 320, deleted);
  await happens('hidden', 140, created('hidden', { data: { keyspace: 'guarded' } }));
  await happens('theirs', 150, created('theirs'), { workspaceId: 'globex' });
  await on.settle();
});
afterAll(() => on.stop());

const key = async (name: string, seconds: number, as = ADMIN) =>
  (await on.run(PastKeyDocument, { id: node(id[name]!), asOf: at(seconds) }, as)).key;
async function keys(seconds: number, variables: Partial<PastKeysQueryVariables> = {}, as = ADMIN) {
  const paging = 'last' in variables ? {} : { first: 100 };
  const asked = { workspace: 'acme', asOf: at(seconds), ...paging, ...variables };
  return (await on.run(PastKeysDocument, asked, as)).workspace!.keys;
}
const names = ({ nodes }: Awaited<ReturnType<typeof keys>>): string[] => nodes.map(({ keyId }) => nameOf(keyId));

describe('a key as of a time', () => {
  test('is as it was: details, access, status, version; an event counts from its own time on', async () => {
    expect(await key('lives', 99)).toBeNull();
    expect(await key('lives', 100)).toMatchObject({
      ...{ version: 1, name: 'first name', owner: { id: 'u-1' }, tags: ['red'], status: 'ACTIVE', scopes: ['a:read'] },
    });
    expect(await key('lives', 299)).toMatchObject({ version: 2, name: 'first name', scopes: ['a:write'] });
    expect(await key('lives', 300)).toMatchObject({
      ...{ version: 4, name: 'second name', owner: { id: 'u-2' }, status: 'DISABLED' },
    });
  });

  test('is judged by the clock of then: expiry, and the overlap of its secrets', async () => {
    expect([(await key('expires', 249))!.status, (await key('expires', 250))!.status]).toEqual(['ACTIVE', 'EXPIRED']);
    expect((await key('lives', 399))!.previousSecret).toBeNull();
    expect((await key('lives', 499))!.previousSecret).toEqual({ retiresAt: at(500) });
    expect((await key('lives', 500))!.previousSecret).toBeNull();
  });

  test('offers nothing to do, and leads to other keys as they were', async () => {
    const { key: now } = await on.run(PastKeyDocument, { id: node(id.lives!) });
    expect(now!.actions).toContain('ENABLE');
    expect(await key('lives', 440)).toMatchObject({
      ...{ actions: [], createdBy: { id: id.maker, key: { name: 'maker' } }, successors: [{ name: 'ends' }] },
      keyspace: { slug: 'default', name: DEFAULT_PROFILE.name },
    });
    expect((await key('lives', 129))!.successors).toEqual([]);
    expect((await key('ends', 130))!.predecessor).toEqual({ name: 'first name' });
  });

  test('that is deleted now is there as it was then', async () => {
    expect(await key('ends', 309)).toMatchObject({ status: 'ACTIVE', revocation: null });
    expect(await key('ends', 310)).toMatchObject({ status: 'REVOKED', revocation: { reason: 'Unused', note: 'done' } });
    expect(await key('ends', 320)).toMatchObject({ status: 'DELETED' });
  });

  test('is there for those who may see its history, and like an unknown one for all others', async () => {
    expect(await key('lives', 400, AUDITOR)).toMatchObject({ version: 5 });
    for (const as of [MEMBER, caller({ acme: 'viewer' }), STRANGER]) expect(await key('lives', 400, as)).toBeNull();
    expect(await key('hidden', 400)).toMatchObject({ version: 1 });
    expect(await key('hidden', 400, AUDITOR)).toBeNull();
  });

  test('keeps what no time belongs to: its history until now, and whom it is enforced by', async () => {
    const { result } = await on.ask(
      `{ key(id: "${node(id.lives!)}", asOf: "${at(100)}") { version quarantined history(first: 100) { totalCount } enforcement(version: 3) { total } } }`,
    );
    expect(result).toMatchObject({ data: { key: { version: 1, quarantined: false, history: { totalCount: 5 } } } });
  });

  test.each([
    ['lastUsedAt'],
    ['lastSeenAt'],
    ['requestCount'],
    ['secretFirstUsedAt'],
    [`usage(from: "${at(0)}", to: "${at(10)}", bucket: DAY) { total }`],
    ['requests(first: 1) { totalCount }'],
    ['previousSecret { lastUsedAt }'],
    ['previousSecret { requestCount }'],
  ])('has no usage: %s is refused', async (field) => {
    const query = (asOf: string) => `{ key(id: "${node(id.lives!)}"${asOf}) { ${field} } }`;
    const { codes, errors } = await on.refusal(query(`, asOf: "${at(450)}"`));
    expect(codes).toEqual(['BAD_USER_INPUT']);
    expect(errors[0]!.message).toContain('is not known as of an earlier time');
    expect((await on.refusal(query(''))).codes).toEqual([]);
  });

  test('in the future is refused', async () => {
    const { codes, errors } = await on.refusal(PastKeyDocument, { id: node(id.lives!), asOf: '2999-01-01T00:00:00Z' });
    expect([codes, errors[0]!.message]).toEqual([['BAD_USER_INPUT'], 'asOf must not be in the future.']);
  });
});

describe('keys as of a time', () => {
  test('are those that there were, the newest first, without the ones that were deleted', async () => {
    expect(names(await keys(49))).toEqual([]);
    expect(names(await keys(125))).toEqual(['expires', 'lives', 'maker']);
    expect(names(await keys(319))).toEqual(['hidden', 'ends', 'expires', 'lives', 'maker']);
    expect(names(await keys(320))).toEqual(['hidden', 'expires', 'lives', 'maker']);
    expect((await keys(320)).totalCount).toBe(4);
  });

  test('answer which of them could do what on a day', async () => {
    const could = async (seconds: number, scope: string) =>
      names(await keys(seconds, { filter: { scope, resource: 'any', status: ['ACTIVE'], keyspace: 'default' } }));
    expect(await could(150, 'a:read')).toEqual(['ends', 'expires', 'lives', 'maker']);
    expect(await could(250, 'a:read')).toEqual(['ends', 'maker']);
    expect(await could(250, 'a:write')).toEqual(['lives']);
    expect(await could(300, 'a:write')).toEqual([]);
  });

  test('are found by what they were called, tagged and owned by then', async () => {
    expect(names(await keys(299, { filter: { text: 'first' } }))).toEqual(['lives']);
    expect(names(await keys(300, { filter: { text: 'first' } }))).toEqual([]);
    expect(names(await keys(300, { filter: { text: 'second', tags: ['red'], owner: 'u-2' } }))).toEqual(['lives']);
    expect(names(await keys(400, { filter: { status: ['DELETED'] } }))).toEqual(['ends']);
  });

  test.each(['CREATED_AT', 'NAME', 'EXPIRES_AT'] as const)(
    'are met once each, ordered by %s, whatever the page',
    async (field) => {
      for (const direction of ['ASC', 'DESC'] as const) {
        const orderBy = { field, direction };
        const whole = names(await keys(319, { orderBy }));
        expect(whole).toHaveLength(5);
        for (const size of [1, 2, 3]) {
          const walked: string[] = [];
          for (let after: string | null = null; ;) {
            const page = await keys(319, { orderBy, first: size, after });
            walked.push(...names(page));
            expect(page.totalCount).toBe(5);
            if (!page.pageInfo.hasNextPage) break;
            after = page.pageInfo.endCursor;
          }
          expect(walked).toEqual(whole);
          const last = await keys(319, { orderBy, last: size });
          expect(names(last)).toEqual(whole.slice(-size));
        }
      }
    },
  );

  test('have cursors of their own: of another time, or of now, they are refused', async () => {
    const { endCursor: after } = (await keys(319, { first: 1 })).pageInfo;
    const refused = async (asOf: string | null) =>
      (await on.refusal(PastKeysDocument, { workspace: 'acme', first: 1, after, asOf })).codes;
    expect(await refused(at(319))).toEqual([]);
    expect([await refused(at(318)), await refused(null)]).toEqual([['BAD_USER_INPUT'], ['BAD_USER_INPUT']]);
  });

  test('are those of keyspaces whose history the caller may see', async () => {
    expect(names(await keys(319, {}, AUDITOR))).toEqual(['ends', 'expires', 'lives', 'maker']);
    expect(await keys(319, {}, AUDITOR)).toMatchObject({ totalCount: 4 });
    expect(await keys(319, {}, MEMBER)).toMatchObject({ totalCount: 0, nodes: [] });
  });

  test.each([
    [{ filter: { unusedSince: at(1) } }, 'filter.unusedSince is not known as of an earlier time.'],
    [{ orderBy: { field: 'LAST_USED_AT', direction: 'ASC' } }, 'orderBy.field is not known as of an earlier time.'],
    [{ asOf: '2999-01-01T00:00:00Z' }, 'asOf must not be in the future.'],
  ])('refuse %j', async (variables, message) => {
    const asked = { workspace: 'acme', first: 1, asOf: at(400), ...variables };
    const { codes, errors } = await on.refusal(PastKeysDocument, asked);
    expect([codes, errors[0]!.message]).toEqual([['BAD_USER_INPUT'], message]);
  });

  test('cost more than the keys of now, so that one operation does not ask for many times', async () => {
    const list = (n: number, asOf: string) => `k${n}: keys(first: 1${asOf}) { totalCount }`;
    const many = (asOf: string) =>
      `{ workspace(id: "acme") { ${Array.from({ length: 12 }, (_, n) => list(n, asOf)).join(' ')} } }`;
    expect((await on.refusal(many(`, asOf: "${at(300)}"`))).codes).toEqual(['BAD_USER_INPUT']);
    expect((await on.refusal(many(', asOf: null'))).codes).toEqual([]);
  });
});

describe('an access review', () => {
  async function review(from: number, to: number, variables: Partial<AccessReviewQueryVariables> = {}, as = ADMIN) {
    const asked = { workspace: 'acme', from: at(from), to: at(to), ...variables };
    return (await on.run(AccessReviewDocument, asked, as)).workspace!.accessReview;
  }
  const brief = ({ rows }: Awaited<ReturnType<typeof review>>) =>
    rows.map(({ key, before, after, changes }) => [
      nameOf(key.keyId),
      before && `${before.status} ${before.scopes.join()} ${before.owner?.id}`,
      after && `${after.status} ${after.scopes.join()} ${after.owner?.id}`,
      changes.map(({ type }) => type).join(' '),
    ]);

  test('tells of every key what it was before and after, and what happened between', async () => {
    const found = await review(125, 310);
    expect(brief(found)).toEqual([
      ['maker', 'ACTIVE a:read u-17', 'ACTIVE a:read u-17', ''],
      ['lives', 'ACTIVE a:read u-1', 'DISABLED a:write u-2', 'SCOPES_CHANGED KEY_DETAILS_CHANGED KEY_DISABLED'],
      ['expires', 'ACTIVE a:read u-1', 'EXPIRED a:read u-1', ''],
      ['ends', null, 'REVOKED a:read u-1', 'KEY_CREATED KEY_REVOKED'],
      ['hidden', null, 'ACTIVE a:read u-17', 'KEY_CREATED'],
    ]);
    expect(found).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: false } });
    const [, lives] = found.rows;
    expect([lives!.before!.name, lives!.after!.name, lives!.changes[1]!.data]).toEqual([
      ...['first name', 'second name'],
      { name: 'second name', ownerId: 'u-2' },
    ]);
    expect(lives).toMatchObject({ changeCount: 3, key: { name: 'second name', lastUsedAt: null } });
  });

  test('ends where its times say: events at the first are before, events at the second are between', async () => {
    expect(brief(await review(200, 300))[1]).toEqual([
      ...['lives', 'ACTIVE a:write u-1', 'DISABLED a:write u-2', 'KEY_DETAILS_CHANGED KEY_DISABLED'],
    ]);
  });

  test('names an expiry as a change, at its moment, whatever became of it; a reminder is none', async () => {
    const own = await createInstallation();
    // All of it has passed by now.
    const day = (days: number): string => at((days - 70) * 86_400);
    const keys = new Map<string, string>();
    const be = async (name: string, days: number, event: AnyNewEvent): Promise<void> => {
      keys.set(name, own.author.keyId(name));
      const next = await own.author.next(own.author.keyId(name), event, { workspaceId: 'acme', now: day(days) });
      await own.log.append([encodeRecord(next)]);
    };
    const until = (days: number) => created('n', { data: { expiresAt: day(days) } });
    const moved = (before: number, after: number): AnyNewEvent => ({
      ...{ type: 'ExpiryChanged', personal: {}, private: {} },
      data: { before: day(before), after: day(after) },
    });
    await be('untouched', 1, until(40));
    await be('renewed', 2, until(40));
    await be('met twice', 3, until(36));
    await be('lasts', 4, until(90));
    await be('ended', 5, until(40));
    await be('ended', 34, revoked);
    await be('met twice', 37, moved(36, 38));
    await be('met twice', 40, noted('KeyDisabled'));
    await be('renewed', 41, moved(40, 80));
    await own.settle();
    const facts = createExpiryFacts({ log: own.log, store: own.memory, now: () => day(60), logger: memoryLogger() });
    while ((await facts.noticeDue()).more);
    await own.settle();
    const table = async (from: number, to: number) => {
      const query = `{ workspace(id: "acme") { accessReview(from: "${day(from)}", to: "${day(to)}", first: 100) { rows { key { keyId } before { status } after { status } changeCount changes { type time } } } } }`;
      const data = (await own.ask(query)).result.data as {
        workspace: {
          accessReview: {
            rows: {
              key: { keyId: string };
              before: { status: string };
              after: { status: string };
              changeCount: number;
              changes: { type: string; time: string }[];
            }[];
          };
        };
      };
      return new Map(
        data.workspace.accessReview.rows.map(({ key, before, after, changes, changeCount }) => {
          expect(changeCount).toBe(changes.length);
          const [name] = [...keys].find(([, keyId]) => keyId === key.keyId)!;
          return [name, [before.status, after.status, ...changes.map(({ type, time }) => `${type} ${time}`)]] as const;
        }),
      );
    };
    const expired = (days: number): string => `KEY_EXPIRED ${day(days)}`;
    expect(await table(35, 50)).toEqual(
      new Map([
        ['untouched', ['ACTIVE', 'EXPIRED', expired(40)]],
        ['renewed', ['ACTIVE', 'ACTIVE', expired(40), `EXPIRY_CHANGED ${day(41)}`]],
        [
          'met twice',
          ['ACTIVE', 'EXPIRED', expired(36), `EXPIRY_CHANGED ${day(37)}`, expired(38), `KEY_DISABLED ${day(40)}`],
        ],
        ['lasts', ['ACTIVE', 'ACTIVE']],
        ['ended', ['REVOKED', 'REVOKED']],
      ]),
    );
    // A fact at the first time is before, one at the second is between.
    expect((await table(40, 50)).get('untouched')).toEqual(['EXPIRED', 'EXPIRED']);
    expect((await table(35, 40)).get('untouched')).toEqual(['ACTIVE', 'EXPIRED', expired(40)]);
    await own.stop();
  });

  test('leaves out what was deleted before, and what was made later', async () => {
    expect(brief(await review(320, 330)).map(([name]) => name)).toEqual(['maker', 'lives', 'expires', 'hidden']);
    expect(brief(await review(40, 119)).map(([name]) => name)).toEqual(['maker', 'lives']);
    expect(brief(await review(300, 320))).toContainEqual([
      'ends',
      'ACTIVE a:read u-1',
      'DELETED a:read u-1',
      'KEY_REVOKED KEY_DELETED',
    ]);
  });

  test.each([1, 2, 3, 100])('in pages of %i has every row once', async (first) => {
    const whole = brief(await review(125, 310));
    const walked: unknown[] = [];
    for (let after: string | null = null; ;) {
      const page = await review(125, 310, { first, after });
      walked.push(...brief(page));
      expect(page.totalCount).toBe(5);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(walked).toEqual(whole);
  });

  test('is of the keyspaces whose history the caller may see', async () => {
    expect(brief(await review(125, 310, {}, AUDITOR)).map(([name]) => name)).toEqual([
      'maker',
      'lives',
      'expires',
      'ends',
    ]);
    expect(await review(125, 310, {}, MEMBER)).toEqual({
      totalCount: 0,
      rows: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });

  test.each([
    [{ from: at(10), to: at(10) }, 'to must be after from.'],
    [{ from: at(20), to: at(10) }, 'to must be after from.'],
    [{ from: at(20), to: '2999-01-01T00:00:00Z' }, 'to must not be in the future.'],
    [{ from: at(20), to: at(30), first: 0 }, 'first must be between 1 and 100.'],
    [{ from: at(20), to: at(30), first: 101 }, 'first must be between 1 and 100.'],
    [{ from: at(20), to: at(30), after: 'x' }, 'after must be a cursor of this list in this order.'],
  ])('refuses %j', async (variables, message) => {
    const { codes, errors } = await on.refusal(AccessReviewDocument, { workspace: 'acme', ...variables });
    expect([codes, errors[0]!.message]).toEqual([['BAD_USER_INPUT'], message]);
  });

  test('that does not fit into one page is never cut short unasked', async () => {
    const own = await createInstallation();
    await own.plant(Array.from({ length: 101 }, (_, n) => `key ${n}`));
    const asked = { workspace: 'acme', from: at(0), to: at(90_000) };
    const { codes, errors } = await own.refusal(AccessReviewDocument, asked);
    expect([codes, errors[0]!.message]).toEqual([
      ['BAD_USER_INPUT'],
      'first must be given: the review does not fit into one page of 100.',
    ]);
    const { workspace } = await own.run(AccessReviewDocument, { ...asked, first: 100 });
    expect(workspace!.accessReview).toMatchObject({ totalCount: 101, pageInfo: { hasNextPage: true } });
    await own.stop();
  });

  test('refuses the changes of a key of which there are too many, and tells all the rest', async () => {
    const own = await createInstallation();
    const [busy] = await own.plant(['busy', 'calm']);
    for (let n = 0; n < 1001; n++)
      await own.log.append([encodeRecord(await own.author.next(busy!, noted(n % 2 ? 'KeyEnabled' : 'KeyDisabled')))]);
    await own.settle();
    const ask = (selection: string) =>
      own.ask(
        `{ workspace(id: "acme") { accessReview(from: "${at(0)}", to: "${at(90_000)}", first: 2) { pageInfo { hasNextPage } rows { key { name } ${selection} } } } }`,
      );
    expect((await ask('changeCount')).result.data).toMatchObject({
      workspace: {
        accessReview: { pageInfo: { hasNextPage: true }, rows: [{ key: { name: 'busy' }, changeCount: 1002 }] },
      },
    });
    expect((await ask('changes { id }')).result.errors![0]!.message).toContain(`more than 1000 changes of ${busy}`);
    await own.stop();
  });
});
