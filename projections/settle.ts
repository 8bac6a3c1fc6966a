// Settling: whether two generations agree on one thing while both still move. Read again until equal; what stays unequal
// is judged only once both have folded past a log end that was asked for after it was read.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../events/log.ts';
import { covers, type Position } from '../events/position.ts';
import type { GenerationId, GenerationView, ReadStore } from './read-store.ts';

/** How often things that differ are read again before they are judged. */
const ROUNDS = 20;
const PAUSE_MS = 10;
/** How often both generations are looked at until they have reached a log end. */
const CATCH_UP_LOOKS = 200;

export interface SettleOptions {
  readonly log: EventLog;
  readonly store: Pick<ReadStore, 'control' | 'view' | 'dataKeys'>;
  readonly live: GenerationId;
  readonly building: GenerationId;
  readonly signal: AbortSignal;
}

/** One thing as a generation holds it: how many events it is made of, and what must be equal when that is equal. */
export interface Side {
  readonly version: number;
  /** `null`: only the number of events is compared. */
  readonly text: string | null;
}

export type Read = (view: GenerationView) => Promise<Side>;

/** `unsettled`: it is not known to differ, but was on the move all the time. */
export type Settled =
  { readonly kind: 'equal' | 'unsettled' } | { readonly kind: 'different'; readonly difference: string };

export async function settle(options: SettleOptions, read: Read): Promise<Settled> {
  const { log, store, signal } = options;
  const [live, building] = await Promise.all([store.view(options.live), store.view(options.building)]);
  const readBoth = () => Promise.all([read(live), read(building)]);

  let equalVersions = 0;
  for (let round = 0; round < ROUNDS && !signal.aborted; round++) {
    const [a, b] = await readBoth();
    if (a.version === b.version && a.text === b.text) return { kind: 'equal' };
    if (a.version === b.version) equalVersions += 1;
    if (equalVersions > 2) break;
    await pause(signal);
  }

  const [liveThen, buildingThen] = await readBoth();
  if (!(await bothReach(options, await log.end()))) return { kind: 'unsettled' };
  const [a, b] = await readBoth();
  if (a.version === b.version) {
    if (a.text === b.text) return { kind: 'equal' };
    return { kind: 'different', difference: `unequal at version ${a.version}${unequalMembers(a.text, b.text)}` };
  }
  // Each has folded all that the other had before: it cannot be behind that now.
  if (a.version < buildingThen.version) return missing(options.live, a, buildingThen);
  if (b.version < liveThen.version) return missing(options.building, b, liveThen);
  return { kind: a.text === null && b.text === null ? 'equal' : 'unsettled' };
}

function missing(id: GenerationId, has: Side, of: Side): Settled {
  return { kind: 'different', difference: `${id} has ${has.version} of ${of.version} events` };
}

async function bothReach({ store, live, building, signal }: SettleOptions, position: Position): Promise<boolean> {
  for (let look = 0; look < CATCH_UP_LOOKS && !signal.aborted; look++) {
    const { generations } = await store.control();
    const both = generations.filter(({ id }) => id === live || id === building);
    if (both.length === 2 && both.every(({ checkpoint }) => covers(checkpoint, position))) return true;
    await pause(signal);
  }
  return false;
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
}

/** Which members of two JSON texts differ, without what they hold. */
function unequalMembers(a: string | null, b: string | null): string {
  const [left, right] = [membersOf(a), membersOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name));
  return names.length === 0 ? '' : ` (${names.sort().join(', ')})`;
}

/** The members of an object's members, each as text. */
function membersOf(text: string | null): ReadonlyMap<string, string> {
  const entries = (value: unknown): readonly (readonly [string, unknown])[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const members = entries(text ? (JSON.parse(text) as unknown) : null).flatMap(([name, value]) => {
    const inner = entries(value);
    return inner.length > 0 ? inner : [[name, value] as const];
  });
  return new Map(members.map(([name, value]) => [name, JSON.stringify(value)]));
}
