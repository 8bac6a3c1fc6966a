// The control document for many readers at once: one query answers all who wait for it, each as if it were its own, in the
// causal order of its session. With one query more per reader, pointer and check would cost more than what is read (P3).
import type { ClientSession, Db, MongoClient } from 'mongodb';
import type { Control } from '../read-store.ts';
import { readControl } from './mongodb-control.ts';
import { translated } from './mongodb-errors.ts';
import { shareReads } from './shared-read.ts';

/** What is read begins after the call and after all that `session` has seen; the session then goes on from there. */
export type ReadSharedControl = (session?: ClientSession) => Promise<Control>;

export function sharedControl(client: MongoClient, db: Db): ReadSharedControl {
  const read = shareReads(async (callers: readonly (ClientSession | undefined)[]) => {
    const sessions = callers.filter((session) => session !== undefined);
    return client.withSession({ causalConsistency: true }, async (own) => {
      for (const session of sessions) advance(own, session);
      const control = await readControl(db, own);
      for (const session of sessions) advance(session, own);
      return control;
    });
  });
  return (session) => translated(() => read(session));
}

/** Causally after: nothing that `seen` has read can be missing from what `session` reads next. */
function advance(session: ClientSession, seen: ClientSession): void {
  if (seen.operationTime) session.advanceOperationTime(seen.operationTime);
  if (seen.clusterTime) session.advanceClusterTime(seen.clusterTime);
}
