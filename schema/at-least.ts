// Read your writes: a read that names a position waits until the read models have reached it.
import type { Position } from '../events/position.ts';
import type { Context } from './context.ts';
import { badInput, positionTimeout } from './graphql-errors.ts';

/** The argument of such a read. */
export const AT_LEAST = {
  type: 'Position',
  description: 'Waits up to 5 s until the read models have reached it, else POSITION_TIMEOUT: reads your own writes.',
} as const;

/**
 * Resolves once reads see the position; throws POSITION_TIMEOUT after the context's bound. Absent: at once. One that names a
 * partition that the log does not have could never be reached: refused.
 */
export async function reachAtLeast(context: Context, position: Position | null | undefined): Promise<void> {
  if (!position) return;
  if (Object.keys(position).some((partition) => Number(partition) >= context.partitions))
    throw badInput({ path: ['atLeast'], message: 'must be a position of this log' });
  if (!(await context.reached(position))) throw positionTimeout();
}
