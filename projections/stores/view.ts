// One generation as it is read, over the tables of any store: what each question of the port means, once for all stores.
import type { EventType } from '../../events/catalogue.ts';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import type { Position } from '../../events/position.ts';
import type { GenerationId, GenerationView } from '../read-store.ts';
import type { HistoryRow, KeyQuery, KeyRow, Rows, SecretRow, Window } from '../rows.ts';
import { chainsOfRows, type Chains } from './chains.ts';
import type { FactRecord, StoredFact } from './fact-record.ts';
import { and, compare, equal, oneOf, or, type Condition, type Sort, type Table } from './conditions.ts';
import { fromStoredHistory, type HistoryRecord, type StoredHistory } from './history-record.ts';
import { historyCondition, historyCursorValues, historyOrder, PAST_ORDER, pastCondition } from './history-query.ts';
import { fromStoredKey, type StoredKey } from './key-record.ts';
import { keyCondition, keyOrder, madeCondition } from './key-query.ts';
import type { KeptKeys, KeyHead } from './kept-keys.ts';
import { readWindow, type CursorValues, type ListOrder } from './paging.ts';
import { readStored, type Damaged } from './stored-json.ts';
import { BY_OFFSET, inRange, timeline } from './timeline.ts';

/** The tables of one generation, as a store reads them. */
export interface Tables {
  readonly keys: Table<StoredKey>;
  readonly history: Table<StoredHistory>;
  readonly facts: Table<StoredFact>;
  /** Both with all that lists go by. */
  readonly filed: { readonly history: Table<HistoryRecord>; readonly facts: Table<FactRecord> };
  readonly secrets: Table<SecretRow>;
  /** One record: the whole state as JSON. */
  readonly keyspaces: Table<{ readonly row: string }>;
  readonly damaged: Damaged;
  /** Absent: rows are read whole. */
  readonly chains?: Chains;
  readonly atHand?: AtHand;
}

/** What a store answers in microseconds, so that what was read and parsed before serves again. */
export interface AtHand {
  readonly keptKeys: KeptKeys;
  /**
   * The heads of the first keys within `bounds` that meet `condition`. `null` where a short look does not tell: `bounds`
   * and `sort` must be those of an index, and few of the keys there may fail the condition.
   */
  readonly heads: (
    bounds: Condition,
    condition: Condition,
    sort: Sort,
    limit: number,
  ) => Promise<readonly KeyHead[] | null>;
  /** Of the profiles' row; 0: there is none. */
  readonly keyspacesVersion: () => Promise<number>;
  /** The profiles as they were read last. */
  keyspaces: KeyspacesState;
}

const BY_ID = { columns: ['id'], descending: false };
/** What operators' commands append, in whichever aggregate. */
const OPERATORS_EVENTS: readonly EventType[] = ['RecordDiscarded', 'KeyspaceDefined', 'KeyspaceChanged'];
const OLDEST_FIRST = keyOrder({ field: 'CREATED_AT', direction: 'ASC' });
const BY_VERSION = { columns: ['version'], descending: false };

export async function readKeys({ keys, damaged }: Tables, ids: readonly string[]): Promise<Map<string, KeyRow>> {
  const found = await keys.find(oneOf('id', [...new Set(ids)]), BY_ID);
  return new Map(found.map((stored) => fromStoredKey(stored, damaged)).map((row) => [row.state.keyId, row]));
}

/** Every decision and every list needs the profiles, and they change seldom: what was read last is kept. */
export async function readKeyspaces({ keyspaces, damaged, atHand }: Tables): Promise<KeyspacesState> {
  if (atHand) {
    const version = await atHand.keyspacesVersion();
    if (version === atHand.keyspaces.version) return atHand.keyspaces;
  }
  const found = await keyspaces.first(and(), BY_ID);
  const state = found ? parseKeyspaces(found.row, damaged) : NO_KEYSPACES;
  if (atHand) atHand.keyspaces = state;
  return state;
}

/** Of stores that are not at hand, as the text tells. */
const parseKeyspaces = (() => {
  let last = { row: '', state: NO_KEYSPACES };
  return (row: string, damaged: Damaged): KeyspacesState => {
    if (row === last.row) return last.state;
    const state = readStored<KeyspacesState>(row, ['version', 'profiles'], 'keyspaces', damaged);
    // An earlier build kept less of a profile; what it kept cannot be completed here, and is made again from the log.
    if (Object.values(state.profiles).some((entry) => !('formats' in entry))) throw damaged('keyspaces');
    last = { row, state };
    return state;
  };
})();

/**
 * A window of the list without a filter, of rows that are all kept; `null`: to be read as every list is. Filters are not
 * for this: how far one must look is not known before.
 */
async function listKept(
  { heads, keptKeys }: Pick<AtHand, 'heads' | 'keptKeys'>,
  query: KeyQuery,
  order: ListOrder,
  cursors: Window<CursorValues>,
): Promise<Rows<KeyRow> | null> {
  if (Object.keys(query.filter).length > 0) return null;
  const condition = keyCondition(query);
  const inWorkspace = equal('workspaceId', query.workspaceId);
  const tell = (bounds: Condition, sort: Sort, limit: number) =>
    heads(and(inWorkspace, bounds), condition, sort, limit);
  const found = await readWindow(tell, and(), order, cursors);
  const rows = found && keptKeys.rowsOf(found.rows);
  return found && rows && { rows, more: found.more };
}

