// Troubles: what keeps a projector from working, in our own words. Nothing that a driver said reaches readiness or health.
import {
  LogFullError,
  LogGoneError,
  LogUnavailableError,
  PositionOutOfRangeError,
  UnsafeLogError,
} from '../events/log.ts';
import { StorageError } from '../events/logs/sqlite-errors.ts';
import { MissingSealingKeyError } from '../events/sealing.ts';
import { StoreFullError, StoreUnavailableError } from './read-store.ts';

/** What a logger must offer; pino's does. */
export interface ProjectionLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** An error as a reason for not being ready. */
export function describeTrouble(error: unknown): string {
  if (error instanceof StorageError && error.code === 'STORAGE_CORRUPT') return error.message;
  if (error instanceof StoreUnavailableError) return 'the read store does not answer';
  if (error instanceof StoreFullError) return 'the read store has no space left';
  if (error instanceof LogGoneError) return error.message;
  if (error instanceof LogUnavailableError) return 'the log does not answer';
  if (error instanceof LogFullError) return 'the log has no space left';
  // These messages are ours, and name the setting or the place.
  if (
    error instanceof MissingSealingKeyError ||
    error instanceof PositionOutOfRangeError ||
    error instanceof UnsafeLogError
  ) {
    return error.message;
  }
  return 'an unexpected error; the process log has it';
}
