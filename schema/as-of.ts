// Time travel: reads of keys as they were at a time, and what is refused of them.
import { createPast, PastTooLargeError, type Past } from '../projections/past.ts';
import type { GenerationView } from '../projections/read-store.ts';
import type { HistoryRow } from '../projections/rows.ts';
import type { VisibleKey } from './access.ts';
import type { Context } from './context.ts';
import { badInput, badUserInput } from './graphql-errors.ts';

/** The argument of such a read. */
export const AS_OF = {
  type: 'DateTime',
  description:
    'As it was then, with all that had happened up to and at that time; for callers who may see history. Its keyspace is as it is now, its usage is not known.',
} as const;

/** Extensions of a field that takes it: what it costs more then, in plain values. */
export const asOfCosts = (asOfCost: number) => ({ asOfCost });

/** A time that is over, `null` where none is asked for. @throws BAD_USER_INPUT what has not happened yet is not known. */
export function pastTime({ now }: Context, name: string, time: string): string;
export function pastTime({ now }: Context, name: string, time: string | null | undefined): string | null;
export function pastTime({ now }: Context, name: string, time: string | null | undefined): string | null {
  if (time == null) return null;
  if (time > now) throw badInput({ path: [name], message: 'must not be in the future' });
  return time;
}

/** Reads the past of one generation. @throws BAD_USER_INPUT there is too much of it for one answer. */
export async function readPast<T>(
  context: Context,
  work: (view: GenerationView, past: Past) => Promise<T>,
): Promise<T> {
  const openPersonal = (rows: readonly HistoryRow[]) => context.openPersonal(rows);
  try {
    return await context.read((view) => work(view, createPast({ view, openPersonal })));
  } catch (error) {
    if (error instanceof PastTooLargeError)
      throw badUserInput(
        'Too much has happened since for one answer: ask for a later time, or narrow the list by keyspace, type or environment.',
      );
    throw error;
  }
}

/** Usage is counted as it comes and has no past. @throws BAD_USER_INPUT for a key that was read as of a time. */
export function notOfPast<K extends Pick<VisibleKey, 'asOf'>>(key: K, field: string): K {
  if (key.asOf !== null)
    throw badInput({ path: [field], message: 'is not known as of an earlier time: leave it out, or leave out asOf' });
  return key;
}
