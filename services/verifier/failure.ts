// A defect on the way to an answer: the log has it, the caller learns that it happened and nothing of what.
import type { ServerResponse } from 'node:http';
import type { Logger } from '../shared/logger.ts';
import { REFUSALS, refuse } from './responses.ts';

/** Answers for a check that failed in a way that nobody foresaw. */
export type Fail = (response: ServerResponse, requestId: string, error: unknown) => void;

export function createFail(logger: Logger): Fail {
  return (response, requestId, error) => {
    logger.error({ err: error, requestId }, 'a check failed unexpectedly');
    if (response.headersSent) response.destroy();
    else refuse(response, requestId, REFUSALS.internal);
  };
}
