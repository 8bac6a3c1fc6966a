// POST /v1/verify and POST /v1/verify/batch: bodies in, answers out. A batch is a JSON list of requests and gets a list of
// answers in the same order, each as it would be alone; it is judged in one tick.
import { setMaxListeners } from 'node:events';
import { NOTHING_TO_WAIT_FOR, type Answer, type Answering, type Waited } from './answering.ts';
import type { Take } from './post.ts';
import { readBatch, readBody, type VerifyRequest } from './request.ts';
import { asciiReply, inputRefusal, reply, type Reply } from './responses.ts';

export interface TakeOptions {
  readonly answering: Answering;
  /** How long a check, or all of a batch together, wait for `atLeast`. */
  readonly atLeastMs: number;
  /** Seconds, of `STALE`. */
  readonly retryAfter: string;
}

/** `STALE` is 503. */
export function createTakeOne({ answering, atLeastMs, retryAfter }: TakeOptions): Take {
  const told = ({ stale, body, headers }: Answer): Reply =>
    stale ? reply(503, body, ['retry-after', retryAfter]) : asciiReply(body, headers);

  function answer(asked: VerifyRequest, requestId: string, waited: Waited): Reply | Promise<Reply> {
    const answered = answering.answer(asked, requestId, waited);
    return answered instanceof Promise ? answered.then(told) : told(answered);
  }

  return (body, callId) => {
    const read = readBody(body);
    if (!read.ok) return inputRefusal(callId, read.problem);
    const { request } = read;
    const requestId = request.request?.id ?? callId;
    const problem = answering.problemOf(request);
    if (problem !== null) return inputRefusal(requestId, problem);
    if (!answering.needsWait(request)) return answer(request, requestId, NOTHING_TO_WAIT_FOR);
    const waiting = answering.wait(request, AbortSignal.timeout(atLeastMs));
    return waiting.then((waited) => () => answer(request, requestId, waited));
  };
}

/**
 * Always 200 for a list that is well-formed: a `STALE` answer is one of the list. One bad check refuses all. A check
 * without an id of its own has the call's.
 */
export function createTakeBatch({ answering, atLeastMs }: Omit<TakeOptions, 'retryAfter'>): Take {
  return (body, callId) => {
    const read = readBatch(body);
    if (!read.ok) return inputRefusal(callId, read.problem);
    const { requests } = read;
    for (const [index, asked] of requests.entries()) {
      const problem = answering.problemOf(asked);
      if (problem !== null) return inputRefusal(callId, { ...problem, path: [String(index), ...problem.path] });
    }
    const told = (answers: readonly Answer[]): Reply => asciiReply(`[${answers.map((each) => each.body).join(',')}]`);
    const all = requests.map((asked) => ({ asked, requestId: asked.request?.id ?? callId }));
    const answer = (waited: readonly Waited[]): Reply | Promise<Reply> => {
      const answers = answering.answerAll(all, waited);
      return answers instanceof Promise ? answers.then(told) : told(answers);
    };
    if (!requests.some((asked) => answering.needsWait(asked))) return answer([]);
    const until = AbortSignal.timeout(atLeastMs);
    setMaxListeners(0, until);
    const waits = requests.map(async (asked) =>
      answering.needsWait(asked) ? answering.wait(asked, until) : NOTHING_TO_WAIT_FOR,
    );
    return Promise.all(waits).then((waited) => () => answer(waited));
  };
}
