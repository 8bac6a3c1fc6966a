// Heads and links of the hash chains, as views tell them: what checkpoints need of rows, and no more. A store that can take
// it out of the rows by itself does so; of any other the rows are read whole.
import type { ChainHead, ChainLink } from '../rows.ts';
import type { Condition, Sort } from './conditions.ts';
import { fromStoredHistory } from './history-record.ts';
import { fromStoredKey } from './key-record.ts';
import type { Tables } from './view.ts';

type Find<R> = (condition: Condition, sort: Sort, limit: number) => Promise<readonly R[]>;

/** Of a generation's keys and of its history, found as their rows are. */
export interface Chains {
  readonly heads: Find<ChainHead>;
  readonly links: Find<ChainLink>;
}

export function chainsOfRows({ keys, history, damaged }: Pick<Tables, 'keys' | 'history' | 'damaged'>): Chains {
  return {
    heads: async (condition, sort, limit) =>
      (await keys.find(condition, sort, limit)).map((stored) => {
        const { keyId, version, head, workspaceId, createdAt } = fromStoredKey(stored, damaged).state;
        return { key: keyId, version, head, workspaceId, createdAt };
      }),
    links: async (condition, sort, limit) =>
      (await history.find(condition, sort, limit)).map((stored) => {
        const { aggregateId, version, workspaceId, position, attributes } = fromStoredHistory(stored, damaged);
        return { aggregateId, version, prev: attributes.prev, workspaceId, position };
      }),
  };
}
