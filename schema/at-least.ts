// Read your writes: a read that names a position waits until the read models have reached it.
import type { Position } from '../events/position.ts';
import type { Context } from './context.ts';
import { positionTimeout } from './graphql-errors.ts';

/** Resolves once reads see the position; throws POSITION_TIMEOUT after the context's bound. Absent: at once. */
export async function reachAtLeast(context: Context, position: Position | null | undefined): Promise<void> {
  if (position && !(await context.reached(position))) throw positionTimeout();
}
