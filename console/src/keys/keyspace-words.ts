// A keyspace's own words for what a page shows of a key.
import type {
  KeyAction,
  KeyRowFragment,
  KeyspaceOperationAction,
  KeyspaceViewFragment,
  KeyStatus,
} from '../api/generated/graphql.ts';
import { legible } from '../texts/legible.ts';
import { texts } from '../texts/texts.ts';

export type KeyspaceView = KeyspaceViewFragment;
export type KeyRow = KeyRowFragment;
export type Operation = KeyspaceView['operations'][number];

/** What a keyspace calls the statuses of its keys. */
export interface StatusLabels {
  readonly labels: { readonly statuses: readonly { readonly status: KeyStatus; readonly label: string }[] };
}

export const statusLabel = ({ labels }: StatusLabels, status: KeyStatus): string =>
  labels.statuses.find((each) => each.status === status)?.label ?? status;

export const typeLabel = ({ types }: KeyspaceView, type: string): string =>
  types.find(({ id }) => id === type)?.label ?? type;

/** What a value of a field with options is called: an environment, a flag. */
export const optionLabel = ({ fields }: KeyspaceView, field: string, value: string): string =>
  fields.find(({ id }) => id === field)?.options.find((option) => option.value === value)?.label ?? value;

export const operationOf = ({ operations }: KeyspaceView, action: KeyspaceOperationAction): Operation | null =>
  operations.find((operation) => operation.action === action) ?? null;

/** What is told once an action is done. */
export const successText = ({ texts: words }: KeyspaceView, action: KeyAction | 'CREATE' | 'SUCCESSOR'): string =>
  words.success.find((each) => each.action === action)?.text ?? '';

/** A key's name, which is empty once it was erased. */
export const nameOf = ({ name }: Pick<KeyRow, 'name'>): string => (name === '' ? texts.keys.unnamed : legible(name));
