// Facts about time (E6): the projector writes into the log that keys expire soon, and that they have expired. Any number of
// processes may notice: they write the same bytes, and the first record of an id counts. What is due follows from the log
// alone, so nothing is said twice, nor left out, after a crash, a rebuild or a long night.
import { encodeFact } from '../events/fact-record.ts';
import { factsOf, nextMoment, type RemindersAt, type Standing } from '../events/key/moments.ts';
import type { FactType, RecordedFact } from '../events/key/facts.ts';
import { checkReaches, type EventLog } from '../events/log.ts';
import { covers, type Position } from '../events/position.ts';
import { BOUNDS, expiryGiven } from './expiries.ts';
import type { GenerationId, GenerationView, Noticed, ReadStore } from './read-store.ts';
import { createReminders } from './reminders.ts';
import type { HistoryRow, KeyRow } from './rows.ts';
import { createTicker } from './ticker.ts';
import { describeTrouble, type ProjectionLogger } from './troubles.ts';

/** How many keys are looked at at once. */
const BATCH = 500;
const APPEND_MS = 10_000;
const PAGE = 1000;

export interface ExpiryFactsOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** ISO time. */
  readonly now: () => string;
  readonly logger: ProjectionLogger;
  readonly intervalMs?: number;
  /** Most keys that are looked at at once. */
  readonly batchSize?: number;
  /** For metrics; called once a fact is in the log. */
  readonly onFact?: (type: FactType) => void;
}

/** What a look came to. */
export interface Looked {
  /** Facts that were appended. */
  readonly facts: number;
  /** Whether there may be more to do at once. */
  readonly more: boolean;
}

export interface ExpiryFacts {
  start(): void;
  stop(): Promise<void>;
  /** Appends what is due now, of one batch of keys. Throws what log or store fail with. */
  noticeDue(): Promise<Looked>;
}

const NOTHING: Looked = { facts: 0, more: false };

export function createExpiryFacts(options: ExpiryFactsOptions): ExpiryFacts {
  const { log, store, now, logger, intervalMs = 1000, batchSize = BATCH, onFact } = options;
  const remindersOf = createReminders();
  /** A log end and when it was asked for: once the read models have reached it, what was due then can be judged. */
  let asked: { readonly time: string; readonly end: Position } | null = null;
  let latest = '';

  /** L11 */
  function effectiveNow(): string {
    const time = now();
    if (time > latest) latest = time;
    return latest;
  }

  async function noticeDue(): Promise<Looked> {
    asked ??= { time: effectiveNow(), end: await log.end() };
    const { time, end } = asked;
    const due = await store.read((view) => lookAt(view, time, end));
    if (due === null) return NOTHING;
    asked = null;
    const { generation, checkpoint, rows, facts } = due;
    if (rows.length === 0) return NOTHING;
    if (facts.length > 0) {
      // T: nothing is written into a log that the read models are not made from.
      checkReaches(await log.end(), checkpoint);
      await log.append(facts.map(encodeFact), { deadlineMs: APPEND_MS });
      for (const { type } of facts) onFact?.(type);
    }
    // Only now that they are in the log: whatever happens before, the keys are looked at again, and the ids are the same.
    await store.writer(generation).notice(rows.map((row) => noticed(row, time)));
    return { facts: facts.length, more: rows.length === batchSize };
  }

  /** `null`: the read models have not reached what a key may have become by then. */
  async function lookAt(view: GenerationView, time: string, end: Position): Promise<Due | null> {
    const { generation, checkpoint } = view;
    if (!covers(checkpoint, end)) return null;
    const rows = await view.noticing(time, batchSize);
    if (rows.length === 0) return { generation, checkpoint, rows, facts: [] };
    const remindersAt = await remindersOf(view);
    const said = (await Promise.all(rows.map((row) => factsOfKey(view, row, time, remindersAt)))).flat();
    const known = await view.facts(said.map(({ attributes }) => attributes.id));
    const fresh = new Map(said.map((fact) => [fact.attributes.id, fact]));
    for (const id of known.keys()) fresh.delete(id);
    return { generation, checkpoint, rows, facts: [...fresh.values()] };
  }

  /** Why it waits; told once. */
  let trouble: string | null = null;
  const ticker = createTicker({
    intervalMs,
    work: async (signal) => {
      let facts = 0;
      for (let more = true; more && !signal.aborted;) {
        const looked = await noticeDue();
        facts += looked.facts;
        more = looked.more;
      }
      trouble = null;
      if (facts > 0) logger.info({ facts }, 'facts about time were noticed');
    },
    onError: (error) => {
      const reason = describeTrouble(error);
      if (trouble !== reason) logger.warn({ err: error }, `facts about time wait: ${reason}`);
      trouble = reason;
    },
  });
  return { start: () => ticker.start(), stop: () => ticker.stop(), noticeDue };
}

interface Due {
  readonly generation: GenerationId;
  readonly checkpoint: Position;
  readonly rows: readonly KeyRow[];
  /** Those that no record says yet, each key's in order. */
  readonly facts: readonly RecordedFact[];
}

function noticed({ state, noticeAt }: KeyRow, time: string): Noticed {
  const { keyId, version } = state;
  return { keyId, version, noticeAt: noticeAt ?? time, next: nextMoment(state, time) };
}

async function factsOfKey(
  view: GenerationView,
  row: KeyRow,
  now: string,
  remindersAt: RemindersAt,
): Promise<readonly RecordedFact[]> {
  const since = row.noticeAt ?? now;
  return (await standings(view, row, since)).flatMap((standing) => factsOf(standing, since, now, remindersAt));
}

/** When a key had which expiry, from `since` on, oldest first. */
async function standings(view: GenerationView, { state }: KeyRow, since: string): Promise<readonly Standing[]> {
  const { keyId, workspaceId, keyspace, expiresAt } = state;
  const about = { keyId, workspaceId, keyspace };
  const lives = state.status === 'ACTIVE' || state.status === 'DISABLED';
  // Nothing has happened to it since: what it is now it was then. A moment is never before its expiry was set.
  if (state.time < since && lives) return expiresAt === null ? [] : [{ ...about, expiresAt, from: '', until: null }];
  const bounds = await boundsOf(view, keyId);
  return bounds.flatMap((row, index) => {
    const end = expiryGiven(row);
    return end === null ? [] : [{ ...about, expiresAt: end, from: row.time, until: bounds[index + 1]?.time ?? null }];
  });
}

async function boundsOf(view: GenerationView, aggregateId: string): Promise<readonly HistoryRow[]> {
  const found: HistoryRow[] = [];
  const query = { scope: { aggregateId }, types: BOUNDS };
  for (let more = true; more;) {
    const page = await view.listHistory(query, {
      ...{ limit: PAGE, backward: false, before: null },
      after: found.at(-1) ?? null,
    });
    found.push(...page.rows);
    ({ more } = page);
  }
  return found;
}
