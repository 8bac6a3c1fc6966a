// forgetOwner: all keys that somebody has or ever had in a workspace, deleted ones too, one command each; what was done is
// done once, whatever is sent again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { dataKeyId } from '../../events/ids.ts';
import { readRecord } from '../../events/quarantine.ts';
import { encodeRecord } from '../../events/record.ts';
import { renamed } from '../fakes/author.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import * as documents from '../generated/graphql.ts';
import { ADMIN, caller, createInstallation, GUARDED, type Installation } from './installation.ts';

const deleted: AnyNewEvent = {
  type: 'KeyDeleted',
  data: { destroyedDataKey: null },
  personal: { note: null },
  private: {},
};
const OWNER = 'u-leaver';
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, number) => `${prefix} ${number}`);

let on: Installation;
let theirs: Record<'now' | 'deleted' | 'former' | 'formerOf' | 'regained', readonly string[]>;
let others: readonly string[];
let elsewhere: readonly string[];
beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
  const mine = { data: { ownerId: OWNER } };
  theirs = {
    now: await on.plant(names('now', 10), mine),
    deleted: await on.plant(names('deleted', 8), mine),
    former: await on.plant(names('former', 7), mine),
    formerOf: await on.plant(names('between', 4), { data: { ownerId: 'u-first' } }),
    regained: await on.plant(names('regained', 3), { keyspace: 'guarded', ...mine }),
  };
  others = await on.plant(names('other', 5));
  elsewhere = await on.plant(names('elsewhere', 3), { workspaceId: 'globex', ...mine });
  const happened = async (id: string, event: AnyNewEvent) =>
    on.log.append([encodeRecord(await on.author.next(id, event, { workspaceId: 'acme' }))]);
  for (const id of theirs.deleted) await happened(id, deleted);
  for (const id of theirs.former) await happened(id, renamed('Given away', 'u-heir'));
  for (const id of theirs.formerOf)
    for (const owner of [OWNER, 'u-heir']) await happened(id, renamed('Passed on', owner));
  for (const id of theirs.regained) for (const owner of ['u-heir', OWNER]) await happened(id, renamed('Back', owner));
  for (const id of others) await happened(id, renamed('Never theirs', 'u-heir'));
  await on.settle();
});
afterAll(() => on.stop());

const all = () => Object.values(theirs).flat().sort();
const forget = async (input: Omit<documents.ForgetOwnerInput, 'waitFor'>, as = ADMIN) =>
  (await on.run(documents.ForgetOwnerDocument, { input }, as)).forgetOwner;
/** Key ids of the KeyForgotten in the log. */
const forgotten = () =>
  on.log
    .records()
    .map(readRecord)
    .flatMap((read) => (read.kind === 'key' && read.event.type === 'KeyForgotten' ? [read.event] : []));

