// Which command changes which field of a key, and how each is sent: past the cache, since an edit may answer a secret.
import type { Client } from 'urql';
import {
  ChangeExpiryDocument,
  ChangeRestrictionsDocument,
  ChangeScopesDocument,
  UpdateKeyDocument,
  type UpdateKeyMutation,
} from '../api/generated/graphql.ts';
import { outcomeOf, type Outcome } from '../api/outcome.ts';
import type { KeyField } from '../form/draft.ts';

/** In the order in which they are sent. */
export const EDITS = ['UPDATE', 'CHANGE_SCOPES', 'CHANGE_RESTRICTIONS', 'CHANGE_EXPIRY'] as const;
export type EditAction = (typeof EDITS)[number];
/** What each of them answers. */
export type Edited = Omit<Extract<UpdateKeyMutation['updateKey'], { __typename: 'UpdateKeyPayload' }>, '__typename'>;

const BY_KIND: Partial<Readonly<Record<KeyField['kind'], EditAction>>> = {
  BOOLEAN: 'CHANGE_SCOPES',
  SCOPES: 'CHANGE_SCOPES',
  FLAGS: 'CHANGE_SCOPES',
  RESOURCES: 'CHANGE_SCOPES',
  ORIGINS: 'CHANGE_RESTRICTIONS',
  IP_RANGES: 'CHANGE_RESTRICTIONS',
  RATE_LIMIT: 'CHANGE_RESTRICTIONS',
  EXPIRY: 'CHANGE_EXPIRY',
};
const DETAILS = new Set(['name', 'description', 'owner', 'tags']);

/** `null`: it is fixed when a key is made. */
export const editOf = ({ id, kind }: KeyField): EditAction | null =>
  DETAILS.has(id) || id.startsWith('metadata') ? 'UPDATE' : (BY_KIND[kind] ?? null);

export interface EditInput extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly ifVersion: number;
  readonly commandId: string;
}

export async function sendEdit(client: Client, action: EditAction, input: EditInput): Promise<Outcome<Edited>> {
  switch (action) {
    case 'UPDATE':
      return outcomeOf(await client.mutation(UpdateKeyDocument, { input }).toPromise());
    case 'CHANGE_SCOPES':
      return outcomeOf(await client.mutation(ChangeScopesDocument, { input }).toPromise());
    case 'CHANGE_RESTRICTIONS':
      return outcomeOf(await client.mutation(ChangeRestrictionsDocument, { input }).toPromise());
    case 'CHANGE_EXPIRY':
      return outcomeOf(await client.mutation(ChangeExpiryDocument, { input }).toPromise());
  }
}
