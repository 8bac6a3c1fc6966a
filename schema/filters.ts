// Filters: texts that callers filter by, checked by the catalogue's own pieces before a store sees them.
import type { z } from 'zod';
import * as fields from '../events/fields.ts';
import type { Actor } from '../events/ids.ts';
import { problemOf } from '../events/problem.ts';
import { badInput } from './graphql-errors.ts';

/** Without members that are there but undefined. */
export type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Who did something, as events name them: an id without its kind would find nothing, ever. */
export const actorOf = (...kinds: readonly Actor['kind'][]) => {
  const forms = kinds.map((kind) => `${kind}:${kind === 'system' ? 'NAME' : 'ID'}`);
  const form = new RegExp(`^(?:${kinds.join('|')}):.`, 'su');
  return fields.text(300).regex(form, `must be ${forms.slice(0, -1).join(', ')} or ${forms.at(-1) ?? ''}`);
};

/**
 * The members of a filter that `texts` checks, without the ones that are absent or null.
 *
 * @throws BAD_USER_INPUT naming the member and what is wrong with it.
 */
export function checkFilter<T extends object>(texts: z.ZodType<T>, filter: object | null | undefined): Present<T> {
  const given = Object.entries(filter ?? {}).filter(([, value]) => value !== null && value !== undefined);
  const read = texts.safeParse(Object.fromEntries(given));
  if (read.success) return read.data;
  const { path, message } = problemOf(read.error);
  throw badInput({ path: ['filter', ...path], message });
}
