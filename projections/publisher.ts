// The publisher: hands accepted events and facts on to the public topic, in the order of the log within each partition (P7).
// At least once, from its own checkpoint: what a crash repeats has the same id. One process at a time does it; nothing throws
// out of it (P5).
import { toCloudEvent } from '../events/cloud-event.ts';
import type { EventLog } from '../events/log.ts';
import { furthest, type Position } from '../events/position.ts';
import { createBackOff, type BackOffOptions } from './back-off.ts';
import { follow, type FollowOptions } from './follow.ts';
import { lagOf } from './health.ts';
import type { ReadStore } from './read-store.ts';
import { createTicker } from './ticker.ts';
import { describeTrouble, type ProjectionLogger } from './troubles.ts';

export interface PublisherOptions {
  readonly log: Pick<EventLog, 'partitions' | 'end'>;
  readonly store: ReadStore;
  readonly waiter: FollowOptions['waiter'];
  /** The public topic. */
  readonly topic: Pick<EventLog, 'append'>;
  readonly logger: ProjectionLogger;
  /** Names this process among those that could publish. */
  readonly holder: string;
  /** How long a process that is gone keeps others from publishing, in milliseconds. */
  readonly claimMs?: number;
  readonly backOff?: BackOffOptions;
  readonly hooks?: PublisherHooks;
}

/** For metrics; called synchronously. */
export interface PublisherHooks {
  readonly onPublished?: (events: number) => void;
  /** Records between what is published and the log's end, once per look. */
  readonly onLag?: (records: number) => void;
}

export interface Publisher {
  start(): void;
  /** Ends after the page under way, and lets another process publish at once. */
  stop(): Promise<void>;
  /** Why nothing is published, in our own words; `null`: all is well, or another process publishes. */
  trouble(): string | null;
}

const PAGE = 200;

export function createPublisher(options: PublisherOptions): Publisher {
  const { log, store, waiter, topic, logger, holder, claimMs = 15_000, hooks = {} } = options;
  const backOff = createBackOff(options.backOff);
  /** Of this process's turn; `null` while another publishes. */
  let turn: { readonly end: AbortController; readonly done: Promise<void> } | null = null;
  /** Why the last look, and the last page, failed. */
  const troubles: { look: string | null; page: string | null } = { look: null, page: null };

  const troubled =
    (of: keyof typeof troubles) =>
    (error: unknown): void => {
      const reason = describeTrouble(error);
      if (troubles[of] !== reason) logger.warn({ err: error }, `events are not published: ${reason}`);
      troubles[of] = reason;
    };

  async function publishFrom(from: Position, signal: AbortSignal): Promise<void> {
    for await (const { entries, position } of follow({ store, waiter, from, pageSize: PAGE, signal })) {
      if (entries.length > 0) await topic.append(entries.map(toCloudEvent));
      await store.publication.advance(position);
      backOff.reset();
      troubles.page = null;
      if (entries.length > 0) hooks.onPublished?.(entries.length);
    }
  }

  async function publish(signal: AbortSignal): Promise<void> {
    const start: Position = Object.fromEntries(Array.from({ length: log.partitions }, (_, each) => [each, 0]));
    while (!signal.aborted) {
      try {
        await publishFrom(furthest(start, await store.publication.position()), signal);
      } catch (error) {
        troubled('page')(error);
        await backOff.pause(signal);
      }
    }
  }

  async function endTurn(): Promise<void> {
    turn?.end.abort();
    await turn?.done;
    turn = null;
  }

  const ticker = createTicker({
    intervalMs: claimMs / 3,
    async work(signal) {
      const mine = await store.publication.claim(holder, claimMs);
      if (signal.aborted) return;
      if (!mine) {
        troubles.look = troubles.page = null;
        await endTurn();
        return;
      }
      if (!turn) {
        const end = new AbortController();
        turn = { end, done: publish(end.signal) };
      }
      const lag = lagOf(await store.publication.position(), await log.end());
      hooks.onLag?.(lag);
      troubles.look = null;
      if (lag === 0) troubles.page = null; // there is nothing that could show it
    },
    onError: troubled('look'),
  });

  return {
    start: () => ticker.start(),
    async stop() {
      await ticker.stop();
      const held = turn !== null;
      await endTurn();
      if (held) await store.publication.claim(holder, 0).catch(() => false);
    },
    trouble: () => troubles.look ?? troubles.page,
  };
}
