// A process from its first line to its exit code: start, say where things are, stop in order when asked to.
import { setTimeout as sleep } from 'node:timers/promises';
import { LogUnavailableError } from '../events/log.ts';
import { StorageError } from '../events/logs/sqlite-errors.ts';
import { createBackOff } from '../projections/back-off.ts';
import { StoreUnavailableError } from '../projections/read-store.ts';
import { banner } from './banner.ts';
import { CliError, EXIT } from './cli/io.ts';
import { openCore } from './core.ts';
import { serveOn, type Running } from './serve.ts';
import { createLogger, type Logger } from './shared/logger.ts';
import type { Settings } from './shared/settings.ts';
import { describeStartFailure } from './start-failure.ts';
import { openWaitingRoom, type WaitingRoom } from './waiting-room.ts';

/** A second signal this soon after the first is the same one: npm passes Ctrl-C on twice. */
const SAME_SIGNAL_MS = 1000;
const READY_MS = 30_000;
/** A stop that takes longer than this is forced. */
const STOP_MS = 9500;

/**
 * Runs the services until a SIGINT or SIGTERM; answers the exit code. `print` gets what a person should read.
 *
 * @throws {@link CliError} it cannot start, or cannot go on since a file is damaged: exit code 1, in words for a person.
 */
export async function run(settings: Settings, print: (text: string) => void): Promise<number> {
  const logger = createLogger({ level: settings.logLevel });
  const stopped = stopSignal(logger);
  let running: Running | null;
  try {
    running = await startWhenBackendsAnswer(settings, logger, stopped);
  } catch (error) {
    logger.debug({ err: error }, 'cannot start');
    throw failure(error);
  }
  if (!running) return 0;
  const { damaged } = running;
  const ending = AbortSignal.any([stopped, damaged]);
  const late = AbortSignal.any([ending, AbortSignal.timeout(READY_MS)]);
  if (!(await running.whenReady(late)) && !ending.aborted)
    logger.warn(await running.readiness(), 'not ready yet; still trying');
  if (await running.whenReady(ending)) print(banner(settings, running));

  if (!ending.aborted) await new Promise((resolve) => ending.addEventListener('abort', resolve, { once: true }));
  if (damaged.aborted) logger.error({ err: damaged.reason as unknown }, 'stopping: a file is damaged');
  const drained = running.stop().then(() => 'drained' as const);
  const outcome = await Promise.race([drained, sleep(STOP_MS, 'forced' as const, { ref: false })]);
  logger.info({ outcome }, 'stopped');
  if (damaged.aborted) throw failure(damaged.reason);
  return 0;
}

function failure(error: unknown): CliError {
  const { code, message, advice } = describeStartFailure(error);
  return new CliError(code, message, { exitCode: EXIT.refused, advice, cause: error });
}

/** Log or store may come up after this process: only what does not pass by itself is fatal. Until then it says so. */
async function startWhenBackendsAnswer(
  settings: Settings,
  logger: Logger,
  stopped: AbortSignal,
): Promise<Running | null> {
  const backOff = createBackOff({ firstMs: 200 });
  let waitingRoom: WaitingRoom | null = null;
  try {
    while (!stopped.aborted) {
      try {
        const core = await openCore(settings, logger);
        await waitingRoom?.close();
        return await serveOn(core);
      } catch (error) {
        if (!(error instanceof LogUnavailableError || error instanceof StoreUnavailableError)) throw error;
        if (error.cause instanceof StorageError && error.cause.code === 'STORAGE_CORRUPT') throw error.cause;
        logger.warn({ err: error }, 'the log or the read store does not answer yet; trying again');
        waitingRoom ??= await openWaitingRoom(settings, logger);
        await backOff.pause(stopped);
      }
    }
    return null;
  } finally {
    await waitingRoom?.close();
  }
}

function stopSignal(logger: Logger): AbortSignal {
  const controller = new AbortController();
  let askedAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (askedAt === null) {
      askedAt = performance.now();
      logger.info({ signal }, 'stopping');
      controller.abort();
    } else if (performance.now() - askedAt >= SAME_SIGNAL_MS) {
      logger.warn({ signal }, 'stopping at once');
      process.exit(1);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
