// Turns: what arrives in one turn of the event loop is judged together, then answered together. One by one, each answer would
// wake whoever waits for it out of a short sleep, which costs more than a verdict; close together, most find it awake.
import type { ServerResponse } from 'node:http';
import type { Fail } from './failure.ts';
import { write, type Reply } from './responses.ts';

/** A request that has arrived whole. */
export interface Arrived {
  readonly response: ServerResponse;
  readonly requestId: string;
  /** When it had, by the monotonic clock. */
  readonly at: number;
  /** Its reply, at once or later; asked for once. */
  readonly judge: () => Reply | Promise<Reply>;
}

export interface TurnsOptions {
  readonly fail: Fail;
  readonly onAnswered: (arrived: Arrived) => void;
  /** So many at once: what is judged first waits for the last. */
  readonly most?: number;
}

/** With what follows from a verdict, a fraction of a millisecond. */
const MOST = 64;

export interface Turns {
  /** Answers it at the end of this turn, with what else arrives in it. */
  add(arrived: Arrived): void;
  /** Answers it before anything else of its connection is read. */
  answerAlone(arrived: Arrived): void;
}

export function createTurns({ fail, onAnswered, most = MOST }: TurnsOptions): Turns {
  let waiting: Arrived[] = [];

  function judged({ requestId, judge }: Arrived): Reply | Promise<Reply> {
    try {
      const reply = judge();
      return reply instanceof Promise ? reply.catch((error: unknown) => fail(requestId, error)) : reply;
    } catch (error) {
      return fail(requestId, error);
    }
  }

  function answer(arrived: Arrived, reply: Reply): void {
    write(arrived.response, reply);
    onAnswered(arrived);
  }

  // L4: of the tick of the verdicts, and those that come later in the tick of theirs.
  function answerTogether(all: readonly Arrived[]): void {
    const replies = all.map(judged);
    all.forEach((arrived, index) => {
      const reply = replies[index];
      if (reply instanceof Promise) void reply.then((late) => answer(arrived, late));
      else if (reply !== undefined) answer(arrived, reply);
    });
  }

  function endTurn(): void {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += most) answerTogether(all.slice(from, from + most));
  }

  return {
    add: (arrived) => {
      if (waiting.push(arrived) === 1) setImmediate(endTurn);
    },
    answerAlone: (arrived) => answerTogether([arrived]),
  };
}
