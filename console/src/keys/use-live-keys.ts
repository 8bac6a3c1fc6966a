// The list of keys while others work on it: rows that change are read again, where they are; keys that are made are
// counted, and wait until the person asks for them. A burst of events is one question, whatever the length of the list.
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { useClients } from '../api/clients-context.tsx';
import { ChangedKeysDocument, NewestKeysDocument, type KeyFilter } from '../api/generated/graphql.ts';
import { useKeyEvents } from '../api/key-events.ts';
import { globalKeyId, isKeyId } from '../api/key-id.ts';
import { createGathering } from './gathering.ts';
import type { KeyRow } from './keyspace-words.ts';

/** What one answer may hold. */
const MOST = 100;

export interface LiveKeysOptions {
  readonly workspace: string;
  /** Whether this person may see what happens, and what is shown is the present. */
  readonly enabled: boolean;
  /** The position that the list was first read at. */
  readonly from: string | null;
  readonly filter: KeyFilter;
  /** That are loaded. */
  readonly rows: readonly KeyRow[];
}

export interface LiveKeys {
  /** What others do is not seen now. */
  readonly down: boolean;
  /** Keys of the list that are not in it yet. */
  readonly fresh: number;
  /** There may be more of them than were counted. */
  readonly more: boolean;
  /** The list is read again from its beginning: they are in it. */
  readonly taken: () => void;
}

export function useLiveKeys({ workspace, enabled, from, filter, rows }: LiveKeysOptions): LiveKeys {
  const { cached, uncached } = useClients();
  const question = JSON.stringify(filter);
  /** Made by anybody since the list was read, of this list or not. */
  const made = useRef(new Set<string>());
  const [found, setFound] = useState<{ readonly question: string; readonly ids: readonly string[] } | null>(null);
  const loaded = useMemo(() => new Set(rows.map(({ keyId }) => keyId)), [rows]);

  const readChanged = useEffectEvent(async (ids: readonly string[]): Promise<void> => {
    for (let at = 0; at < ids.length; at += MOST)
      await cached
        .query(
          ChangedKeysDocument,
          { ids: ids.slice(at, at + MOST).map(globalKeyId) },
          { requestPolicy: 'network-only' },
        )
        .toPromise();
  });
  const countMade = useEffectEvent(async (): Promise<void> => {
    for (const id of made.current) if (loaded.has(id)) made.current.delete(id);
    if (made.current.size === 0) return;
    // The newest ones are among as many of the newest.
    const first = Math.min(MOST, made.current.size);
    const { data } = await uncached.query(NewestKeysDocument, { workspace, filter, first }).toPromise();
    const ids = (data?.workspace?.keys.nodes ?? []).map(({ keyId }) => keyId).filter((id) => made.current.has(id));
    setFound({ question, ids });
  });
  const look = useEffectEvent(async (ids: ReadonlySet<string>): Promise<void> => {
    await Promise.all([readChanged([...ids].filter((id) => loaded.has(id))), countMade()]);
  });

  const gathering = useRef<ReturnType<typeof createGathering>>(null);
  useEffect(() => {
    const own = createGathering({ take: (ids) => look(ids) });
    gathering.current = own;
    return () => own.stop();
  }, []);
  useEffect(() => {
    made.current.clear();
  }, [question]);

  const down = useKeyEvents({
    workspace,
    enabled: enabled && from !== null,
    from,
    onEvent: ({ type, subject }) => {
      if (!isKeyId(subject)) return;
      if (type === 'KEY_CREATED') made.current.add(subject);
      gathering.current?.add(subject);
    },
  });
  const fresh = found?.question === question ? found.ids.filter((id) => !loaded.has(id)).length : 0;
  return {
    down,
    fresh,
    more: fresh === MOST,
    taken: () => {
      made.current.clear();
      setFound(null);
    },
  };
}
