// What became of a call, in a sentence.
import type { RequestRowFragment, VerifyCode } from '../api/generated/graphql.ts';
import { keyTexts } from '../texts/key-texts.ts';

const words = keyTexts;

const textOf = (value: unknown): string | null =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.filter((each) => typeof each === 'string').join(', ')
      : null;

function resourceOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return textOf(value);
  const { type, id } = value as { readonly type?: unknown; readonly id?: unknown };
  return [type, id].filter((part) => typeof part === 'string').join(':');
}

type Question = Readonly<Record<string, unknown>>;

/** What the sentence is about: what was asked for, or where it came from. Of the others there is nothing to add. */
const DETAILS: Partial<Readonly<Record<VerifyCode, (row: RequestRowFragment, question: Question) => string | null>>> = {
  WRONG_KEYSPACE: (_, { keyspace }) => textOf(keyspace) ?? words.somewhere,
  WRONG_ENVIRONMENT: (_, { environment }) => textOf(environment) ?? words.somewhere,
  IP_NOT_ALLOWED: ({ ip }) => ip ?? words.somewhere,
  ORIGIN_NOT_ALLOWED: ({ origin }) => origin ?? words.somewhere,
  INSUFFICIENT_SCOPE: (_, { permission, scopes, flags }) => textOf(permission) ?? textOf(scopes) ?? textOf(flags),
  RESOURCE_NOT_ALLOWED: (_, { resource }) => resourceOf(resource),
};

const BY_SECRET: Readonly<Record<string, string>> = { PREVIOUS: words.withOld, RETIRED: words.withRetired };

export function requestSentence(row: RequestRowFragment): string {
  const sentence = words.sentences[row.code](DETAILS[row.code]?.(row, (row.asked ?? {}) as Question) ?? words.what);
  const secret = BY_SECRET[row.secret ?? ''];
  return secret === undefined ? sentence : `${sentence} ${secret}`;
}
