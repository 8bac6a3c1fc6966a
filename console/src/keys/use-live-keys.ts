// The list of keys while others work on it: rows that change are read again, where they are; keys that are made are
// counted, and wait until the person asks for them. A burst of events is one question, whatever the length of the list.
// Whoever may not see events has the same by asking again every now and then.
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { useClients } from '../api/clients-context.tsx';
import { ChangedKeysDocument, NewestKeysDocument, type KeyFilter } from '../api/generated/graphql.ts';
import { useKeyEvents } from '../api/key-events.ts';
import { globalKeyId, isKeyId } from '../api/key-id.ts';
import { rowsInDocument } from '../components/table.tsx';
import { createGathering } from './gathering.ts';
import type { KeyRow } from './keyspace-words.ts';
import { useRenewal } from './use-renewal.ts';

/** What one answer may hold. */
const MOST = 100;
/** No key: what has been made is asked for. */
const NO_KEY = '';

export interface LiveKeysOptions {
  readonly workspace: string;
  /** What is shown is the present. */
  readonly enabled: boolean;
  /** Whether this person may see what happens. */
  readonly follows: boolean;
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
  /** Rows of keys that are not there any more. */
  readonly gone: ReadonlySet<string>;
  /** The list is read again from its beginning: they are in it. */
  readonly taken: () => void;
}

export function useLiveKeys({ workspace, enabled, follows, from, filter, rows }: LiveKeysOptions): LiveKeys {
  const { cached, uncached } = useClients();
  const question = JSON.stringify(filter);
  /** Made by anybody since the list was read, of this list or not. */
  const made = useRef(new Set<string>());
  const [found, setFound] = useState<{ readonly question: string; readonly ids: readonly string[] } | null>(null);
  const [failed, setFailed] = useState(false);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set<string>());
  /** When the newest key was made that is known of. */
  const newest = useRef({ question: '', time: '' });
  const asks = enabled && !follows && from !== null;
  const loaded = useMemo(() => new Set(rows.map(({ keyId }) => keyId)), [rows]);

  /** Both: whether an answer came. */
  const readChanged = useEffectEvent(async (ids: readonly string[]): Promise<boolean> => {
    for (let at = 0; at < ids.length; at += MOST) {
      const asked = ids.slice(at, at + MOST);
      const variables = { ids: asked.map(globalKeyId) };
      const { data } = await cached
        .query(ChangedKeysDocument, variables, { requestPolicy: 'network-only' })
        .toPromise();
      if (!data) return false;
      const missing = asked.filter((_, index) => !data.nodes[index]);
      if (missing.length > 0) setGone((before) => new Set([...before, ...missing]));
    }
    return true;
  });
  const countMade = useEffectEvent(async (): Promise<boolean> => {
    for (const id of made.current) if (loaded.has(id)) made.current.delete(id);
    if (!asks && made.current.size === 0) return true;
    // The newest ones are among as many of the newest.
    const first = asks ? MOST : Math.min(MOST, made.current.size);
    const { data } = await uncached.query(NewestKeysDocument, { workspace, filter, first }).toPromise();
    if (!data) return false;
    const keys = data.workspace?.keys.nodes ?? [];
    if (asks) {
      const { question: known, time } = newest.current;
      for (const { keyId, createdAt } of keys) if (known === question && createdAt > time) made.current.add(keyId);
      newest.current = { question, time: keys[0]?.createdAt ?? '' };
    }
    setFound({ question, ids: keys.map(({ keyId }) => keyId).filter((id) => made.current.has(id)) });
    return true;
  });
  const look = useEffectEvent(async (ids: ReadonlySet<string>): Promise<void> => {
    const answered = await Promise.all([readChanged([...ids].filter((id) => loaded.has(id))), countMade()]);
    setFailed(answered.includes(false));
  });

  const gathering = useRef<ReturnType<typeof createGathering>>(null);
  useEffect(() => {
    const own = createGathering({ take: (ids) => look(ids) });
    gathering.current = own;
    return () => own.stop();
  }, []);
  useEffect(() => {
    made.current.clear();
    // Which of them are there already.
    if (asks) gathering.current?.add(NO_KEY);
  }, [question, asks]);
  useRenewal(asks, () => {
    gathering.current?.add(NO_KEY);
    // However many are loaded, those alone that somebody sees.
    const seen = new Set(rowsInDocument());
    for (const { id, keyId } of rows) if (seen.has(id)) gathering.current?.add(keyId);
  });

  const down = useKeyEvents({
    workspace,
    enabled: enabled && follows && from !== null,
    from,
    onEvent: ({ type, subject }) => {
      if (!isKeyId(subject)) return;
      if (type === 'KEY_CREATED') made.current.add(subject);
      gathering.current?.add(subject);
    },
  });
  const fresh = found?.question === question ? found.ids.filter((id) => !loaded.has(id)).length : 0;
  return {
    down: asks ? failed : down,
    fresh,
    more: fresh === MOST,
    gone,
    taken: () => {
      made.current.clear();
      setFound(null);
    },
  };
}
