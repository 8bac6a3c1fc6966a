// A shadow: the read models once more, made from the log's first record on in a store of its own, in a folder that is removed
// afterwards, and compared with those that are read. Nothing of the installation is written.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../../events/log.ts';
import { StorageError } from '../../events/logs/sqlite-errors.ts';
import { openSqlite } from '../../events/logs/sqlite.ts';
import { covers, encodePosition } from '../../events/position.ts';
import { startGenerationLoop } from '../../projections/generation-loop.ts';
import type { DataKeys } from '../../projections/personal.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { rebuildProgress } from '../../projections/rebuild.ts';
import type { ProjectionLogger } from '../../projections/troubles.ts';
import { TaskError } from '../api/long-task.ts';
import { createPrivateFolder } from '../shared/durable-file.ts';
import { compareStores, liveIn } from './compare-stores.ts';
import { shadowParked } from './shadow-parked.ts';

export interface ShadowProgress {
  readonly phase: 'READING' | 'COMPARING';
  /** READING: 0 … 1. */
  readonly progress: number;
  /** COMPARING: events of history so far. */
  readonly events: number;
}

export interface ShadowResult {
  readonly equal: boolean;
  /** The first ones, by name. */
  readonly differences: readonly string[];
  readonly position: string;
  /** The generation that was compared. */
  readonly generation: string;
}

export interface ShadowOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly dataKeys: Pick<DataKeys, 'open'>;
  /** A folder for the shadow is made in it. */
  readonly dataFolder: string;
  readonly now: () => string;
  readonly signal: AbortSignal;
  readonly report: (progress: ShadowProgress) => void;
}

const PREFIX = 'shadow-';
const LOOK_MS = 50;
const BATCH = 500;
const COMPARISONS = 20;
const SILENT: ProjectionLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const BEGIN: ShadowProgress = { phase: 'READING', progress: 0, events: 0 };

/** @throws {@link TaskError} it could not be told. */
export async function runShadow(options: ShadowOptions): Promise<ShadowResult> {
  const { dataFolder, now } = options;
  await createPrivateFolder(dataFolder);
  const folder = await mkdtemp(join(dataFolder, PREFIX));
  try {
    const { openEmbeddedStore } = await import('../../projections/stores/embedded.ts');
    const shadow = await openEmbeddedStore({ directory: folder, now: now() });
    try {
      return await inShadow(shadow, options);
    } finally {
      await shadow.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What shadows of killed processes have left: read models hold personal data. */
export async function removeShadows(dataFolder: string): Promise<void> {
  const names = await readdir(dataFolder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const folder = join(dataFolder, name);
    try {
      await (await openSqlite({ file: join(folder, 'kept.db') })).close();
    } catch (error) {
      if (error instanceof StorageError && error.code === 'STORAGE_IN_USE') continue; // another process's, at work
    }
    await rm(folder, { recursive: true, force: true });
  }
}

async function inShadow(shadow: ReadStore, options: ShadowOptions): Promise<ShadowResult> {
  const { log, store, dataKeys, now, signal, report } = options;
  const { parked, noted } = shadowParked(store.parked);
  const loop = startGenerationLoop({
    ...{ log, now, logger: SILENT, batchSize: BATCH },
    // What an event destroys is the live projector's to destroy.
    dataKeys: { open: (rows) => dataKeys.open(rows), destroy: () => Promise.resolve() },
    store: { ...shadow, parked },
    generation: (await shadow.control()).live,
    group: `keyfold-shadow-${randomUUID()}`,
  });
  try {
    const target = liveIn(await store.control()).checkpoint;
    for (;;) {
      signal.throwIfAborted();
      const { checkpoint } = liveIn(await shadow.control());
      report({ ...BEGIN, progress: rebuildProgress(checkpoint, target) });
      if (covers(checkpoint, target)) break;
      const { status, reason } = loop.state();
      if (status === 'stopped' || status === 'ended')
        throw new TaskError(
          'SHADOW_STOPPED',
          `the log cannot be read from its beginning: ${reason ?? 'it was closed'}`,
        );
      await sleep(LOOK_MS, undefined, { signal });
    }
    for (let time = 0; time < COMPARISONS; time++) {
      const onEvents = (events: number): void => report({ phase: 'COMPARING', progress: 1, events });
      onEvents(0);
      const compared = await compareStores({ log, store, shadow, noted, signal, onEvents });
      signal.throwIfAborted();
      const { kind, differences, generation } = compared;
      const position = encodePosition(compared.position);
      if (kind !== 'unsettled') return { equal: kind === 'equal', differences, position, generation };
    }
    const advice = 'is a projector running? keyfold projections status tells; then try again';
    throw new TaskError('UNSETTLED', 'the read models did not keep up with the log while they were compared', advice);
  } finally {
    await loop.stop();
  }
}
