// The clients, for components: `useQuery` and the like use the cached one, what shows the past the other.
import { createContext, useContext, useState, type ReactNode } from 'react';
import { Provider } from 'urql';
import { createClients, type Clients } from './client.ts';
import { useReach } from './reach-context.ts';

const ClientsContext = createContext<Clients | null>(null);

export interface ClientsProviderProps {
  readonly fetch: typeof fetch;
  readonly children: ReactNode;
}

/** With an empty cache: what somebody else saw before goes with the provider that they had. */
export function ClientsProvider({ fetch, children }: ClientsProviderProps) {
  const reach = useReach();
  const [clients] = useState(() => createClients({ fetch, reach }));
  return (
    <ClientsContext value={clients}>
      <Provider value={clients.cached}>{children}</Provider>
    </ClientsContext>
  );
}

export function useClients(): Clients {
  const clients = useContext(ClientsContext);
  if (!clients) throw new Error('there are no clients around this');
  return clients;
}
