// Answering checks: first what has to be waited for, then the verdict. One check alone and each of a batch go this way.
import { decodePosition } from '../../events/position.ts';
import type { Problem } from '../../events/problem.ts';
import { answerBody } from './answer.ts';
import type { Checker } from './checker.ts';
import type { Details, DetailsReader } from './details.ts';
import type { Asked, Judge, Judged } from './judge.ts';
import type { OutcomeCounter } from './outcome-counter.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import type { VerifyRequest } from './request.ts';
import type { FlatHeaders } from './responses.ts';
import { tellsOfKey } from './verify.ts';

export interface AnsweringOptions {
  readonly checker: Pick<Checker, 'check' | 'prepare' | 'whenReached'>;
  readonly judge: Judge;
  readonly details: DetailsReader;
  /** The log's: a position that names others can never be reached. */
  readonly partitions: number;
  readonly outcomes: Pick<OutcomeCounter, 'count' | 'countStale'>;
}

/** What was waited for; `details` is `null` where none were asked for, or the store is away. */
export interface Waited {
  readonly reached: boolean;
  readonly details: Details | null;
}

export const NOTHING_TO_WAIT_FOR: Waited = { reached: true, details: null };

/** The body of an answer, JSON in ASCII. */
export interface Answer {
  readonly stale: boolean;
  readonly body: string;
  /** Of the key's rate limit. */
  readonly headers?: FlatHeaders;
}

export interface Answering {
  /** What only the log can tell to be wrong. */
  problemOf(asked: VerifyRequest): Problem | null;
  needsWait(asked: VerifyRequest): boolean;
  /** Waits for `atLeast`, then reads what `include` asks for, both until the signal at most. */
  wait(asked: VerifyRequest, until: AbortSignal): Promise<Waited>;
  /** L4: freshness is looked at in the tick of the answer; send it before the next await. Counts the code. */
  answer(asked: VerifyRequest, requestId: string, waited: Waited): Answer | Promise<Answer>;
  /** The same for many, all of one tick. @param waited of each; none: nothing was waited for. */
  answerAll(all: readonly Asked[], waited: readonly Waited[]): readonly Answer[] | Promise<readonly Answer[]>;
}

export function createAnswering({ checker, judge, details, partitions, outcomes }: AnsweringOptions): Answering {
  async function readDetails(asked: VerifyRequest, until: AbortSignal): Promise<Details | null> {
    await judge.prepare(asked);
    const verdict = checker.check(asked)?.verdict;
    if (verdict === undefined || !tellsOfKey(verdict)) return null;
    return details.read(verdict.record.keyId, verdict.record.version, until);
  }

  function stale(requestId: string, message: string): Answer {
    outcomes.countStale();
    return { stale: true, body: JSON.stringify({ valid: false, code: 'STALE', message, requestId }) };
  }

  const late = (requestId: string): Answer => stale(requestId, 'the position was not reached in time');

  function told(judged: Judged | null, asked: VerifyRequest, requestId: string, { details }: Waited): Answer {
    if (judged === null) return stale(requestId, 'the verifier cannot prove that its view is fresh');
    const { verdict, asOf, allowance } = judged;
    outcomes.count(verdict, asked);
    const body = answerBody(verdict, { asOf, requestId, include: asked.include, details, allowance });
    return allowance === null ? { stale: false, body } : { stale: false, body, headers: rateLimitHeaders(judged) };
  }

  return {
    problemOf: ({ atLeast }) => {
      if (atLeast === undefined) return null;
      const foreign = Object.keys(decodePosition(atLeast) ?? {}).some((partition) => Number(partition) >= partitions);
      return foreign ? { path: ['atLeast'], message: 'must be a position of this log' } : null;
    },
    needsWait: ({ atLeast, include }) => atLeast !== undefined || include !== undefined,
    wait: async (asked, until) => {
      const { atLeast, include } = asked;
      const reached = atLeast === undefined || (await checker.whenReached(decodePosition(atLeast) ?? {}, until));
      return { reached, details: reached && include !== undefined ? await readDetails(asked, until) : null };
    },
    answer: (asked, requestId, waited) => {
      if (!waited.reached) return late(requestId);
      const judged = judge.judge(asked, requestId);
      if (!(judged instanceof Promise)) return told(judged, asked, requestId, waited);
      return judged.then((known) => told(known, asked, requestId, waited));
    },
    answerAll: (all, waited) => {
      const waitedOf = (index: number): Waited => waited[index] ?? NOTHING_TO_WAIT_FOR;
      const reached = all.filter((_, index) => waitedOf(index).reached);
      const judged = judge.judgeAll(reached);
      const tell = (known: readonly (Judged | null)[]): readonly Answer[] => {
        const inTurn = known.values();
        return all.map(({ asked, requestId }, index) =>
          waitedOf(index).reached
            ? told(inTurn.next().value ?? null, asked, requestId, waitedOf(index))
            : late(requestId),
        );
      };
      return judged instanceof Promise ? judged.then(tell) : tell(judged);
    },
  };
}
