// Commands that take access away. Each waits for the verifiers, and answers with its receipt.
import { useState } from 'react';
import { useClient, type Client } from 'urql';
import { newCommandId } from '../api/command-id.ts';
import {
  RemoveByDeleteDocument,
  RemoveByDisableDocument,
  RemoveByRevokeDocument,
  RetireByHandDocument,
  type KeyAction,
  type KeyRemovedFragment,
  type ReceiptFragment,
} from '../api/generated/graphql.ts';
import { outcomeOf, type Outcome } from '../api/outcome.ts';
import { refusalText } from '../app/tell-outcome.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';

export type Removal = Extract<KeyAction, 'DISABLE' | 'REVOKE' | 'DELETE' | 'RETIRE_PREVIOUS_SECRET'>;

export interface Removed {
  readonly key?: KeyRemovedFragment | null;
  readonly enforcement?: ReceiptFragment | null;
}

export interface RemovalInput {
  readonly id: string;
  /** Of those of the keyspace; empty: none. */
  readonly reason: string;
  readonly note: string;
}

type Send = (client: Client, input: RemovalInput & { readonly commandId: string }) => Promise<Outcome<Removed>>;

const common = ({ id, commandId }: { readonly id: string; readonly commandId: string }) =>
  ({ id, commandId, waitFor: 'VERIFIERS' }) as const;
const noted = ({ note }: RemovalInput) => (note.trim() === '' ? {} : { note: note.trim() });

const SEND: Readonly<Record<Removal, Send>> = {
  DISABLE: async (client, input) =>
    outcomeOf(
      await client.mutation(RemoveByDisableDocument, { input: { ...common(input), ...noted(input) } }).toPromise(),
    ),
  REVOKE: async (client, input) => {
    const reason = input.reason === '' ? {} : { reason: input.reason };
    return outcomeOf(
      await client
        .mutation(RemoveByRevokeDocument, { input: { ...common(input), ...noted(input), ...reason } })
        .toPromise(),
    );
  },
  DELETE: async (client, input) =>
    outcomeOf(
      await client.mutation(RemoveByDeleteDocument, { input: { ...common(input), ...noted(input) } }).toPromise(),
    ),
  RETIRE_PREVIOUS_SECRET: async (client, input) =>
    outcomeOf(await client.mutation(RetireByHandDocument, { input: common(input) }).toPromise()),
};

/** One attempt; under the same command id again it has one effect. */
export const sendRemoval = (
  client: Client,
  action: Removal,
  input: RemovalInput & { readonly commandId: string },
): Promise<Outcome<Removed>> => SEND[action](client, input);

export type RemovalState =
  | { readonly kind: 'asking'; readonly problem: string | null }
  | { readonly kind: 'sending' }
  | { readonly kind: 'removed'; readonly removed: Removed };

/** One command, which is sent again under its own id while it is not known what came of it. */
export function useRemoval(action: Removal): {
  readonly state: RemovalState;
  readonly send: (input: RemovalInput) => Promise<boolean>;
} {
  const client = useClient();
  const [commandId, setCommandId] = useState(newCommandId);
  const [state, setState] = useState<RemovalState>({ kind: 'asking', problem: null });
  const send = async (input: RemovalInput): Promise<boolean> => {
    setState({ kind: 'sending' });
    const outcome = await sendRemoval(client, action, { ...input, commandId });
    if (outcome.kind === 'done') {
      setState({ kind: 'removed', removed: outcome.payload });
      return true;
    }
    const unknown = outcome.kind === 'unreached' || outcome.refusal.code === 'OUTCOME_UNKNOWN';
    // What was refused is decided: what is changed of it is another command.
    if (!unknown) setCommandId(newCommandId());
    setState({ kind: 'asking', problem: problemOf(outcome) });
    return false;
  };
  return { state, send };
}

function problemOf(outcome: Exclude<Outcome<unknown>, { readonly kind: 'done' }>): string {
  const { again } = keyTexts.removal;
  if (outcome.kind === 'unreached')
    return `${outcome.network ? texts.failure.network : texts.failure.server(outcome.message)} ${again}`;
  const told = refusalText(outcome.refusal);
  return outcome.refusal.code === 'OUTCOME_UNKNOWN' ? `${told} ${again}` : told;
}
