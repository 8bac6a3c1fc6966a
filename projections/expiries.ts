// Expiries: which ones a key was ever given, and by which events. What is to be said of them is decided from these, and
// whether a fact that the log holds is one (E6).
import type { EventType } from '../events/catalogue.ts';
import type { RecordedFact } from '../events/key/facts.ts';
import { isSaidOf, type Standing } from '../events/key/moments.ts';
import type { RecordPosition } from '../events/position.ts';
import type { GenerationId, ReadStore } from './read-store.ts';
import type { HistoryRow } from './rows.ts';

/** What an expiry begins and ends with. */
export const BOUNDS = ['KeyCreated', 'ExpiryChanged', 'KeyRevoked', 'KeyDeleted'] as const satisfies EventType[];
const GIVING: ReadonlySet<EventType> = new Set(['KeyCreated', 'ExpiryChanged']);
const PAGE = 1000;

/** Of each key the events that gave it an expiry, or took it away. */
export type Expiries = ReadonlyMap<string, readonly HistoryRow[]>;

/** Whether an event says when its key expires. */
export const givesExpiry = ({ type }: Pick<HistoryRow, 'type'>): boolean => GIVING.has(type);

/** The expiry that an event gives its key; `null`: none. */
export function expiryGiven({ data }: Pick<HistoryRow, 'data'>): string | null {
  if ('expiresAt' in data) return data.expiresAt;
  return 'after' in data && (typeof data.after === 'string' || data.after === null) ? data.after : null;
}

/**
 * E6: whether a fact is one that its key's events lead to: those that lie before it in the log. Events behind it change
 * nothing about that, nor does what ended the expiry before it: whoever noticed may not have seen that yet.
 *
 * @param events that gave the key an expiry; those behind the fact are passed over.
 */
export function isFactOf(events: readonly HistoryRow[], fact: RecordedFact, { offset }: RecordPosition): boolean {
  const earlier = events.filter(({ position }) => position.offset < offset);
  const about = earlier.map(aboutOf).find((made) => made !== null) ?? null;
  if (about === null) return false;
  return earlier.some((event) => {
    const expiresAt = expiryGiven(event);
    return expiresAt !== null && isSaidOf({ ...about, expiresAt, from: event.time, until: null }, fact);
  });
}

/** What never changes of a key; `null`: it is not the event that makes it. */
function aboutOf({
  aggregateId,
  workspaceId,
  data,
}: HistoryRow): Omit<Standing, 'expiresAt' | 'from' | 'until'> | null {
  return workspaceId !== null && 'keyspace' in data
    ? { keyId: aggregateId, workspaceId, keyspace: data.keyspace }
    : null;
}

/**
 * Reads them as far as a generation has them, of events that lie before an offset of a partition.
 *
 * @throws where the generation was dropped: what was found means nothing then (P3).
 */
export async function readExpiries(
  store: Pick<ReadStore, 'view'>,
  generation: GenerationId,
  aggregateIds: readonly string[],
  { partition, before }: { readonly partition: number; readonly before: number },
): Promise<Expiries> {
  if (aggregateIds.length === 0) return new Map();
  const view = await store.view(generation);
  const found: HistoryRow[] = [];
  let after: HistoryRow | null = null;
  for (let more = true; more;) {
    const query = { aggregateIds, from: { [partition]: 0 }, before: { [partition]: before }, after };
    const page: Awaited<ReturnType<typeof view.eventsOf>> = await view.eventsOf(query, PAGE);
    found.push(...page.rows.filter(givesExpiry));
    after = page.rows.at(-1) ?? null;
    more = page.more && after !== null;
  }
  await store.view(generation);
  return byKey(found);
}

/** With more events, each key's behind those that it has. */
export function withExpiries(expiries: Expiries, rows: readonly HistoryRow[]): Expiries {
  return byKey([...[...expiries.values()].flat(), ...rows.filter(givesExpiry)]);
}

function byKey(rows: readonly HistoryRow[]): Expiries {
  const keys = new Map<string, HistoryRow[]>();
  for (const row of rows) {
    const own = keys.get(row.aggregateId);
    if (own) own.push(row);
    else keys.set(row.aggregateId, [row]);
  }
  return keys;
}
