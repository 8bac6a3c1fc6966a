// What became of a mutation, as a page goes on from it: done, refused by a rule, or not known because no answer came.
import type { OperationResult } from 'urql';
import type { RefusalFragment } from './generated/graphql.ts';

/** What is told of it where nothing came back that could be read. */
export interface Unreached {
  readonly kind: 'unreached';
  readonly network: boolean;
  /** Whether it may have been done: ask again under the same command id. */
  readonly unknown: boolean;
  readonly message: string;
}
export type Refusal = RefusalFragment;
export type Outcome<Payload> =
  | { readonly kind: 'done'; readonly payload: Payload }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | Unreached;

interface Answer {
  readonly __typename: string;
}
type PayloadOf<Data> = Exclude<Data[keyof Data & string], Refusal | string | undefined>;

/** Codes of what was refused before anything was tried. */
const UNTRIED: ReadonlySet<unknown> = new Set(['BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED']);

/** Reads the one field of a mutation's answer, whose errors are selected by the fragment `Refusal`. */
export function outcomeOf<Data extends object>(result: OperationResult<Data>): Outcome<PayloadOf<Data>> {
  const { data, error } = result;
  const answer = Object.entries(data ?? {}).find(([name]) => name !== '__typename')?.[1] as Answer | null | undefined;
  // Where it is there, it was done, whatever could not be read for the answer.
  if (answer == null) {
    const [first] = error?.graphQLErrors ?? [];
    return {
      kind: 'unreached',
      network: error?.networkError !== undefined,
      unknown: !UNTRIED.has(first?.extensions.code),
      message: first?.message ?? error?.message ?? '',
    };
  }
  if ('code' in answer) return { kind: 'refused', refusal: answer as unknown as Refusal };
  return { kind: 'done', payload: answer as unknown as PayloadOf<Data> };
}
