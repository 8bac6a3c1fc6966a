// Taking many keys away: each waits for the verifiers, and where they have not confirmed in time they are asked again until
// they have.
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useClient, type Client } from 'urql';
import { newCommandId } from '../api/command-id.ts';
import { KeyReceiptDocument, type ReceiptFragment } from '../api/generated/graphql.ts';
import type { Outcome } from '../api/outcome.ts';
import { failedText } from '../app/tell-outcome.ts';
import { sendRemoval, type Removed } from '../key/removal.ts';
import { createBulk, type Answer, type Bulk, type BulkState } from './bulk.ts';
import type { OwnerKey } from './use-owner-keys.ts';

export type BulkAction = 'REVOKE' | 'DELETE';

export interface Done {
  /** That the key has since; `null`: not known. */
  readonly version: number | null;
  readonly receipt: ReceiptFragment | null;
}

export interface RemovalWords {
  readonly action: BulkAction;
  /** Empty: none. */
  readonly reason: string;
  readonly note: string;
}

const GONE: ReadonlySet<string> = new Set(['REVOKED', 'DELETED']);
const WATCH_MS = 1500;
/** That are asked again in one round. */
const ROUND = 20;

function answerOf(outcome: Outcome<Removed>): Answer<Done> {
  if (outcome.kind === 'done') {
    const { key, enforcement } = outcome.payload;
    return { kind: 'done', done: { version: key?.version ?? null, receipt: enforcement ?? null } };
  }
  if (outcome.kind === 'refused' && 'status' in outcome.refusal && GONE.has(outcome.refusal.status))
    return { kind: 'already' };
  const { text, decided } = failedText(outcome);
  if (decided) return { kind: 'refused', why: text };
  return { kind: 'unknown', why: text, away: outcome.kind === 'unreached' && outcome.network };
}

const make = (client: Client, keys: readonly OwnerKey[], { action, reason, note }: RemovalWords) =>
  createBulk<OwnerKey, Done>({
    keys,
    newId: newCommandId,
    send: async ({ id }, commandId) => answerOf(await sendRemoval(client, action, { id, reason, note, commandId })),
  });

export function useBulkRemoval(
  keys: readonly OwnerKey[],
  words: RemovalWords,
): { readonly state: BulkState<OwnerKey, Done>; readonly bulk: Pick<Bulk<OwnerKey, Done>, 'run' | 'stop'> } {
  const client = useClient();
  const [bulk] = useState(() => make(client, keys, words));
  const state = useSyncExternalStore(bulk.subscribe, bulk.state);
  useEffect(() => {
    bulk.run();
    return () => bulk.stop();
  }, [bulk]);

  const unconfirmed = state.items.some(
    ({ result }) => result.kind === 'done' && result.done.version !== null && result.done.receipt?.confirmedAt == null,
  );
  const watching = state.phase === 'stopped' && unconfirmed;
  useEffect(() => {
    if (!watching) return undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      const left = bulk.state().items.flatMap(({ key, result }) => {
        const version = result.kind === 'done' && result.done.receipt?.confirmedAt == null ? result.done.version : null;
        return version === null ? [] : [{ key, version }];
      });
      for (const { key, version } of left.slice(0, ROUND)) {
        const { data } = await client
          .query(KeyReceiptDocument, { id: key.id, version }, { requestPolicy: 'network-only' })
          .toPromise();
        if (over) return;
        if (data?.key?.enforcement) bulk.learn(key, { version, receipt: data.key.enforcement });
      }
      timer = setTimeout(() => void look(), WATCH_MS);
    };
    timer = setTimeout(() => void look(), WATCH_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [bulk, client, watching]);
  return { state, bulk };
}
