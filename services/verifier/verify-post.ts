// POST /v1/verify and POST /v1/verify/batch: bodies in, answers out. A batch is a JSON list of requests and gets a list of
// answers in the same order, each as it would be alone; it is judged in one tick.
import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { NOTHING_TO_WAIT_FOR, type Answer, type Answering, type Waited } from './answering.ts';
import type { Take } from './post.ts';
import { readBatch, readBody, type VerifyRequest } from './request.ts';
import { refuseInput, send, sendAscii } from './responses.ts';

export interface TakeOptions {
  readonly answering: Answering;
  /** How long a check, or all of a batch together, wait for `atLeast`. */
  readonly atLeastMs: number;
  /** Seconds, of `STALE`. */
  readonly retryAfter: string;
}

/** `STALE` is 503. */
export function createTakeOne({ answering, atLeastMs, retryAfter }: TakeOptions): Take {
  function answer(
    response: ServerResponse,
    asked: VerifyRequest,
    requestId: string,
    waited: Waited,
  ): Promise<void> | null {
    const answered = answering.answer(asked, requestId, waited);
    if (answered instanceof Promise) return answered.then((late) => tell(response, late));
    tell(response, answered);
    return null;
  }

  function tell(response: ServerResponse, { stale, body, headers }: Answer): void {
    if (stale) send(response, 503, body, ['retry-after', retryAfter]);
    else sendAscii(response, body, headers);
  }

  return (body, response, callId) => {
    const read = readBody(body);
    if (!read.ok) {
      refuseInput(response, callId, read.problem.path, read.problem.message);
      return null;
    }
    const { request } = read;
    const requestId = request.request?.id ?? callId;
    const problem = answering.problemOf(request);
    if (problem !== null) {
      refuseInput(response, requestId, problem.path, problem.message);
      return null;
    }
    if (!answering.needsWait(request)) {
      return answer(response, request, requestId, NOTHING_TO_WAIT_FOR);
    }
    const waiting = answering.wait(request, AbortSignal.timeout(atLeastMs));
    return waiting.then(async (waited) => {
      await answer(response, request, requestId, waited);
    });
  };
}

/**
 * Always 200 for a list that is well-formed: a `STALE` answer is one of the list. One bad check refuses all. A check
 * without an id of its own has the call's.
 */
export function createTakeBatch({ answering, atLeastMs }: Omit<TakeOptions, 'retryAfter'>): Take {
  return (body, response, callId) => {
    const read = readBatch(body);
    if (!read.ok) {
      refuseInput(response, callId, read.problem.path, read.problem.message);
      return null;
    }
    const { requests } = read;
    for (const [index, asked] of requests.entries()) {
      const problem = answering.problemOf(asked);
      if (problem === null) continue;
      refuseInput(response, callId, [String(index), ...problem.path], problem.message);
      return null;
    }
    const tell = (answers: readonly Answer[]): void =>
      sendAscii(response, `[${answers.map((each) => each.body).join(',')}]`);
    const all = requests.map((asked) => ({ asked, requestId: asked.request?.id ?? callId }));
    const answer = (waited: readonly Waited[]): Promise<void> | null => {
      const answers = answering.answerAll(all, waited);
      if (answers instanceof Promise) return answers.then(tell);
      tell(answers);
      return null;
    };
    if (!requests.some((asked) => answering.needsWait(asked))) return answer([]);
    const until = AbortSignal.timeout(atLeastMs);
    setMaxListeners(0, until);
    const waits = requests.map(async (asked) =>
      answering.needsWait(asked) ? answering.wait(asked, until) : NOTHING_TO_WAIT_FOR,
    );
    return Promise.all(waits).then(async (waited) => {
      await answer(waited);
    });
  };
}
