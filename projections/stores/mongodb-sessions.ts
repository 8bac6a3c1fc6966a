// One query on behalf of several causally consistent sessions: it is read after all that any of them has seen, and each of
// them goes on from what it has read.
import type { ClientSession, MongoClient } from 'mongodb';

export function inSharedSession<T>(
  client: MongoClient,
  callers: readonly (ClientSession | undefined)[],
  read: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const sessions = callers.filter((session) => session !== undefined);
  return client.withSession({ causalConsistency: true }, async (own) => {
    for (const session of sessions) advance(own, session);
    const answer = await read(own);
    for (const session of sessions) advance(session, own);
    return answer;
  });
}

/** Causally after: nothing that `seen` has read can be missing from what `session` reads next. */
function advance(session: ClientSession, seen: ClientSession): void {
  if (seen.operationTime) session.advanceOperationTime(seen.operationTime);
  if (seen.clusterTime) session.advanceClusterTime(seen.clusterTime);
}
