// What happened to a key, in words: what it was, who did it, and each member that it changed, before and after.
import type { KeyEventType } from '../api/generated/graphql.ts';
import { formatExact } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';

const words = keyTexts;

export interface ToldEvent {
  readonly type: KeyEventType;
  readonly version?: number | null;
  readonly time: string;
  readonly actor?: { readonly kind: 'USER' | 'KEY' | 'SYSTEM'; readonly id: string } | null;
}

/** `Disabled by alice`. */
export function eventTitle({ type, actor }: ToldEvent): string {
  const what = words.events[type];
  return actor ? `${what} ${words.history.by(words.actors[actor.kind](actor.id))}` : what;
}

/** Those that happen by themselves: nobody does them. */
export const isFact = ({ type }: Pick<ToldEvent, 'type'>): boolean => type === 'KEY_EXPIRING' || type === 'KEY_EXPIRED';

export interface MemberChange {
  readonly member: string;
  /** In words; `undefined`: not known, since what came before is not loaded. */
  readonly before: string | undefined;
  readonly after: string;
}

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Types whose data are the new values of members of the key. */
const SETS: ReadonlySet<KeyEventType> = new Set<KeyEventType>([
  'KEY_CREATED',
  'KEY_DETAILS_CHANGED',
  'KEY_REGENERATED',
]);

/** What a keyspace calls the members of its keys. */
export interface FieldLabels {
  readonly fields: readonly { readonly id: string; readonly label: string }[];
}

export interface EventWithData extends ToldEvent {
  readonly data: unknown;
}

interface Difference {
  readonly member: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly known: boolean;
}

/** What each event changed, in the events' order, which is the log's. */
export function changesOf(events: readonly EventWithData[], view: FieldLabels): readonly (readonly MemberChange[])[] {
  let known: Members = {};
  /** Whether all that came before is in `known`. */
  let whole = false;
  return events.map((event) => {
    const differences = differencesOf(event, known, whole);
    if (event.type === 'KEY_CREATED') whole = true;
    known = { ...known, ...Object.fromEntries(differences.map(({ member, after }) => [member, after])) };
    return differences.map(({ member, before, after, known: told }) => ({
      member: memberLabel(member, view),
      before: told ? memberText(member, before) : undefined,
      after: memberText(member, after),
    }));
  });
}

function differencesOf({ type, data }: EventWithData, known: Members, whole: boolean): Difference[] {
  if (!isMembers(data)) return [];
  const { before, after } = data;
  if ('before' in data && 'after' in data) {
    if (!isMembers(before) || !isMembers(after)) return [{ member: 'expiresAt', before, after, known: true }];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
      .map((member) => ({ member, before: before[member], after: after[member], known: true }));
  }
  const members = Object.entries(data).filter(([, value]) => type === 'KEY_DETAILS_CHANGED' || !isNothing(value));
  return members
    .map(([member, value]) => ({
      member,
      before: known[member],
      after: value,
      known: !SETS.has(type) || type === 'KEY_CREATED' || whole || member in known,
    }))
    .filter(({ before: was, after: is, known: told }) => !told || JSON.stringify(was) !== JSON.stringify(is));
}

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0);

/** The field's own label where the keyspace has such a field. */
function memberLabel(member: string, { fields }: FieldLabels): string {
  const own: Readonly<Record<string, string>> = words.members;
  return fields.find(({ id }) => id === member)?.label ?? own[member] ?? member;
}

const TIMES: ReadonlySet<string> = new Set(['expiresAt', 'retiresAt']);

function memberText(member: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return words.history.nothing;
  if (typeof value === 'boolean') return value ? words.history.yes : words.history.no;
  if (typeof value === 'string') return TIMES.has(member) ? formatExact(value) : value;
  if (Array.isArray(value))
    return value.length === 0
      ? words.history.nothing
      : value.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(', ');
  if (isMembers(value)) {
    const { limit, windowSeconds, all, ids } = value;
    if (typeof limit === 'number' && typeof windowSeconds === 'number') return texts.units.rate(limit, windowSeconds);
    if (typeof all === 'boolean' && Array.isArray(ids)) return all ? words.facts.all : memberText('', ids);
  }
  return JSON.stringify(value);
}
