// The control document for many readers at once: one query answers all who wait for it, each as if it were its own, in the
// causal order of its session. With one query more per reader, pointer and check would cost more than what is read (P3).
import type { ClientSession, Db, MongoClient } from 'mongodb';
import type { Control } from '../read-store.ts';
import { readControl } from './mongodb-control.ts';
import { translated } from './mongodb-errors.ts';
import { inSharedSession } from './mongodb-sessions.ts';
import { shareReads } from './shared-read.ts';

/** What is read begins after the call and after all that `session` has seen; the session then goes on from there. */
export type ReadSharedControl = (session?: ClientSession) => Promise<Control>;

export function sharedControl(client: MongoClient, db: Db): ReadSharedControl {
  const read = shareReads((callers: readonly (ClientSession | undefined)[]) =>
    inSharedSession(client, callers, (own) => readControl(db, own)),
  );
  return (session) => translated(() => read(session));
}
