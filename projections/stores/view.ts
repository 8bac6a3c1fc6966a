// One generation as it is read, over the tables of any store: what each question of the port means, once for all stores.
import type { EventType } from '../../events/catalogue.ts';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import type { Position } from '../../events/position.ts';
import type { GenerationId, GenerationView } from '../read-store.ts';
import type { HistoryRow, KeyRow, SecretRow, Window } from '../rows.ts';
import { and, compare, equal, oneOf, type Table } from './conditions.ts';
import { fromStoredHistory, type StoredHistory } from './history-record.ts';
import { historyCondition, historyCursorValues, historyOrder } from './history-query.ts';
import { fromStoredKey, type StoredKey } from './key-record.ts';
import { keyCondition, keyOrder } from './key-query.ts';
import { readWindow, type CursorValues } from './paging.ts';
import { readStored, type Damaged } from './stored-json.ts';

/** The tables of one generation, as a store reads them. */
export interface Tables {
  readonly keys: Table<StoredKey>;
  readonly history: Table<StoredHistory>;
  readonly secrets: Table<SecretRow>;
  /** One record: the whole state as JSON. */
  readonly keyspaces: Table<{ readonly row: string }>;
  readonly damaged: Damaged;
}

const BY_ID = { columns: ['id'], descending: false };
/** What operators' commands append, in whichever aggregate. */
const OPERATORS_EVENTS: readonly EventType[] = ['RecordDiscarded', 'KeyspaceDefined', 'KeyspaceChanged'];
const BY_VERSION = { columns: ['version'], descending: false };

export async function readKeys({ keys, damaged }: Tables, ids: readonly string[]): Promise<Map<string, KeyRow>> {
  const found = await keys.find(oneOf('id', [...new Set(ids)]), BY_ID);
  return new Map(found.map((stored) => fromStoredKey(stored, damaged)).map((row) => [row.state.keyId, row]));
}

export async function readKeyspaces({ keyspaces, damaged }: Tables): Promise<KeyspacesState> {
  const found = await keyspaces.first(and(), BY_ID);
  return found ? parseKeyspaces(found.row, damaged) : NO_KEYSPACES;
}

/** Every decision and every list needs the profiles, and they change seldom: what was parsed last is kept. */
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

export function generationView(generation: GenerationId, checkpoint: Position, tables: Tables): GenerationView {
  const { keys, history, secrets, damaged } = tables;
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
    listKeys: async (query, order, window) => {
      const cursors = mapCursors(window, ({ value, id }): CursorValues => [value, id]);
      const { rows, more } = await readWindow(keys, keyCondition(query), keyOrder(order), cursors);
      return { rows: rows.map(toKey), more };
    },
    countKeys: (query) => keys.count(keyCondition(query)),
    listHistory: async (query, window) => {
      const cursors = mapCursors(window, historyCursorValues(query));
      const { rows, more } = await readWindow(history, historyCondition(query), historyOrder(query), cursors);
      return { rows: rows.map(toHistory), more };
    },
    countHistory: (query) => history.count(historyCondition(query)),
    scanKeys: async (after, limit) => {
      const found = await keys.find(after === null ? and() : compare('id', '>', after), BY_ID, limit);
      return found.map(toKey);
    },
    keyBySecret: async (hash) => {
      const secret = await secrets.first(equal('hash', hash), { columns: ['hash'], descending: false });
      return secret ? ((await key(secret.keyId))?.state ?? null) : null;
    },
    retiring: async (until, limit) => {
      const soonest = { columns: ['retiresAt', 'id'], descending: false };
      return (await keys.find(compare('retiresAt', '<=', until), soonest, limit)).map(toKey);
    },
  };
}

function mapCursors<C>(window: Window<C>, values: (cursor: C) => CursorValues): Window<CursorValues> {
  return {
    ...window,
    after: window.after && values(window.after),
    before: window.before && values(window.before),
  };
}
