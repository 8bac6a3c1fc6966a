// Start failures: what keeps a process from starting, as a person reads it: what failed, and what to do about it, with the
// setting's name. Stacks and causes are for the log, and only where somebody asked for them.
import { LogFullError, UnsafeLogError } from '../events/log.ts';
import { StorageError, type StorageErrorCode } from '../events/logs/sqlite-errors.ts';
import { StoreFullError } from '../projections/read-store.ts';
import { withoutCredentials } from './shared/logger.ts';

export interface StartFailure {
  readonly code: string;
  readonly message: string;
  /** Absent where the message says what to do. */
  readonly advice?: string;
}

const STORAGE_ADVICE: Readonly<Partial<Record<StorageErrorCode, string>>> = {
  STORAGE_FULL: 'make room on the disk that holds it (KEYFOLD_DATA)',
  STORAGE_FAILED:
    'look at the disk, and let the user that Keyfold runs as write to the folder; KEYFOLD_DATA names another one',
};
const TOPIC_ADVICE =
  'change what is named (of a topic: kafka-configs.sh), or name one that does not exist yet with KAFKA_TOPIC_PREFIX: it is made right';

export function describeStartFailure(error: unknown): StartFailure {
  if (!(error instanceof Error)) return { code: 'UNEXPECTED', message: 'it failed' };
  const { message } = error;
  if (error instanceof StorageError) return { code: error.code, message, ...advice(STORAGE_ADVICE[error.code]) };
  if (error instanceof LogFullError || error instanceof StoreFullError)
    return { code: error.code, message, ...advice(STORAGE_ADVICE.STORAGE_FULL) };
  if (error instanceof UnsafeLogError)
    return { code: error.code, message, ...advice(message.startsWith('topic ') ? TOPIC_ADVICE : undefined) };
  // Our own errors have a code for programs and what to do for people.
  if ('code' in error && typeof error.code === 'string' && 'advice' in error && typeof error.advice === 'string')
    return { code: error.code, message, advice: error.advice };
  return foreignFailure(error);
}

/** Of a driver, or a defect: the words are not ours, so addresses lose what could be a password. */
function foreignFailure(error: Error): StartFailure {
  const message = withoutCredentials(error.message);
  if (error.name.startsWith('KafkaJS')) {
    const settings = 'KAFKA_REPLICATION_FACTOR, KAFKA_PARTITIONS, KAFKA_TOPIC_PREFIX';
    const why = `check ${settings}, and the rights of KAFKA_SASL_USERNAME`;
    return { code: 'KAFKA_REFUSED', message: `Kafka refuses the topic: ${message}`, advice: why };
  }
  // The driver quotes the address as it is.
  if (error.name.startsWith('Mongo'))
    return { code: 'BAD_SETTINGS', message: 'MONGODB_URL is not understood', advice: 'check its options' };
  if ('syscall' in error && 'path' in error && 'code' in error) {
    const what = `${String(error.path)} cannot be used (${String(error.code)})`;
    return { code: 'STORAGE_FAILED', message: what, ...advice(STORAGE_ADVICE.STORAGE_FAILED) };
  }
  return {
    code: 'UNEXPECTED',
    message: `${error.name}: ${message}`,
    advice: 'LOG_LEVEL=debug tells where it happened; it may be a defect of Keyfold',
  };
}

function advice(text: string | undefined): { readonly advice?: string } {
  return text === undefined ? {} : { advice: text };
}