describe('in order', () => {
  test('whoever may not forget is told so, and nothing is written', async () => {
    for (const role of ['member', 'auditor', 'viewer'] as const)
      expect(await forget({ workspaceId: 'acme', ownerId: OWNER }, caller({ acme: role }))).toMatchObject({
        __typename: 'NotAllowed',
      });
    expect(forgotten()).toEqual([]);
  });

  test('somebody who never had a key has none to forget', async () => {
    const none = await forget({ workspaceId: 'acme', ownerId: 'u-nobody', commandId: 'none-1' });
    expect(none).toMatchObject({ __typename: 'ForgetOwnerPayload', keyIds: [], results: [], remaining: 0 });
    expect(forgotten()).toEqual([]);
  });

  test('forgets every key that somebody has or had, deleted ones too, and no other', async () => {
    const done = await forget({ workspaceId: 'acme', ownerId: OWNER, commandId: 'leave-1' });
    expect(done).toMatchObject({ __typename: 'ForgetOwnerPayload', commandId: 'leave-1', remaining: 0, warnings: [] });
    if (done.__typename !== 'ForgetOwnerPayload') throw new Error(done.__typename);
    expect(all()).toHaveLength(32);
    expect(done.keyIds).toEqual(all());
    expect(done.results.map((result) => result.__typename)).toEqual(all().map(() => 'ForgetKeyPayload'));
    expect(
      forgotten()
        .map(({ attributes }) => attributes.subject)
        .sort(),
    ).toEqual(all());
    const rows = new Map(on.memory.contents().keys.map((row) => [row.state.keyId, row]));
    for (const id of all()) expect(rows.get(id)).toMatchObject({ details: { name: '' }, state: { dataKeyNumber: 2 } });
    for (const id of [...others, ...elsewhere]) {
      expect(rows.get(id)?.details.name).not.toBe('');
      expect(rows.get(id)?.state.dataKeyNumber).toBe(1);
    }
    const dataKeys = [...all(), ...others, ...elsewhere].map((id) => dataKeyId(id, 1));
    expect([...(await on.memory.dataKeys.destroyed(dataKeys)).keys()].sort()).toEqual(
      all().map((id) => dataKeyId(id, 1)),
    );
  });

  test('protocol W2: the same commandId again gives the first outcome, though keys have come since', async () => {
    const before = forgotten().length;
    const [late] = await on.plant(['late'], { data: { ownerId: OWNER } });
    const again = await forget({ workspaceId: 'acme', ownerId: OWNER, commandId: 'leave-1' });
    if (again.__typename !== 'ForgetOwnerPayload') throw new Error(again.__typename);
    expect(again.keyIds).toEqual(all());
    expect(again.results.map((result) => result.__typename)).toEqual(all().map(() => 'ForgetKeyPayload'));
    expect(forgotten()).toHaveLength(before);
    const fresh = await forget({ workspaceId: 'acme', ownerId: OWNER, commandId: 'leave-2' });
    expect(fresh).toMatchObject({ keyIds: expect.arrayContaining([late!, ...all()]) as unknown });
  });

  test('protocol W1: the same commandId for another owner is refused; in another workspace it is another command', async () => {
    const other = await forget({ workspaceId: 'acme', ownerId: 'u-heir', commandId: 'leave-1' });
    expect(other).toMatchObject({ __typename: 'InvalidInput', path: ['commandId'] });
    const away = await forget(
      { workspaceId: 'globex', ownerId: OWNER, commandId: 'leave-1' },
      caller({ globex: 'admin' }, { actor: { kind: 'user', id: 'eve' } }),
    );
    expect(away).toMatchObject({ keyIds: [...elsewhere].sort(), remaining: 0 });
  });
});

test('what was not dealt with in time is told, and the same commandId goes on until nothing remains', async () => {
  const slow = await createInstallation();
  const ids = await slow.plant(names('many', 20), { data: { ownerId: OWNER } });
  const input = { workspaceId: 'acme', ownerId: OWNER, commandId: 'leave-3' };
  // The log takes no more after a few.
  const append = slow.log.append.bind(slow.log);
  let left = 5;
  slow.log.append = (...args) => {
    if ((left -= 1) < 0) return new Promise(() => undefined);
    return append(...args);
  };
  const first = (await slow.run(documents.ForgetOwnerDocument, { input })).forgetOwner;
  if (first.__typename !== 'ForgetOwnerPayload') throw new Error(first.__typename);
  expect(first.results.filter(({ __typename: type }) => type === 'OutcomeUnknown').length).toBeGreaterThan(0);
  expect(first.remaining).toBe(15);
  expect(first.warnings).toMatchObject([{ code: 'KEYS_REMAIN' }]);
  slow.log.append = append;
  const second = (await slow.run(documents.ForgetOwnerDocument, { input })).forgetOwner;
  expect(second).toMatchObject({ remaining: 0, keyIds: [...ids].sort() });
  const events = slow.log.records().map(readRecord);
  const subjects = events.flatMap((read) =>
    read.kind === 'key' && read.event.type === 'KeyForgotten' ? [read.event.attributes.subject] : [],
  );
  expect(subjects.sort()).toEqual([...ids].sort());
  await slow.stop();
}, 60_000);
