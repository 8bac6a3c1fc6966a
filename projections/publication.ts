// Publication: how far the accepted history was handed on to the public topic (P7). Outside generations: a rebuild publishes
// nothing twice.
import type { Position } from '../events/position.ts';

export interface Publication {
  /** Behind what was published, per partition; a partition that it does not name: nothing of it. */
  position(): Promise<Position>;
  /** Everything before `position` is in the topic. It never goes back ($max per partition). */
  advance(position: Position): Promise<void>;
  /**
   * Whether `holder` publishes for the next `lengthMs`, by the store's clock. One at a time, so that nothing is published
   * twice without need; that two never do is not needed: copies have the same id.
   */
  claim(holder: string, lengthMs: number): Promise<boolean>;
}
