// What subscriptions follow: this process's log and read store, seen through one waiter.
import type { EventLog } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import { follow, type FollowedPage, type FollowOptions } from '../../projections/follow.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { Waiter } from '../../projections/waiter.ts';
import { inTime } from './deadline.ts';

export interface Following {
  follow(options: Omit<FollowOptions, 'store' | 'waiter'>): AsyncIterable<FollowedPage>;
  logEnd(): Promise<Position>;
}

export interface FollowingOptions {
  readonly log: Pick<EventLog, 'end'>;
  readonly store: Pick<ReadStore, 'read'>;
  readonly waiter: Waiter;
}

const LOG_END_MS = 5000;

export function createFollowing({ log, store, waiter }: FollowingOptions): Following {
  return {
    follow: (options) => follow({ store, waiter, ...options }),
    logEnd: () => inTime(log.end(), LOG_END_MS),
  };
}