export function generationView(generation: GenerationId, checkpoint: Position, tables: Tables): GenerationView {
  const { keys, history, secrets, damaged, atHand, chains = chainsOfRows(tables) } = tables;
  const toKey = (stored: StoredKey): KeyRow => fromStoredKey(stored, damaged);
  const toHistory = (stored: StoredHistory): HistoryRow => fromStoredHistory(stored, damaged);

  async function key(id: string): Promise<KeyRow | null> {
    const found = await keys.first(equal('id', id), BY_ID);
    return found ? toKey(found) : null;
  }

  return {
    generation,
    checkpoint,
    key,
    keys: (ids) => readKeys(tables, ids),
    successors: async (keyIds) => {
      const order = { columns: ['createdAt', 'id'], descending: false };
      const rows = (await keys.find(oneOf('predecessor', [...new Set(keyIds)]), order)).map(toKey);
      return new Map(keyIds.map((id) => [id, rows.filter(({ state }) => state.predecessor === id)]));
    },
    keyspaces: () => readKeyspaces(tables),
    historyByCommand: async (aggregateId, commandId) => {
      const asked = and(equal('aggregateId', aggregateId), equal('commandId', commandId));
      const first = await history.first(asked, BY_VERSION);
      return first ? toHistory(first) : null;
    },
    historyByOperatorCommand: async (commandId) => {
      const asked = and(equal('commandId', commandId), oneOf('type', OPERATORS_EVENTS));
      const first = await history.first(asked, { columns: ['time', 'aggregateId', 'version'], descending: false });
      return first ? toHistory(first) : null;
    },
    historyAt: async (aggregateId, version) => {
      const asked = and(equal('aggregateId', aggregateId), equal('version', version));
      const only = await history.first(asked, BY_VERSION);
      return only ? toHistory(only) : null;
    },
    creations: async (aggregateIds) => {
      const first = and(oneOf('aggregateId', [...new Set(aggregateIds)]), equal('version', 1));
      const found = aggregateIds.length === 0 ? [] : await history.find(first, BY_VERSION);
      return new Map(found.map(toHistory).map((row) => [row.aggregateId, row]));
    },
    listKeys: async (query, order, window) => {
      const cursors = mapCursors(window, ({ value, id }): CursorValues => [value, id]);
      const kept = atHand ? await listKept(atHand, query, keyOrder(order), cursors) : null;
      if (kept) return kept;
      const since = atHand?.keptKeys.drops();
      const found = await readWindow(keys.find, keyCondition(query), keyOrder(order), cursors);
      const rows = found.rows.map(toKey);
      atHand?.keptKeys.keep(rows, since);
      return { rows, more: found.more };
    },
    countKeys: (query) => keys.count(keyCondition(query)),
    listHistory: async (query, window) => {
      const cursors = mapCursors(window, historyCursorValues(query));
      const { rows, more } = await readWindow(history.find, historyCondition(query), historyOrder(query), cursors);
      return { rows: rows.map(toHistory), more };
    },
    countHistory: (query) => history.count(historyCondition(query)),
    listMade: async (query, direction, window) => {
      const order = keyOrder({ field: 'CREATED_AT', direction });
      const cursors = mapCursors(window, ({ value, id }): CursorValues => [value, id]);
      const { rows, more } = await readWindow(keys.find, madeCondition(query), order, cursors);
      return { rows: rows.map(toKey), more };
    },
    pastEvents: async (query) => {
      const { after, limit } = query;
      const place = after && [after.aggregateId, after.version];
      const window = { limit, backward: false, after: place, before: null };
      const { rows, more } = await readWindow(history.find, pastCondition(query), PAST_ORDER, window);
      return { rows: rows.map(toHistory), more };
    },
    ...timeline(tables),
    eventsOf: async ({ aggregateIds, from, before, after }, limit) => {
      const within = Object.entries(before).map(([partition, end]) => {
        const begin = from[Number(partition)] ?? 0;
        return and(equal('partition', Number(partition)), compare('offset', '>=', begin), compare('offset', '<', end));
      });
      const order = { columns: ['aggregateId', 'version'], nullable: false, descending: false };
      const cursor = after && [after.aggregateId, after.version];
      const window = { limit, backward: false, after: cursor, before: null };
      const asked = and(oneOf('aggregateId', aggregateIds), or(...within));
      const found = await readWindow(history.find, asked, order, window);
      return { rows: found.rows.map(toHistory), more: found.more };
    },
    scanKeys: async (after, limit) => {
      const found = await keys.find(after === null ? and() : compare('id', '>', after), BY_ID, limit);
      return found.map(toKey);
    },
    scanHeads: async (workspaceId, after, limit) => {
      if (workspaceId === null)
        return chains.heads(after === null ? and() : compare('id', '>', after.key), BY_ID, limit);
      const window = { limit, backward: false, after: after && [after.createdAt, after.key], before: null };
      return (await readWindow(chains.heads, equal('workspaceId', workspaceId), OLDEST_FIRST, window)).rows;
    },
    listLinks: (range, limit) => chains.links(inRange(range), BY_OFFSET, limit),
    keyBySecret: async (hash) => {
      const secret = await secrets.first(equal('hash', hash), { columns: ['hash'], descending: false });
      return secret ? ((await key(secret.keyId))?.state ?? null) : null;
    },
    retiring: async (until, limit) => {
      const soonest = { columns: ['retiresAt', 'id'], descending: false };
      return (await keys.find(compare('retiresAt', '<=', until), soonest, limit)).map(toKey);
    },
    noticing: async (until, limit) => {
      const soonest = { columns: ['noticeAt', 'id'], descending: false };
      return (await keys.find(compare('noticeAt', '<=', until), soonest, limit)).map(toKey);
    },
  };
}

export function mapCursors<C>(window: Window<C>, values: (cursor: C) => CursorValues): Window<CursorValues> {
  return {
    ...window,
    after: window.after && values(window.after),
    before: window.before && values(window.before),
  };
}
