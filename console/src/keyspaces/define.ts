// Commands about a profile: what it would change, and the change itself.
import type { Client } from 'urql';
import {
  DefineProfileDocument,
  ProfileChangeDocument,
  type DefineProfileMutation,
  type ProfileChangeQuery,
} from '../api/generated/graphql.ts';
import { outcomeOf, type Outcome } from '../api/outcome.ts';

export type Defined = Extract<
  DefineProfileMutation['defineKeyspace'],
  { readonly __typename: 'DefineKeyspacePayload' }
>;

type KeyspaceNode = Extract<ProfileChangeQuery['node'], { readonly __typename: 'Keyspace' }>;
export type LastChange = KeyspaceNode['history']['nodes'][number];

/** Nothing is changed by it. */
export const lookAt = async (client: Client, source: string): Promise<Outcome<Defined>> =>
  outcomeOf(await client.mutation(DefineProfileDocument, { input: { source, dryRun: true } }).toPromise());

export interface DefineInput {
  readonly commandId: string;
  readonly source: string;
  readonly ifVersion: number;
  readonly allowWidening: boolean;
}

/** Waits for the verifiers. */
export const define = async (client: Client, input: DefineInput): Promise<Outcome<Defined>> =>
  outcomeOf(await client.mutation(DefineProfileDocument, { input: { ...input, waitFor: 'VERIFIERS' } }).toPromise());

/** Who made its newest version; `null`: not known. */
export async function lastChange(client: Client, id: string): Promise<LastChange | null> {
  const { data } = await client.query(ProfileChangeDocument, { id }, { requestPolicy: 'network-only' }).toPromise();
  const node = data?.node;
  return node?.__typename === 'Keyspace' ? (node.history.nodes[0] ?? null) : null;
}
