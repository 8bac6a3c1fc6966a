// A defect on the way to a reply: the log has it, the caller learns that it happened and nothing of what.
import type { Logger } from '../shared/logger.ts';
import { refusal, REFUSALS, type Reply } from './responses.ts';

/** Replies to a request that failed in a way that nobody foresaw. */
export type Fail = (requestId: string, error: unknown) => Reply;

export function createFail(logger: Logger): Fail {
  return (requestId, error) => {
    logger.error({ err: error, requestId }, 'a check failed unexpectedly');
    return refusal(requestId, REFUSALS.internal);
  };
}
