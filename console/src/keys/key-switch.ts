// Disabling and enabling a key, which the list and its menu do in place.
import { useClient } from 'urql';
import { newCommandId } from '../api/command-id.ts';
import { DisableKeyDocument, EnableKeyDocument } from '../api/generated/graphql.ts';
import { outcomeOf } from '../api/outcome.ts';
import { tellOutcome } from '../app/tell-outcome.ts';
import { successText, type KeyRow, type KeyspaceView } from './keyspace-words.ts';

/** Tells what came of it; resolves once that is known. */
export function useKeySwitch(
  view: KeyspaceView,
): (row: Pick<KeyRow, 'id'>, action: 'ENABLE' | 'DISABLE') => Promise<void> {
  const client = useClient();
  return async ({ id }, action) => {
    const input = { id, commandId: newCommandId() };
    const attempt = async () =>
      action === 'DISABLE'
        ? outcomeOf(await client.mutation(DisableKeyDocument, { input }).toPromise())
        : outcomeOf(await client.mutation(EnableKeyDocument, { input }).toPromise());
    await tellOutcome(attempt, successText(view, action));
  };
}
