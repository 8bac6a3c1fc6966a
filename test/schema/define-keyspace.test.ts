// defineKeyspace through the schema: what operators see of a profile before and after it is applied.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { DefineKeyspaceDocument, type DefineKeyspaceInput } from '../generated/graphql.ts';
import { SOUND } from '../keyspaces/bad-profiles.ts';
import { ADMIN, createInstallation, OPERATOR, type Installation } from './installation.ts';

let on: Installation;
beforeAll(async () => {
  on = await createInstallation();
});
afterAll(() => on.stop());

let made = 0;
/** A profile of its own for each test. */
const fresh = (changes: object = {}) => {
  made += 1;
  const types = SOUND.types.map((type, index) => ({ ...type, prefix: `t${made}${index === 0 ? 'a' : 'b'}` }));
  return { ...SOUND, slug: `made-${made}`, types, ...changes };
};
const define = async (profile: object, more: Partial<DefineKeyspaceInput> = {}, as = OPERATOR) =>
  (await on.run(DefineKeyspaceDocument, { input: { source: stringify(profile), ...more } }, as)).defineKeyspace;

describe('a profile', () => {
  test('is made, changed, and told as it is then', async () => {
    const profile = fresh();
    const first = await define(profile);
    expect(first).toMatchObject({ keyspace: { slug: profile.slug, version: 1 }, problems: [] });
    const second = await define({ ...profile, name: 'Renamed' });
    expect(second).toMatchObject({
      keyspace: { version: 2, name: 'Renamed' },
      diff: { changes: [{ path: ['name'], before: 'Sound', after: 'Renamed' }], effects: [] },
    });
  });

  test('that is so already changes nothing, and says where that is', async () => {
    const profile = fresh();
    const first = await define(profile);
    const records = on.log.records().length;
    expect(await define(profile)).toMatchObject({
      keyspace: { version: 1 },
      diff: { changes: [] },
      position: 'position' in first ? first.position : '',
    });
    expect(on.log.records()).toHaveLength(records);
  });

  test('under the same commandId gives the first outcome, and another one under it is refused', async () => {
    const profile = fresh();
    const first = await define(profile, { commandId: 'define-once' });
    await define({ ...profile, name: 'Later' });
    const again = await define(profile, { commandId: 'define-once' });
    expect(again).toMatchObject({ position: 'position' in first ? first.position : '', keyspace: { version: 2 } });
    expect(await define({ ...profile, name: 'Else' }, { commandId: 'define-once' })).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['commandId'],
    });
  });

  test('retried under its commandId is answered with the same diff and warnings as the first time', async () => {
    const profile = fresh();
    const told = async (changes: object, commandId: string) => {
      const answer = await define({ ...profile, ...changes }, { commandId, allowWidening: true });
      if (!('diff' in answer)) throw new Error(JSON.stringify(answer));
      const { diff, warnings, position } = answer;
      return { diff, warnings, position };
    };
    const [, open] = profile.types;
    const changes = {
      types: [{ ...profile.types[0], prefix: 'ghp' }, open],
      managesKeys: { view: 'a:write', change: 'a:read' },
      environments: [],
      expiry: null,
    };
    const first = await told({}, 'again-1');
    const second = await told(changes, 'again-2');
    expect(second.diff.effects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['WIDENS', 'CHANGES']));
    expect(second.warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['VENDOR_PREFIX', 'CHANGE_WITHOUT_VIEW']),
    );
    // Events of other profiles, more than a page of history, lie between.
    for (let count = 0; count < 104; count++) await define(fresh());
    const third = await told({ ...changes, name: 'Third' }, 'again-3');
    await told({ name: 'Last' }, 'again-4');
    expect(await told({}, 'again-1')).toEqual(first);
    expect(await told(changes, 'again-2')).toEqual(second);
    expect(await told({ ...changes, name: 'Third' }, 'again-3')).toEqual(third);
    expect(third.diff.changes).toEqual([{ path: ['name'], before: 'Sound', after: 'Third' }]);
  });

  test('keeps to ifVersion', async () => {
    const profile = fresh();
    expect(await define(profile, { ifVersion: 1 })).toMatchObject({ code: 'VERSION_CONFLICT' });
    await define(profile);
    expect(await define({ ...profile, name: 'B' }, { ifVersion: 1 })).toMatchObject({ keyspace: { version: 2 } });
    expect(await define({ ...profile, name: 'C' }, { ifVersion: 1 })).toMatchObject({ code: 'VERSION_CONFLICT' });
  });

  test('with problems is refused with all of them', async () => {
    const records = on.log.records().length;
    expect(await define(fresh({ workspaces: [], timeZone: 'Nowhere' }))).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['source', 'workspaces'],
      issues: [{ path: ['source', 'workspaces'] }, { path: ['source', 'timeZone'] }],
    });
    expect(on.log.records()).toHaveLength(records);
  });

  test('that widens what keys may do needs leave', async () => {
    const profile = fresh();
    await define(profile);
    const wider = {
      ...profile,
      permissions: { ...profile.permissions, implications: [{ scope: 'a:read', implies: ['a:write'] }] },
    };
    expect(await define(wider)).toMatchObject({ code: 'INVALID_INPUT', path: ['allowWidening'] });
    expect(await define(wider, { allowWidening: true })).toMatchObject({
      diff: { effects: [{ kind: 'WIDENS' }, { kind: 'NARROWS' }] },
    });
  });

  test('is the operators’ alone', async () => {
    expect(await define(fresh(), {}, ADMIN)).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await define(fresh(), { dryRun: true }, ADMIN)).toMatchObject({ code: 'NOT_ALLOWED' });
  });
});

describe('a dry run', () => {
  test('tells what would change and changes nothing', async () => {
    const profile = fresh();
    const records = on.log.records().length;
    expect(await define(profile, { dryRun: true })).toMatchObject({
      keyspace: null,
      problems: [],
      diff: { effects: [] },
    });
    await define(profile);
    const wider = { ...profile, permissions: { ...profile.permissions, superScopes: ['all', 'a:write'] } };
    const implied = { ...wider, permissions: { ...wider.permissions, implications: [] } };
    expect(await define(implied, { dryRun: true })).toMatchObject({
      keyspace: { version: 1 },
      diff: { effects: [{ kind: 'WIDENS', message: 'keys with a:write may do everything' }] },
    });
    expect(on.log.records()).toHaveLength(records + 1);
  });

  test('tells every problem, as problems and not as an error', async () => {
    expect(await define(fresh({ workspaces: [], colour: 'red' }), { dryRun: true })).toMatchObject({
      __typename: 'DefineKeyspacePayload',
      keyspace: null,
      problems: [{ path: ['colour'] }, { path: ['workspaces'] }],
    });
  });
});

test('two operators who make keyspaces with one prefix: one of them is refused', async () => {
  const one = fresh();
  const other = { ...one, slug: `${one.slug}-b` };
  const answers = await Promise.all([define(one), define(other)]);
  expect(answers.map(({ __typename }) => __typename).toSorted()).toEqual(['DefineKeyspacePayload', 'InvalidInput']);
});
