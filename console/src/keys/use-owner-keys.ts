// All keys of an owner in a keyspace that may still come to their end, read page by page, with what is asked before they do.
import { useEffect, useState } from 'react';
import type { CombinedError, OperationResult } from 'urql';
import { useClients } from '../api/clients-context.tsx';
import { OwnerKeysDocument, type KeyFilter, type OwnerKeysQuery } from '../api/generated/graphql.ts';

type Workspace = NonNullable<OwnerKeysQuery['workspace']>;
export type OwnerKey = Workspace['keys']['nodes'][number];
export type OwnerKeyspace = NonNullable<Workspace['keyspace']>;

export interface OwnerKeys {
  readonly keys: readonly OwnerKey[];
  readonly keyspace: OwnerKeyspace | null;
  /** All of them are read. */
  readonly complete: boolean;
  readonly error: CombinedError | null;
}

export interface OwnerKeysOptions {
  readonly workspace: string;
  /** Of the keyspace. */
  readonly slug: string;
  readonly owner: string;
}

const PAGE_SIZE = 100;
const NOTHING: OwnerKeys = { keys: [], keyspace: null, complete: false, error: null };

export function useOwnerKeys({ workspace, slug, owner }: OwnerKeysOptions): OwnerKeys & { readonly again: () => void } {
  const { uncached } = useClients();
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    let over = false;
    const isOver = (): boolean => over;
    const read = async (): Promise<void> => {
      let found = NOTHING;
      let after: string | null = null;
      const filter: KeyFilter = { keyspace: slug, owner, status: ['ACTIVE', 'DISABLED', 'EXPIRED'] };
      while (!found.complete && !found.error) {
        const result: OperationResult<OwnerKeysQuery> = await uncached
          .query(OwnerKeysDocument, { workspace, slug, filter, first: PAGE_SIZE, after })
          .toPromise();
        const page: Workspace | null | undefined = result.data?.workspace;
        found = {
          keys: [...found.keys, ...(page?.keys.nodes ?? [])],
          keyspace: page?.keyspace ?? found.keyspace,
          complete: !result.error && page?.keys.pageInfo.hasNextPage !== true,
          error: result.error ?? null,
        };
        after = page?.keys.pageInfo.endCursor ?? null;
        if (isOver()) return;
        setState(found);
      }
    };
    void read();
    return () => {
      over = true;
    };
  }, [uncached, workspace, slug, owner, attempt]);
  const again = (): void => {
    setState(NOTHING);
    setAttempt((count) => count + 1);
  };
  return { ...state, again };
}
