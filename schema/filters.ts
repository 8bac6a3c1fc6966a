// Filters: texts that callers filter by, checked by the catalogue's own pieces before a store sees them.
import { z } from 'zod';
import { problemOf } from '../events/problem.ts';
import { badUserInput } from './graphql-errors.ts';

/**
 * The members of a filter that the shape names, without the ones that are absent or null.
 *
 * @throws BAD_USER_INPUT naming the member and what is wrong with it.
 */
export function checkFilter<S extends z.ZodRawShape>(
  shape: S,
  filter: object | null | undefined,
): Partial<z.infer<z.ZodObject<S>>> {
  const given = Object.entries(filter ?? {}).filter(
    ([name, value]) => Object.hasOwn(shape, name) && value !== null && value !== undefined,
  );
  const read = z.object(shape).partial().safeParse(Object.fromEntries(given));
  if (read.success) return read.data as Partial<z.infer<z.ZodObject<S>>>;
  const { path, message } = problemOf(read.error);
  throw badUserInput(`filter.${path.join('.')} ${message}.`);
}
