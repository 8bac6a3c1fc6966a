// A long task of this process: one at a time, started or joined, watched while it runs. It outlives no process: whoever
// asks again after a restart starts it anew, so each task has to be one that can be repeated.
import { randomBytes } from '../shared/random-bytes.ts';

/** Ends a task with words for the person who asked for it. */
export class TaskError extends Error {
  readonly code: string;
  readonly advice: string | undefined;

  constructor(code: string, message: string, advice?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.advice = advice;
  }
}

/** How a task stands. */
export interface TaskView<P, R> {
  /** Random; names one run. */
  readonly id: string;
  readonly state: 'RUNNING' | 'DONE' | 'FAILED';
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** As it was told last. */
  readonly progress: P;
  /** Once it is done. */
  readonly result: R | null;
  /** Once it has failed. */
  readonly error: { readonly code: string; readonly message: string; readonly advice: string | null } | null;
}

export interface TaskControl<P> {
  /** Aborts when the process stops. */
  readonly signal: AbortSignal;
  readonly report: (progress: P) => void;
}

export interface LongTask<I, P, R> {
  /** Starts it, or joins the run under way. */
  start(input: I): TaskView<P, R>;
  /** The run under way, or the last one; `null`: there was none in this process. */
  view(): TaskView<P, R> | null;
  /** Ends after the step under way. */
  stop(): Promise<void>;
}

export interface LongTaskOptions<I, P, R> {
  readonly begin: P;
  readonly work: (input: I, control: TaskControl<P>) => Promise<R>;
  /** ISO time. */
  readonly now: () => string;
  /** Told of an error that was nobody's intention. */
  readonly onFailed?: (error: unknown) => void;
}

export function createLongTask<I, P, R>({ begin, work, now, onFailed }: LongTaskOptions<I, P, R>): LongTask<I, P, R> {
  const stopping = new AbortController();
  let current: TaskView<P, R> | null = null;
  let running: Promise<void> | null = null;

  async function run(input: I, started: TaskView<P, R>): Promise<void> {
    let view = started;
    const become = (changed: Partial<TaskView<P, R>>): void => {
      current = view = { ...view, ...changed };
    };
    try {
      const result = await work(input, { signal: stopping.signal, report: (progress) => become({ progress }) });
      become({ state: 'DONE', result, endedAt: now() });
    } catch (error) {
      become({ state: 'FAILED', error: described(error), endedAt: now() });
      if (!(error instanceof TaskError) && !stopping.signal.aborted) onFailed?.(error);
    } finally {
      running = null;
    }
  }

  return {
    start(input) {
      if (current !== null && running !== null) return current;
      const id = Buffer.from(randomBytes(12)).toString('base64url');
      const started = { id, state: 'RUNNING', startedAt: now(), endedAt: null, progress: begin } as const;
      current = { ...started, result: null, error: null };
      running = run(input, current);
      return current;
    },
    view: () => current,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Our own errors have a code in capitals, and words for people. */
function described(error: unknown): NonNullable<TaskView<unknown, unknown>['error']> {
  if (error instanceof TaskError) return { code: error.code, message: error.message, advice: error.advice ?? null };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof Error && /^[A-Z][A-Z_]+$/.test(code)) return { code, message: error.message, advice: null };
  return { code: 'INTERNAL', message: 'it failed; the log says why', advice: null };
}
