// The driver's errors in the port's words. What a caller did wrong passes as it is; all else means that the store is away.
import {
  MongoBulkWriteError,
  MongoError,
  MongoInvalidArgumentError,
  MongoParseError,
  MongoServerError,
  type WriteError,
} from 'mongodb';
import { StoreFullError, StoreUnavailableError } from '../read-store.ts';

const DUPLICATE_KEY = 11000;
const NAMESPACE_NOT_FOUND = 26;
const OUT_OF_DISK_SPACE = 14031;

export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isNameServers(error)) throw new StoreUnavailableError('the name of MongoDB is not found', { cause: error });
    if (!(error instanceof MongoError)) throw error;
    if (error instanceof MongoInvalidArgumentError || error instanceof MongoParseError) throw error;
    if (error.code === OUT_OF_DISK_SPACE) throw new StoreFullError('no space is left for MongoDB', { cause: error });
    throw new StoreUnavailableError('MongoDB cannot be reached or has failed', { cause: error });
  }
}

/** Of `mongodb+srv`, whose hosts are asked of DNS before the driver speaks to any. */
function isNameServers(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && /^(?:query|getaddrinfo)/.test(String(error.syscall));
}

/** Whether a document with this id was there already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && !(error instanceof MongoBulkWriteError) && error.code === DUPLICATE_KEY;
}

/** Whether an unordered bulk write did all but insert documents whose ids were there already, and is durable. */
export function onlyDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return false;
  const errors: readonly WriteError[] = [error.writeErrors].flat();
  return errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
}

/** Whether a collection was gone already. */
export function isMissingCollection(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND;
}
