// Somebody with access to the database changes history past Keyfold: a bundle that is exported from it does not prove, at the
// very event where that can be told, and `keyfold audit shadow` names every event that it was done to.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventHash } from '../../events/chain.ts';
import { openSqlite, type Sqlite } from '../../events/logs/sqlite.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import { fromStoredHistory, toHistoryRecord } from '../../projections/stores/history-record.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import { cli } from '../support/cli.ts';
import { start, type InProcess } from '../support/in-process.ts';
import { change, createKey } from '../support/keys.ts';

let folder: string;
let honest: string;
let data: string;
let running: InProcess | null = null;
/** Two keys with three events each, and one that was only made. */
let [first, second, third]: readonly string[] = [];

const env = (): Record<string, string> => ({ KEYFOLD_DATA: data, KEYFOLD_URL: running?.addresses.api ?? '' });
async function serve(): Promise<InProcess> {
  return (running = await start({ env: { KEYFOLD_DATA: data }, dispose: () => Promise.resolve() }));
}
async function stop(): Promise<void> {
  await running?.stop();
  running = null;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-tampered-'));
  [honest, data] = [join(folder, 'honest'), join(folder, 'data')];
  const api = await (await serve()).api();
  const made: string[] = [];
  for (let n = 0; n < 3; n++) made.push((await createKey(api, { name: `Key ${n}` })).keyId);
  [first, second, third] = made;
  for (const id of [first, second]) {
    await change(api, 'disableKey', id!, { note: 'a while' });
    await change(api, 'enableKey', id!);
  }
  // A log whose last record the read models do not know is refused at the start.
  await createKey(api, { name: 'The last one' });
  // What was signed before it was changed.
  expect((await cli(['audit', 'checkpoint', '--out', join(folder, 'kept.json')], env())).code).toBe(0);
  await stop();
  await cp(data, honest, { recursive: true });
}, 120_000);
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

async function inDatabase(work: (db: Sqlite) => Promise<unknown>): Promise<void> {
  const db = await openSqlite({ file: join(data, 'read.db'), synced: false });
  await work(db);
  await db.close();
}
/** An event's row, by its key and its version. */
const ONE = 'aggregateId = ? AND version = ?';
const placeOf = (id: string): [string, number] => {
  const [aggregateId = '', version] = id.split('@');
  return [aggregateId, Number(version)];
};
async function rowOf(db: Sqlite, id: string): Promise<HistoryRow> {
  const [found] = await db.all<{ row: string }>(`SELECT row FROM history_g1 WHERE ${ONE}`, placeOf(id));
  return fromStoredHistory(found!, damagedRow);
}
/** Writes a row as Keyfold would have: its columns fit. */
async function write(db: Sqlite, row: HistoryRow): Promise<void> {
  const columns = Object.entries<string | number | null>({ ...toHistoryRecord(row) });
  const record = columns.filter(([name]) => name !== 'id');
  const names = record.map(([name]) => `"${name}"`).join(', ');
  const marks = record.map(() => '?').join(', ');
  await db.run(
    `INSERT OR REPLACE INTO history_g1 (${names}) VALUES (${marks})`,
    record.map(([, value]) => value),
  );
}
const remove = (id: () => string) => (db: Sqlite) => db.run(`DELETE FROM history_g1 WHERE ${ONE}`, placeOf(id()));
const edit = (id: () => string, changed: (row: HistoryRow) => HistoryRow) => async (db: Sqlite) =>
  write(db, changed(await rowOf(db, id())));
const actor = (row: HistoryRow, who = 'user:mallory'): HistoryRow => ({
  ...row,
  actor: who,
  attributes: { ...row.attributes, actor: who },
});
/** By somebody who knows how chains are made. */
function rehashed(row: HistoryRow): HistoryRow {
  const { hash: former, ...covered } = row.attributes;
  const hash = eventHash(covered, row.data);
  if (hash === former) throw new Error('nothing was changed');
  return { ...row, attributes: { ...row.attributes, hash } };
}

/** One more event of the third key, with a chain that fits. */
async function putIn(db: Sqlite, offset: (last: HistoryRow['position']) => number): Promise<void> {
  const last = await rowOf(db, `${third}@1`);
  const more = { id: `${third}@2`, version: 2 };
  const { attributes, position } = last;
  const made = { ...attributes, ...more, prev: attributes.hash, commandid: 'made-up' };
  const place = { ...position, offset: offset(position) };
  await write(db, rehashed({ ...last, ...more, commandId: 'made-up', position: place, attributes: made }));
}

