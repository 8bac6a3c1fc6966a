// What the log says of a gateway that asks without VERIFIER_TOKEN: its clients are only told to come back.
import type { Logger } from '../shared/logger.ts';
import { TOKEN_HEADER } from './forward-request.ts';

/** Whoever reaches the port may cause it: one line in this time. */
const QUIET_MS = 60_000;

/** @returns what is told of every such question. @param monotonic milliseconds. */
export function createGatewayWarning(logger: Pick<Logger, 'warn'>, monotonic = () => performance.now()): () => void {
  let quietUntil = -Infinity;
  return () => {
    if (monotonic() < quietUntil) return;
    quietUntil = monotonic() + QUIET_MS;
    logger.warn(
      `a gateway asks without VERIFIER_TOKEN in ${TOKEN_HEADER}, or with another one: its clients are told 503 UNAVAILABLE`,
    );
  };
}
