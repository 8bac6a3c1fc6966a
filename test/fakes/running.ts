// Projectors that run in a test: fast pauses, a silent logger, and waiting until a log is projected.
import { createWaiter } from '../../projections/waiter.ts';
import type { EventLog } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import { createProjector, type Projector, type ProjectorOptions } from '../../projections/projector.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { ProjectionLogger } from '../../projections/troubles.ts';
import { at, testDataKeys } from './author.ts';

export interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly details: object;
}

/** A logger that keeps what it is told. */
export function memoryLogger(): ProjectionLogger & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const write = (level: Line['level']) => (details: object, message: string) =>
    void lines.push({ level, message, details });
  return { lines, info: write('info'), warn: write('warn'), error: write('error') };
}

/** A projector that is started, with pauses of milliseconds. */
export function runProjector(options: Pick<ProjectorOptions, 'log' | 'store'> & Partial<ProjectorOptions>): Projector {
  const projector = createProjector({
    dataKeys: testDataKeys(options.store),
    logger: memoryLogger(),
    now: () => at(1000),
    intervalMs: 10,
    backOff: { firstMs: 1, maxMs: 5 },
    ...options,
  });
  projector.start();
  return projector;
}

/** Waits until the live generation has reached a position, or the log's end; throws after `ms`. */
export async function projected(log: EventLog, store: ReadStore, position?: Position, ms = 20_000): Promise<void> {
  const waiter = createWaiter({ store, firstPauseMs: 1, maxPauseMs: 5 });
  try {
    const wanted = position ?? (await log.end());
    if (!(await waiter.whenProcessed(wanted, AbortSignal.timeout(ms)))) throw new Error('not projected in time');
  } finally {
    waiter.close();
  }
}

/** Waits until a condition holds, looking again whenever the event loop is free; throws after `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
