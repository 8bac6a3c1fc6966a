// Random histories of keys, written and projected, and their past said once more and plainly: every event of the log up to a
// time, folded from the first one.
import type { AnyEvent, AnyNewEvent } from '../../events/catalogue.ts';
import { dataKeyId, keyIdFor } from '../../events/ids.ts';
import { encodeRecord } from '../../events/record.ts';
import { unusedRow } from '../../projections/keys.ts';
import type { DataKeys } from '../../projections/personal.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { KeyRow } from '../../projections/rows.ts';
import { at, created, createAuthor, noted, regenerated, renamed, testDataKeys, WORKSPACE } from './author.ts';
import { foldLog } from './expected.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { projected, runProjector } from './running.ts';

/** Seconds that a history spans. */
export const SPAN = 1000;
const NAMES = ['zeta', 'alpha', 'Öl', '\u{1f511} key', '\ue000'];
const tagged = (tags: string[]): AnyNewEvent => ({
  type: 'KeyDetailsChanged',
  data: { ownerId: 'u-1' },
  personal: { tags },
  private: {},
});

export interface PastWorld {
  readonly log: MemoryLog;
  readonly dataKeys: DataKeys;
  readonly keyIds: readonly string[];
  readonly foreign: string;
  /** Those that were forgotten: their data keys may be destroyed. */
  readonly forgotten: readonly string[];
}

/** Keys of which each had some of everything happen to it, some at the same moment, and one of another workspace. */
export async function writeHistory(
  store: ReadStore,
  seed: number,
  random: () => number,
  count = 1 + Math.floor(random() * 12),
): Promise<PastWorld> {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const second = (): number => Math.floor(random() * SPAN);
  const maybe = <T>(value: T): T | null => (random() < 0.5 ? value : null);
  const dataKeys = testDataKeys(store, seed);
  const author = createAuthor({ dataKeys, seed });
  const log = createMemoryLog({ partitions: 2 });
  const access = () => ({
    scopes: pick([[], ['a:read'], ['a:read', 'a:write']]),
    unrestricted: random() < 0.2,
    resources: random() < 0.5 ? { all: true, ids: [] } : { all: false, ids: [pick(['r1', 'r2'])] },
    flags: [],
  });
  const limits = () => ({ origins: [], ipRanges: pick([[], ['192.0.2.0/24']]), rateLimit: null });
  const bare = (): AnyNewEvent =>
    pick<() => AnyNewEvent>([
      () => noted('KeyDisabled', 'note'),
      () => noted('KeyEnabled'),
      () => ({ type: 'ScopesChanged', data: { before: access(), after: access() }, personal: {}, private: {} }),
      () => ({ type: 'RestrictionsChanged', data: { before: limits(), after: limits() }, personal: {}, private: {} }),
      () => ({ type: 'ExpiryChanged', data: { before: null, after: maybe(at(second())) }, personal: {}, private: {} }),
      () => ({ type: 'PreviousSecretRetired', data: {}, personal: {}, private: {} }),
    ])();
  const told = (name: string): AnyNewEvent =>
    pick<() => AnyNewEvent>([
      () => renamed(`${pick(NAMES)} ${name}`, maybe(pick(['u-1', 'u-2']))),
      () => tagged(pick([[], ['red'], ['red', 'blue']])),
      () => regenerated(`${name} ${random()}`, at(second())),
    ])();
  const removal = (id: string): AnyNewEvent =>
    pick<() => AnyNewEvent>([
      () => ({ type: 'KeyRevoked', data: { reason: maybe('Unused') }, personal: { note: 'why' }, private: {} }),
      () => ({ type: 'KeyDeleted', data: { destroyedDataKey: null }, personal: { note: null }, private: {} }),
      () => ({ type: 'KeyForgotten', data: { destroyedDataKey: dataKeyId(id, 1) }, personal: {}, private: {} }),
    ])();

  const events: AnyEvent[] = [];
  const keyIds: string[] = [];
  for (let k = 0; k <= count; k++) {
    const workspaceId = k === 0 ? 'globex' : WORKSPACE;
    const id = keyIdFor(workspaceId, `k${k} ${seed}`);
    keyIds.push(id);
    const times = Array.from({ length: 1 + Math.floor(random() * 7) }, () => second()).sort((a, b) => a - b);
    const data = {
      ...access(),
      ...{
        keyspace: pick(['default', 'other']),
        environment: maybe(pick(['live', 'test'])),
        expiresAt: maybe(at(second())),
      },
    };
    let removed = false;
    for (const [index, time] of times.entries()) {
      const removes: boolean = index > 0 && !removed && random() < 0.1;
      removed ||= removes;
      const later = (): AnyNewEvent => (removes ? removal(id) : removed || random() < 0.5 ? bare() : told(`k${k}`));
      const event =
        index === 0 ? created(`${pick(NAMES)} ${k}`, { data, personal: { tags: pick([[], ['red']]) } }) : later();
      events.push(await author.next(id, event, { workspaceId, now: at(time) }));
    }
  }
  // Keys take turns, each in its own order.
  const queues = keyIds.map((id) => events.filter(({ attributes }) => attributes.subject === id));
  while (queues.some((queue) => queue.length > 0)) {
    const next = pick(queues.filter((queue) => queue.length > 0)).shift()!;
    await log.append([encodeRecord(next)]);
  }
  const projector = runProjector({ log, store, dataKeys });
  await projected(log, store);
  await projector.stop();
  const forgotten = events.filter(({ type }) => type === 'KeyForgotten').map(({ attributes }) => attributes.subject);
  return { log, dataKeys, keyIds: keyIds.slice(1), foreign: keyIds[0]!, forgotten };
}

/** The keys of the log at a time: the fold of what had happened by then, record by record. */
export async function foldedAt({ log, dataKeys }: PastWorld, time: string): Promise<readonly KeyRow[]> {
  const records = log.records().filter(({ value }) => timeOf(value) <= time);
  const { keys } = await foldLog(records, dataKeys);
  return Object.values(keys).map(({ state, details }) => unusedRow(state, details));
}

const timeOf = (value: Uint8Array): string => (JSON.parse(Buffer.from(value).toString()) as { time: string }).time;

/** Without what no state of the past knows: its secrets. */
export function withoutSecrets({ state, ...row }: KeyRow): object {
  const { previousSecret } = state;
  const rest = { ...state, secret: null, previousSecret: previousSecret && { retiresAt: previousSecret.retiresAt } };
  return { ...row, state: rest };
}
