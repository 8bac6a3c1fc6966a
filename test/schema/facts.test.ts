// Facts about time in the history of keys, as callers read it: of products other than the one that asks for reminders, and of
// one that does. Each once, in its place between the events, without an actor, and still there when the key is forgotten.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataKeyId } from '../../events/ids.ts';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { encodeRecord } from '../../events/record.ts';
import { createExpiryFacts } from '../../projections/expiry-facts.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { created, noted } from '../fakes/author.ts';
import { memoryLogger } from '../fakes/running.ts';
import { KeyHistoryDocument, WorkspaceHistoryDocument, type HistoryFilter } from '../generated/graphql.ts';
import { preset, type Preset } from '../keyspaces/presets.ts';
import { caller, createInstallation, type Installation } from './installation.ts';

const DAY = 86_400_000;
const PRODUCTS: readonly Preset[] = ['dronahq', 'dagen', 'ayra'];
const AUDITOR = caller({ acme: 'auditor' });

let on: Installation;
/** When everything expires. */
let expiry: number;
const day = (before: number): string => new Date(expiry - before * DAY).toISOString();
const ids = new Map<string, string>();
const idOf = (name: string): string => ids.get(name) ?? '';

async function happens(name: string, event: AnyNewEvent, now: string): Promise<void> {
  const id = ids.get(name) ?? on.author.keyId(name);
  ids.set(name, id);
  await on.log.append([encodeRecord(await on.author.next(id, event, { workspaceId: 'acme', now }))]);
}

beforeAll(async () => {
  on = await createInstallation({ profiles: PRODUCTS.map(preset) });
  expiry = Date.parse(on.now()) + 100 * DAY;
  for (const keyspace of PRODUCTS)
    await happens(keyspace, created(keyspace, { data: { keyspace, expiresAt: day(0) } }), day(90));
  await happens('dronahq', noted('KeyDisabled', 'a while'), day(7));
  await happens('dronahq', noted('KeyEnabled'), day(3));
  await on.settle();
  for (const at of [day(29), day(6), day(0), day(-1)]) {
    const facts = createExpiryFacts({ log: on.log, store: on.memory, now: () => at, logger: memoryLogger() });
    while ((await facts.noticeDue()).more);
    await on.settle();
  }
});
afterAll(() => on.stop());

async function historyOf(name: string, filter: HistoryFilter = {}, as = AUDITOR) {
  const id = encodeGlobalId('ApiKey', idOf(name));
  return (await on.run(KeyHistoryDocument, { id, first: 100, filter }, as)).key!.history;
}

describe('facts about time in the history of a key', () => {
  test.each(PRODUCTS)('stand between its events, each once, in order: %s', async (name) => {
    const { nodes, totalCount } = await historyOf(name);
    const facts = nodes.filter(({ type }) => type === 'KEY_EXPIRING' || type === 'KEY_EXPIRED');
    const keyspace = name;
    expect(facts.map(({ type, time, data }) => ({ type, time, data }))).toEqual([
      { type: 'KEY_EXPIRING', time: day(30), data: { keyspace, expiresAt: day(0), days: 30 } },
      { type: 'KEY_EXPIRING', time: day(7), data: { keyspace, expiresAt: day(0), days: 7 } },
      { type: 'KEY_EXPIRING', time: day(1), data: { keyspace, expiresAt: day(0), days: 1 } },
      { type: 'KEY_EXPIRED', time: day(0), data: { keyspace, expiresAt: day(0) } },
    ]);
    for (const fact of facts) {
      expect(fact).toMatchObject({
        ...{ subject: idOf(name), version: null, actor: null, commandId: null, requestId: null },
        ...{ keyspaceVersion: null, ip: null, userAgent: null, hash: null, prev: null },
      });
      expect(fact.position).toMatch(/^p1_\d-\d+$/);
    }
    expect(totalCount).toBe(nodes.length);
    expect(nodes.map(({ time }) => time)).toEqual(nodes.map(({ time }) => time).toSorted());
  });

  test('come before an event of their moment', async () => {
    expect((await historyOf('dronahq')).nodes.map(({ type }) => type)).toEqual([
      ...['KEY_CREATED', 'KEY_EXPIRING', 'KEY_EXPIRING', 'KEY_DISABLED', 'KEY_ENABLED', 'KEY_EXPIRING', 'KEY_EXPIRED'],
    ]);
  });

  test('are asked for by their type and time, and by no actor', async () => {
    const types = async (filter: HistoryFilter) =>
      (await historyOf('dagen', filter)).nodes.map(({ type, time }) => [type, time]);
    expect(await types({ types: ['KEY_EXPIRED'] })).toEqual([['KEY_EXPIRED', day(0)]]);
    expect(await types({ types: ['KEY_EXPIRING'], from: day(7), to: day(1) })).toEqual([['KEY_EXPIRING', day(7)]]);
    expect(await types({ types: ['KEY_EXPIRED', 'KEY_CREATED'] })).toEqual([
      ['KEY_CREATED', day(90)],
      ['KEY_EXPIRED', day(0)],
    ]);
    expect(await types({ actor: 'user:ada' })).toEqual([['KEY_CREATED', day(90)]]);
  });

  test('are in the workspace’s history and told to subscribers, of every product', async () => {
    const asked = { workspace: 'acme', first: 100, filter: { types: ['KEY_EXPIRED' as const] } };
    const { workspace } = await on.run(WorkspaceHistoryDocument, asked, AUDITOR);
    const subjects = PRODUCTS.map(idOf).toSorted();
    expect(workspace!.history.nodes.map(({ subject }) => subject).toSorted()).toEqual(subjects);
    const beginning = `p1_${Array.from({ length: on.log.partitions }, (_, partition) => `${partition}-0`).join('_')}`;
    const told = await on.follow(
      `subscription { keyEvents(workspaceId: "acme", after: "${beginning}", types: [KEY_EXPIRED]) { subject version actor { id } } }`,
      null,
      AUDITOR,
    );
    const events = told.map(({ result }) => (result.data as { keyEvents: object }).keyEvents);
    expect(events).toHaveLength(subjects.length);
    for (const subject of subjects) expect(events).toContainEqual({ subject, version: null, actor: null });
  });

  test('are for those who may see history alone', async () => {
    const member = await historyOf('ayra', {}, caller({ acme: 'member' }));
    expect(member).toMatchObject({ totalCount: 0, nodes: [] });
  });

  test('stay when the key is forgotten: nothing in them is anybody’s', async () => {
    const before = (await historyOf('dagen', { types: ['KEY_EXPIRED', 'KEY_EXPIRING'] })).nodes;
    on.memory.eraseDataKey(dataKeyId(idOf('dagen'), 1));
    const { nodes } = await historyOf('dagen');
    expect(nodes[0]!.data).not.toHaveProperty('name');
    expect(nodes.slice(1)).toEqual(before);
  });
});
