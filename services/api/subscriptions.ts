// Subscriptions of a process: who may open one more, and each one's life: events as fast as they are taken, the caller
// checked again meanwhile, and always an end with `complete`, before it an error with the position to go on from.
import type { ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { decodePosition, encodePosition, type Position } from '../../events/position.ts';
import { createBackOff } from '../../projections/back-off.ts';
import { createTurns, type Turn } from '../../projections/turns.ts';
import { unlessAborted } from '../../projections/unless-aborted.ts';
import type { Caller, Context, Subscribing } from '../../schema/context.ts';
import { codeOf, maskError, publicError } from '../../schema/graphql-errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { refuse, REFUSALS, type FrontRefusal } from './answers.ts';
import type { Following } from './following.ts';
import type { GraphqlAnswer, GraphqlEngine, OpenedSubscription } from './graphql-engine.ts';
import type { GraphqlParams } from './graphql-params.ts';
import { createPace } from './pace.ts';
import { openEventStream, type EventStream } from './sse.ts';

export const SUBSCRIPTION_LIMITS = {
  perCaller: 20,
  perProcess: 1000,
  heartbeatMs: 12_000,
  /** How often the caller is checked while nothing happens; each batch of events checks it, too. */
  recheckMs: 2000,
  stallMs: 10_000,
  graceMs: 5000,
  /** Streams that catch up at the same time; the others wait for their turn, a page of events each. */
  catchingUp: 4,
  catchingUpPerCaller: 2,
  /** Events that are told in one turn of the event loop, of all streams. */
  eventsAtOnce: 10,
};

export interface SubscriptionsOptions {
  readonly engine: Pick<GraphqlEngine, 'subscribe'>;
  readonly contextFor: (caller: Caller, requestId: string) => Context;
  readonly following: Following;
  readonly metrics: Pick<Metrics, 'subscriptions' | 'subscriptionsEnded'>;
  readonly logger: Logger;
  readonly limits?: Partial<typeof SUBSCRIPTION_LIMITS>;
}

export interface SubscriptionRequest {
  readonly response: ServerResponse;
  readonly params: GraphqlParams;
  readonly caller: Caller;
  readonly requestId: string;
  /** The header as it came; `null`: there is none. */
  readonly lastEventId: string | null;
  /** Who the caller's credential speaks for now; rejects once it is not taken any more. */
  readonly recheck: () => Promise<Caller>;
}

export interface Subscriptions {
  /** Resolves when the stream has ended. @param refused answers what was refused before the stream began. */
  serve(request: SubscriptionRequest, refused: (answer: GraphqlAnswer) => void): Promise<void>;
  /** Ends all of them with `complete`, and takes no more. */
  stop(): void;
}

/** Why a stream ends: the process stops, the client is gone, or an error that it is told. */
type Ending = 'completed' | 'gone' | { readonly error: unknown };

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { engine, contextFor, following, metrics, logger } = options;
  const limits = { ...SUBSCRIPTION_LIMITS, ...options.limits };
  const open = new Set<AbortController>();
  const perCaller = new Map<string, number>();
  const turns = createTurns({ atOnce: limits.catchingUp, perCaller: limits.catchingUpPerCaller });
  const pace = createPace(limits.eventsAtOnce);
  let stopping = false;

  function refusal(of: string): FrontRefusal | null {
    if (stopping) return REFUSALS.stopping;
    if (open.size >= limits.perProcess) return REFUSALS.tooManyOfProcess;
    return (perCaller.get(of) ?? 0) >= limits.perCaller ? REFUSALS.tooManyOfCaller : null;
  }

  async function serve(request: SubscriptionRequest, refused: (answer: GraphqlAnswer) => void): Promise<void> {
    const { response, caller, lastEventId } = request;
    const of = `${caller.actor.kind}:${caller.actor.id}`;
    const lastSeen = lastEventId === null ? null : decodePosition(lastEventId);
    const against = refusal(of) ?? (lastEventId !== null && lastSeen === null ? REFUSALS.lastEventId : null);
    if (against) {
      refuse(response, against);
      return;
    }
    const over = new AbortController();
    open.add(over);
    perCaller.set(of, (perCaller.get(of) ?? 0) + 1);
    metrics.subscriptions.set(open.size);
    const turn = turns.of(of);
    response.once('close', () => over.abort('gone' satisfies Ending));
    try {
      await live(request, lastSeen, turn, over, refused);
    } finally {
      turn.release();
      over.abort('gone' satisfies Ending);
      open.delete(over);
      const left = (perCaller.get(of) ?? 1) - 1;
      if (left > 0) perCaller.set(of, left);
      else perCaller.delete(of);
      metrics.subscriptions.set(open.size);
    }
  }

  async function live(
    { response, params, caller, requestId, recheck }: SubscriptionRequest,
    lastSeen: Position | null,
    turn: Turn,
    over: AbortController,
    refused: (answer: GraphqlAnswer) => void,
  ): Promise<void> {
    const { signal } = over;
    const checks: (() => Promise<void>)[] = [];
    let current = caller;
    let position: Position | null = null;
    const subscription: Subscribing = {
      lastSeen,
      caller: async () => (current = await recheck()),
      follow: (asked) => following.follow({ ...asked, turn, signal }),
      logEnd: () => following.logEnd(),
      whileOpen: (check) => void checks.push(check),
      reached: (at) => void (position = at),
    };
    const id = (): string | null => position && encodePosition(position);
    const opened = await engine.subscribe({ params, context: { ...contextFor(caller, requestId), subscription } });
    if ('status' in opened) {
      refused(opened);
      return;
    }
    const stream = openEventStream(response, { ...limits, id });
    const checking = setInterval(look, limits.recheckMs);
    let looking = false;
    const ending = await pass(opened, stream);
    clearInterval(checking);
    metrics.subscriptionsEnded.inc({ reason: reasonOf(ending) });
    if (typeof ending === 'string') stream.end();
    else stream.end({ errors: [told(ending.error, id())] }, id());

    function look(): void {
      if (looking) return;
      looking = true;
      void Promise.all(checks.map((check) => check()))
        // What is away is looked at again: without it no event comes either.
        .catch((error: unknown) => codeOf(error) !== null && over.abort({ error } satisfies Ending))
        .finally(() => (looking = false));
    }

    async function pass({ payloads, resultOf }: OpenedSubscription, to: EventStream): Promise<Ending> {
      try {
        for await (const payload of payloads) {
          await pace();
          const result = await settled(payload, resultOf);
          if (result === 'aborted') break;
          position = positionOf(payload) ?? position;
          const token = id();
          const hasRoom = to.next({ ...result, extensions: { position: token } }, token);
          if (!hasRoom && !(await aside(to.room(signal)))) return { error: SLOW_CONSUMER };
          if (signal.aborted) break;
        }
        return signal.aborted ? (signal.reason as Ending) : 'completed';
      } catch (error) {
        return { error };
      }
    }

    /** An event that cannot be told while the store is away is told once it is back: it is nobody's to lose. */
    async function settled(
      payload: unknown,
      resultOf: OpenedSubscription['resultOf'],
    ): Promise<ExecutionResult | 'aborted'> {
      const backOff = createBackOff();
      for (;;) {
        const result = await unlessAborted(signal, resultOf(payload, contextFor(current, requestId)));
        if (result === 'aborted' || signal.aborted) return 'aborted';
        if (!result.errors?.some((error) => codeOf(error) === 'UNAVAILABLE')) return result;
        await aside(backOff.pause(signal));
      }
    }

    /** Whoever waits for something else lets others have their turn meanwhile. */
    async function aside<T>(waiting: Promise<T>): Promise<T> {
      const had = turn.release();
      const value = await waiting;
      if (had) await unlessAborted(signal, turn.take());
      return value;
    }

    function told(error: unknown, at: string | null): object {
      const { message, extensions } = masked(error);
      return { message, extensions: { ...extensions, ...(at === null ? {} : { position: at }) } };
    }

    function masked(error: unknown): GraphQLError {
      return maskError(error, requestId, (hidden) => {
        logger.error({ err: hidden, requestId }, 'a subscription failed unexpectedly');
      });
    }
  }

  return {
    serve,
    stop() {
      stopping = true;
      for (const over of open) over.abort('completed' satisfies Ending);
    },
  };
}

const SLOW_CONSUMER = publicError(
  'SLOW_CONSUMER',
  'What was sent was not taken in time: follow on from the position that is told.',
);

function reasonOf(ending: Ending): string {
  if (typeof ending === 'string') return ending;
  return ending.error === SLOW_CONSUMER ? 'slow' : (codeOf(ending.error) ?? 'INTERNAL');
}

/** What every payload of a subscription has: the position to go on from. */
function positionOf(payload: unknown): Position | null {
  return typeof payload === 'object' && payload !== null && 'position' in payload
    ? (payload.position as Position)
    : null;
}
