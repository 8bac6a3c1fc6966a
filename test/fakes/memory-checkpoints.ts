// Checkpoints in memory: what other stores are measured by.
import type { PublicJwk, SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import type { Subtree } from '../../events/proof/tree.ts';
import type { Checkpoints } from '../../projections/checkpoints.ts';
import { memoryLead } from '../../projections/stores/memory-lead.ts';

export interface MemoryCheckpointData {
  readonly rows: Map<number, { readonly row: SignedCheckpoint; readonly changed: readonly Subtree[] }>;
  readonly keys: Map<string, PublicJwk>;
  readonly lead: ReturnType<typeof memoryLead>;
  published: number;
}

/** @param clock the store's own, in milliseconds. */
export const emptyCheckpoints = (clock: () => number): MemoryCheckpointData => ({
  rows: new Map(),
  keys: new Map(),
  lead: memoryLead(clock),
  published: 0,
});

/** @param call is told of every call before it is answered. */
export function memoryCheckpoints(data: MemoryCheckpointData, call: (name: string) => Promise<void>): Checkpoints {
  const answer = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
    await call(`checkpoints.${name}`);
    return structuredClone(await work());
  };
  const numbers = (): number[] => [...data.rows.keys()].sort((a, b) => a - b);
  const rowsOf = (wanted: readonly number[]) => wanted.map((number) => data.rows.get(number)!.row);
  return {
    newest: () => answer('newest', () => rowsOf(numbers().slice(-1))[0] ?? null),
    at: (number) => answer('at', () => data.rows.get(number)?.row ?? null),
    list: ({ below = Infinity, above = 0, newestFirst, limit }) =>
      answer('list', () => {
        const wanted = numbers().filter((number) => number > above && number < below);
        return rowsOf((newestFirst ? wanted.reverse() : wanted).slice(0, limit));
      }),
    subtrees: (number) =>
      answer('subtrees', () => {
        const before = numbers().filter((each) => each <= number);
        const all = before.flatMap((each) => data.rows.get(each)!.changed);
        return [...new Map(all.map((subtree) => [subtree.id, subtree])).values()];
      }),
    keys: () => answer('keys', () => new Map(data.keys)),
    add: (row, changed) =>
      answer('add', () => {
        if (data.rows.has(row.checkpoint.number)) return false;
        data.rows.set(row.checkpoint.number, structuredClone({ row, changed }));
        return true;
      }),
    addKey: (kid, key) =>
      answer('addKey', () => {
        if (!data.keys.has(kid)) data.keys.set(kid, key);
        return data.keys.get(kid)!;
      }),
    lead: (id, lengthMs) => answer('lead', () => data.lead.lead(id, lengthMs)),
    leave: (id) => answer('leave', () => data.lead.leave(id)),
    published: () => answer('published', () => data.published),
    setPublished: (number) =>
      answer('setPublished', () => {
        data.published = Math.max(data.published, number);
      }),
  };
}
