// The page of one key: everything but its secret, as it is or as it was. What happens to it elsewhere is seen as it happens.
import { useState } from 'react';
import { Provider, useQuery } from 'urql';
import { useClients } from '../api/clients-context.tsx';
import { KeyPageDocument, type KeyPageQuery } from '../api/generated/graphql.ts';
import { useKeyEvents } from '../api/key-events.ts';
import { LoadFailure } from '../app/load-failure.tsx';
import { NotFound } from '../app/not-found.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { useRenewal } from '../keys/use-renewal.ts';
import { useKeyAddress, type KeyAddressState } from './key-address.ts';
import { KeyView } from './key-view.tsx';

export interface KeyPageProps {
  readonly workspace: string;
  /** Global. */
  readonly id: string;
}

export type ShownKey = NonNullable<KeyPageQuery['key']>;

export default function KeyPage(props: KeyPageProps) {
  const clients = useClients();
  const state = useKeyAddress();
  return (
    <Provider value={state.address.at === null ? clients.cached : clients.uncached}>
      <LoadedKey {...props} {...state} />
    </Provider>
  );
}

function LoadedKey({ workspace, id, ...state }: KeyPageProps & KeyAddressState) {
  const { at } = state.address;
  const [{ data, error, fetching, stale }, again] = useQuery({
    query: KeyPageDocument,
    variables: { id, asOf: at, present: at === null },
    requestPolicy: 'cache-and-network',
  });
  const key = data?.key ?? null;
  /** The last one that was there: of the time before while another one loads, and of a key that was deleted since. */
  const [last, setLast] = useState<ShownKey | null>(null);
  if (key !== null && key !== last) setLast(key);
  const [events, setEvents] = useState(0);
  const mayFollow = (at === null ? key : last)?.actions.includes('SEE_HISTORY') ?? false;
  const down = useKeyEvents({
    workspace,
    enabled: at === null && mayFollow,
    onEvent: ({ subject }) => {
      if (subject !== last?.keyId) return;
      setEvents((before) => before + 1);
      again({ requestPolicy: 'network-only' });
    },
  });
  useRenewal(at === null && key !== null && !mayFollow, () => again({ requestPolicy: 'network-only' }));
  const shown = key ?? last;
  if (!shown && error) return <LoadFailure error={error} onRetry={() => again({ requestPolicy: 'network-only' })} />;
  if (!shown) return fetching || stale || !data ? <LoadingPage /> : <NotFound />;
  if (shown.workspaceId !== workspace) return <NotFound />;
  return (
    <KeyView
      {...state}
      workspace={workspace}
      shown={shown}
      gone={!fetching && data !== undefined && key === null}
      error={error ?? null}
      loading={fetching}
      down={down}
      events={events}
      again={() => again({ requestPolicy: 'network-only' })}
    />
  );
}
