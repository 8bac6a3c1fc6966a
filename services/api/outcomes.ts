// Outcomes that are not the decision's own: a retry's first outcome, a lost race, and what could not be carried out.
import { LogFullError, LogUnavailableError } from '../../events/log.ts';
import { positionAfter } from '../../events/position.ts';
import { MissingSealingKeyError } from '../../events/sealing.ts';
import { StoreFullError, StoreUnavailableError } from '../../projections/read-store.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { Changed, Outcome } from '../../schema/context.ts';
import { LogLostError } from './log-guard.ts';

export type Failed = Extract<Outcome, { ok: false }>;

export function failed(error: Failed['error']): Failed {
  return { ok: false, error };
}

/** Nothing was changed, and trying again helps. */
export function unavailable(why: string): Failed {
  return failed({ type: 'Unavailable', message: `${why}; nothing was changed: try again`, retryAfterSeconds: 1 });
}

export function unknown(commandId: string): Failed {
  const message = 'it is not known whether this took effect: send it again with the same commandId to learn it';
  return failed({ type: 'OutcomeUnknown', message, commandId });
}

export function conflict(expected: number, actual: number): Failed {
  const message = `the key has changed: version ${expected} was expected, it is at ${actual}`;
  return failed({ type: 'VersionConflict', message, expected, actual });
}

/** W1: the same commandId, but not the same command. */
export function reused(): Failed {
  const message = 'this commandId was used for another command or input: take a new one';
  return failed({ type: 'InvalidInput', message, path: ['commandId'] });
}

/** W1: what an earlier attempt under the same commandId came to; another input under it is refused. */
export function original(row: HistoryRow, changed: Changed, fingerprint: string): Outcome {
  if (row.fingerprint !== fingerprint) return reused();
  const position = positionAfter(row.position);
  if (row.type === 'KeyCreated' || row.type === 'KeyRegenerated') {
    const message =
      'this was carried out before: its secret was handed out with the first answer, if that arrived, and cannot be shown again';
    return failed({ type: 'SecretAlreadyRevealed', message, keyId: row.aggregateId, position });
  }
  return { ok: true, position, changed, secret: null, warnings: [] };
}

export function full(): Failed {
  return failed({ type: 'StorageFull', message: 'no space is left; nothing was changed' });
}

/** What a caller is told of a failure before anything was appended; `null` for one that is a defect. */
export function fromFailure(error: unknown): Failed | null {
  if (error instanceof LogFullError || error instanceof StoreFullError) return full();
  if (error instanceof LogLostError) return unavailable(error.message);
  if (error instanceof LogUnavailableError || error instanceof StoreUnavailableError) {
    return unavailable('the log or the read store does not answer');
  }
  if (error instanceof MissingSealingKeyError) return unavailable('a sealing key is missing in the settings');
  return null;
}
