// Turns: what arrives in one turn of the event loop is judged together, then answered together. One by one, each answer would
// wake whoever waits for it out of a short sleep, which costs more than a verdict; close together, most find it awake.
import type { ServerResponse } from 'node:http';
import type { Fail } from './failure.ts';
import { write, type Reply } from './responses.ts';

/** Judges a request: its reply, at once or later, or what judges it in the turn in which it is known. Called once. */
export type Judge = () => Reply | Promise<Reply | Judge>;

/** A request that has arrived whole. */
export interface Arrived {
  readonly response: ServerResponse;
  readonly requestId: string;
  /** When its headers did, by the monotonic clock. */
  readonly at: number;
  readonly judge: Judge;
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

  function judged({ requestId, judge }: Arrived): ReturnType<Judge> {
    try {
      return judge();
    } catch (error) {
      return fail(requestId, error);
    }
  }

  /** Never throws: others have their answers behind it. */
  function answer(arrived: Arrived, reply: Reply): void {
    const { response, requestId } = arrived;
    try {
      write(response, reply);
    } catch (error) {
      const failed = fail(requestId, error);
      if (response.headersSent) response.destroy();
      else write(response, failed);
    }
    onAnswered(arrived);
  }

  // L4: in the tick of the verdicts.
  function answerTogether(all: readonly Arrived[]): void {
    const replies = all.map(judged);
    all.forEach((arrived, index) => {
      const reply = replies[index];
      if (reply instanceof Promise) answerLater(arrived, reply);
      else if (reply !== undefined) answer(arrived, reply);
    });
  }

  function answerLater(arrived: Arrived, later: Promise<Reply | Judge>): void {
    later.then(
      (late) => {
        if (typeof late === 'function') add({ ...arrived, judge: late });
        else answer(arrived, late);
      },
      (error: unknown) => answer(arrived, fail(arrived.requestId, error)),
    );
  }

  function endTurn(): void {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += most) answerTogether(all.slice(from, from + most));
  }

  function add(arrived: Arrived): void {
    if (waiting.push(arrived) === 1) setImmediate(endTurn);
  }

  return {
    add,
    answerAlone: (arrived) => answerTogether([arrived]),
  };
}