interface Case {
  readonly what: string;
  readonly tamper: (db: Sqlite) => Promise<unknown>;
  /** Which event the checker stops at, and what it says; `null`: only the heads as a whole are wrong. */
  readonly found: { readonly at: () => string | null; readonly problem: string | RegExp };
  readonly shadow: () => string;
}
const CHECKPOINT = { at: () => null, problem: /./ };
const CASES: readonly Case[] = [
  {
    what: 'who did it was changed',
    tamper: edit(() => `${first}@2`, actor),
    found: { at: () => `${first}@2`, problem: 'hash does not match the content' },
    shadow: () => `event ${first}@2: is not what the log holds`,
  },
  {
    what: 'what was done was changed, and its hash made to fit',
    tamper: edit(
      () => `${first}@2`,
      (row) => rehashed(actor(row)),
    ),
    found: { at: () => `${first}@3`, problem: 'prev is not the hash of the event before' },
    shadow: () => `event ${first}@2: is not what the log holds`,
  },
  {
    what: 'the last event of a key was changed, and its hash made to fit',
    tamper: edit(
      () => `${second}@3`,
      (row) => rehashed(actor(row)),
    ),
    found: CHECKPOINT,
    shadow: () => `event ${second}@3: is not what the log holds`,
  },
  {
    what: 'an event was moved to an earlier day',
    tamper: edit(
      () => `${second}@2`,
      (row) => {
        const time = '2020-01-01T00:00:00.000Z';
        return { ...row, time, attributes: { ...row.attributes, time } };
      },
    ),
    found: { at: () => `${second}@2`, problem: 'time is before that of the event before' },
    shadow: () => `event ${second}@2: is not what the log holds`,
  },
  {
    what: 'an event was taken out between others',
    tamper: remove(() => `${first}@2`),
    found: { at: () => `${first}@3`, problem: 'events between version 1 and it are missing' },
    shadow: () => `event ${first}@2: is missing in history`,
  },
  {
    what: 'the first event of a key was taken out',
    tamper: remove(() => `${second}@1`),
    found: { at: () => `${second}@2`, problem: 'the events before version 2 are missing' },
    shadow: () => `event ${second}@1: is missing in history`,
  },
  {
    what: 'the last event of a key was taken out',
    tamper: remove(() => `${second}@3`),
    found: CHECKPOINT,
    shadow: () => `event ${second}@3: is missing in history`,
  },
  {
    what: 'all that ever happened to a key was taken out',
    tamper: remove(() => `${third}@1`),
    found: CHECKPOINT,
    shadow: () => `event ${third}@1: is missing in history`,
  },
  {
    what: 'an event was put in that never was',
    tamper: (db) => putIn(db, ({ offset }) => offset),
    found: CHECKPOINT,
    shadow: () => `event ${third}@2: is not in the log`,
  },
  {
    // No list along the log reaches it, nor does an export; a key's history does.
    what: 'an event was put in behind the end of the log',
    tamper: (db) => putIn(db, ({ offset }) => offset + 1000),
    found: { at: () => 'intact', problem: '' },
    shadow: () => 'history of workspace acme: shadow has 8 of 9 events',
  },
  {
    what: 'an event was moved out of the reach of whoever reads along the log',
    tamper: (db) => db.run(`UPDATE history_g1 SET "offset" = 1000000 WHERE ${ONE}`, placeOf(`${first}@2`)),
    found: { at: () => `${first}@3`, problem: 'events between version 1 and it are missing' },
    shadow: () => `event ${first}@2: is missing in history`,
  },
  ...[
    ['actor', 'user:somebody'],
    ['time', '2020-01-01T00:00:00.000Z'],
    ['type', 'KeyEnabled'],
    ['requestId', 'another'],
    ['commandId', 'another'],
    ['workspaceId', 'globex'],
  ].map(([column, value]) => ({
    // The event itself is as it was: a bundle proves. Lists do not find it, or find it where it is not.
    what: `an event was hidden from lists that go by its ${column}`,
    tamper: (db: Sqlite) =>
      db.run(`UPDATE history_g1 SET ${column} = ? WHERE ${ONE}`, [value!, ...placeOf(`${first}@2`)]),
    found: { at: () => 'intact', problem: '' },
    shadow: () => `event ${first}@2: is filed under what it is not`,
  })),
];

describe('history that was changed past Keyfold', () => {
  test.each(CASES)('$what', { timeout: 120_000 }, async ({ tamper, found, shadow }) => {
    await rm(data, { recursive: true, force: true });
    await cp(honest, data, { recursive: true });
    await inDatabase(tamper);
    await serve();
    const bundle = join(folder, 'bundle.ndjson');
    const exported = await cli(['events', 'export', '--quiet', '--out', bundle], env());
    expect([exported.code, exported.stderr]).toEqual([0, '']);
    const { code, stdout } = await cli(['audit', 'verify', bundle, '--json'], {});
    const told = JSON.parse(stdout) as { kind: string; eventId: string | null; problem: string };
    if (found.at() === 'intact') expect([code, told.kind]).toEqual([0, 'intact']);
    else {
      expect([code, told.kind, told.eventId]).toEqual([1, 'tampered', found.at()]);
      expect(told.problem).toMatch(found.problem);
    }
    const compared = await cli(['audit', 'shadow'], env());
    expect(compared.code).toBe(1);
    expect(compared.stderr).toContain(shadow());
    await stop();
  });

  test('is honest again once it is put back', { timeout: 120_000 }, async () => {
    await rm(data, { recursive: true, force: true });
    await cp(honest, data, { recursive: true });
    await serve();
    const bundle = join(folder, 'bundle.ndjson');
    await cli(['events', 'export', '--quiet', '--out', bundle], env());
    const kept = join(folder, 'kept.json');
    expect((await cli(['audit', 'verify', bundle, '--checkpoint', kept], {})).code).toBe(0);
    expect((await cli(['audit', 'shadow'], env())).code).toBe(0);
    await stop();
  });
});
