// Reads a key again after a command whose answer no cache has seen: wherever it is shown, it is shown as it is now.
import { useClient } from 'urql';
import { KeyNowDocument } from '../api/generated/graphql.ts';

export function useRefreshKey(): (id: string) => void {
  const client = useClient();
  return (id) => void client.query(KeyNowDocument, { id }, { requestPolicy: 'network-only' }).toPromise();
}
