// A long task of the API, followed: it is started or joined, and its progress told, until it is done or has failed. Where
// another process answers meanwhile, or the same one anew, it is started there too: every task may run twice.
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { mayPass } from './api-client.ts';
import { CliError, EXIT, remark, type Io } from './io.ts';

const POLL_MS = 500;
/** So long may the API not answer at all. */
const PATIENCE_MS = 120_000;

/** A task's view, as the API answers it. */
export const taskView = <P extends z.ZodType, R extends z.ZodType>(progress: P, result: R) =>
  z.object({
    id: z.string(),
    state: z.enum(['RUNNING', 'DONE', 'FAILED']),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    progress,
    result: result.nullable(),
    error: z.object({ code: z.string(), message: z.string(), advice: z.string().nullable() }).nullable(),
  });

interface View<P, R> {
  readonly id: string;
  readonly state: 'RUNNING' | 'DONE' | 'FAILED';
  readonly progress: P;
  readonly result: R | null;
  readonly error: { readonly code: string; readonly message: string; readonly advice: string | null } | null;
}

export interface Follow<P, R> {
  readonly start: () => Promise<View<P, R>>;
  readonly look: () => Promise<View<P, R> | null>;
  /** What is told of it; told again when it is another. */
  readonly line: (progress: P) => string;
  readonly pollMs?: number;
}

/** What it came to. @throws {@link CliError} it failed. */
export async function followTask<P, R>(io: Io, { start, look, line, pollMs = POLL_MS }: Follow<P, R>): Promise<R> {
  const first = await start();
  const mine = new Set([first.id]);
  let shown = '';
  let answeredAt = performance.now();
  for (let view: View<P, R> | null = first; ;) {
    if (view !== null && !mine.has(view.id)) view = null; // an earlier one, or of another process
    if (view !== null) {
      const text = line(view.progress);
      if (text !== shown) remark(io, (shown = text));
      if (view.state === 'FAILED') throw failure(view.error);
      if (view.state === 'DONE' && view.result !== null) return view.result;
      await delay(pollMs);
    }
    try {
      view = view === null ? await start() : await look();
      if (view !== null && view.state === 'RUNNING') mine.add(view.id);
      answeredAt = performance.now();
    } catch (error) {
      if (!mayPass(error) || performance.now() - answeredAt > PATIENCE_MS) throw error;
      await delay(pollMs);
    }
  }
}

function failure(error: View<unknown, unknown>['error']): CliError {
  const { code, message, advice } = error ?? { code: 'UNEXPECTED_ANSWER', message: 'it failed', advice: null };
  return new CliError(code, message, { exitCode: EXIT.refused, advice: advice ?? undefined });
}
