// What lies in two tables and is shown as one: accepted events and facts about time, by time or in the order of the log.
// Both are read in the same order and merged; of each no more is read than is shown.
import { isFactType } from '../../events/key/facts.ts';
import { isEventType } from '../../events/catalogue.ts';
import { placeOf } from '../facts.ts';
import type { GenerationView } from '../read-store.ts';
import type { HistoryCursor, LogEntry, LogRange, Rows, TimelineQuery, Window } from '../rows.ts';
import { and, compare, equal, oneOf, type Condition } from './conditions.ts';
import { FILED_FACT_COLUMNS, fromStoredFact, toFactRecord } from './fact-record.ts';
import { FILED_HISTORY_COLUMNS, fromStoredHistory, toHistoryRecord } from './history-record.ts';
import { historyCondition, historyCursorValues, historyOrder } from './history-query.ts';
import { readWindow } from './paging.ts';
import { mapCursors, type Tables } from './view.ts';

type Timeline = Pick<GenerationView, 'listTimeline' | 'countTimeline' | 'facts' | 'listEntries' | 'misfiled'>;

export const BY_OFFSET = { columns: ['partition', 'offset'], descending: false };
const FACT_ORDER = { columns: ['time', 'aggregateId', 'version'], nullable: false, descending: false };

type Asked = Pick<Tables, 'history' | 'facts' | 'filed' | 'damaged'>;

export function timeline({ history, facts, filed, damaged }: Asked): Timeline {
  const noRows = Promise.resolve({ rows: [], more: false });

  async function listEvents(query: TimelineQuery, window: Window<HistoryCursor>): Promise<Rows<LogEntry>> {
    const asked = eventsOf(query);
    if (!asked) return noRows;
    // One key's events are ordered by version alone: where the window begins or ends at a fact, its time bounds them.
    const byVersion = query.scope.aggregateId !== undefined;
    const bounds: Condition[] = [];
    const cursorOf = (cursor: HistoryCursor | null, op: '>=' | '<'): HistoryCursor | null => {
      if (!byVersion || cursor === null || cursor.version > 0) return cursor;
      bounds.push(compare('time', op, cursor.time));
      return null;
    };
    const inside = { ...window, after: cursorOf(window.after, '>='), before: cursorOf(window.before, '<') };
    const cursors = mapCursors(inside, historyCursorValues(query));
    const condition = and(asked, ...bounds);
    const { rows, more } = await readWindow(history.find, condition, historyOrder(query), cursors);
    return { rows: rows.map((stored) => fromStoredHistory(stored, damaged)), more };
  }

  async function listFacts(query: TimelineQuery, window: Window<HistoryCursor>): Promise<Rows<LogEntry>> {
    const asked = factsOf(query);
    if (!asked) return noRows;
    const cursors = mapCursors(window, ({ time, aggregateId, version }) => [time, aggregateId, version]);
    const { rows, more } = await readWindow(facts.find, asked, FACT_ORDER, cursors);
    return { rows: rows.map((stored) => fromStoredFact(stored, damaged)), more };
  }

  return {
    async listTimeline(query, window) {
      const [a, b] = await Promise.all([listEvents(query, window), listFacts(query, window)]);
      const all = [...a.rows, ...b.rows].sort(byPlace);
      const rows = window.backward ? all.slice(-window.limit) : all.slice(0, window.limit);
      return { rows, more: a.more || b.more || all.length > rows.length };
    },
    async countTimeline(query) {
      const [ofEvents, ofFacts] = [eventsOf(query), factsOf(query)];
      const [a, b] = await Promise.all([ofEvents ? history.count(ofEvents) : 0, ofFacts ? facts.count(ofFacts) : 0]);
      return a + b;
    },
    async facts(ids) {
      if (ids.length === 0) return new Map();
      const found = await facts.find(oneOf('id', [...new Set(ids)]), { columns: ['id'], descending: false });
      return new Map(found.map((stored) => fromStoredFact(stored, damaged)).map((row) => [row.id, row]));
    },
    async listEntries(range, limit) {
      const asked = inRange(range);
      const [events, told] = await Promise.all([
        history.find(asked, BY_OFFSET, limit),
        facts.find(asked, BY_OFFSET, limit),
      ]);
      const entries: LogEntry[] = [
        ...events.map((stored) => fromStoredHistory(stored, damaged)),
        ...told.map((stored) => fromStoredFact(stored, damaged)),
      ];
      return entries.sort((a, b) => a.position.offset - b.position.offset).slice(0, limit);
    },
    async misfiled(range, limit) {
      const asked = inRange(range);
      const [events, told] = await Promise.all([
        filed.history.find(asked, BY_OFFSET, limit),
        filed.facts.find(asked, BY_OFFSET, limit),
      ]);
      return [
        ...events.flatMap((found) => {
          const made = toHistoryRecord(fromStoredHistory(found, damaged));
          return sameIn(FILED_HISTORY_COLUMNS, found, made) ? [] : [made.id];
        }),
        ...told.flatMap((found) => {
          const made = toFactRecord(fromStoredFact(found, damaged));
          return sameIn(FILED_FACT_COLUMNS, found, made) ? [] : [made.id];
        }),
      ];
    },
  };
}

/** What lies in a stretch of the log. */
export function inRange({ partition, from, before, workspaceId }: LogRange): Condition {
  const range = and(equal('partition', partition), compare('offset', '>=', from), compare('offset', '<', before));
  return workspaceId === undefined ? range : and(range, equal('workspaceId', workspaceId));
}

/** The row itself is compared elsewhere: with what the log holds. */
function sameIn<R extends object>(columns: readonly string[], found: R, made: R): boolean {
  const values = (record: object) => new Map(Object.entries(record));
  const [a, b] = [values(found), values(made)];
  return columns.every((column) => column === 'row' || (a.get(column) ?? null) === (b.get(column) ?? null));
}

/** Which events a timeline asks for; `null`: none. */
function eventsOf({ types, ...query }: TimelineQuery): Condition | null {
  const own = types?.filter(isEventType);
  if (own === undefined) return historyCondition(query);
  return own.length === 0 ? null : historyCondition({ ...query, types: own });
}

/** Which facts; nobody is the actor of one, nor requested it. */
function factsOf({ types, actor, requestId, ...query }: TimelineQuery): Condition | null {
  const own = types?.filter(isFactType);
  if (actor !== undefined || requestId !== undefined || own?.length === 0) return null;
  return and(historyCondition(query), ...(own ? [oneOf('type', own)] : []));
}

/** By time, aggregate and version, as stores compare text: by code points; ids and times are ASCII. */
function byPlace(entryA: LogEntry, entryB: LogEntry): number {
  const [a, b] = [placeOf(entryA), placeOf(entryB)];
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.aggregateId !== b.aggregateId) return a.aggregateId < b.aggregateId ? -1 : 1;
  return a.version - b.version;
}
