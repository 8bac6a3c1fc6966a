// The long work that operators start through the API: each as one of /v1/operations/, GET to look, POST to start or join.
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { createBackupTask } from '../backup/backup-task.ts';
import type { Core } from '../core.ts';
import { randomBytes } from '../shared/random-bytes.ts';
import { OperationInputError, type Operation } from './operations-http.ts';
import { createShadowTask } from '../shadow/shadow-task.ts';
import { createSealing, type Sealing } from './sealing.ts';

export interface Maintenance {
  readonly operations: Readonly<Record<string, Operation>>;
  stop(): Promise<void>;
}

export function createMaintenance(core: Core): Maintenance {
  const { store, sealingKeys, now, logger } = core;
  const sealing = createSealing({ store, sealingKeys, randomBytes, now, logger });
  const backup = createBackupTask(core);
  const shadow = createShadowTask(core);
  return {
    operations: {
      sealing: sealingOperation(sealing),
      backup: backupOperation(backup),
      shadow: {
        read: () => Promise.resolve({ shadow: shadow.view() }),
        start: async (body) => {
          inputOf(z.strictObject({}), body, '{}');
          return Promise.resolve({ shadow: shadow.start(null) });
        },
      },
    },
    async stop() {
      await Promise.all([sealing.rewrap.stop(), backup.stop(), shadow.stop()]);
    },
  };
}

function sealingOperation({ status, rewrap }: Sealing): Operation {
  const input = z.strictObject({ rewrap: z.literal(true) });
  return {
    read: async (query) =>
      query.get('only') === 'rewrap' ? { rewrap: rewrap.view() } : { ...(await status()), rewrap: rewrap.view() },
    start: async (body) => {
      inputOf(input, body, '{ "rewrap": true }');
      return Promise.resolve({ rewrap: rewrap.start(null) });
    },
  };
}

function backupOperation(backup: ReturnType<typeof createBackupTask>): Operation {
  const input = z.strictObject({ directory: z.string().max(4096).refine(isAbsolute) });
  let under = '';
  return {
    read: () => Promise.resolve({ backup: backup.view() }),
    start: async (body) => {
      const directory = resolve(inputOf(input, body, '{ "directory": "/an/absolute/path" }').directory);
      if (backup.view()?.state === 'RUNNING' && directory !== under)
        throw new OperationInputError(`A backup to ${under} is under way: wait until it has ended.`);
      under = directory;
      return Promise.resolve({ backup: backup.start(directory) });
    },
  };
}

/** @throws {@link OperationInputError} saying what is taken. */
function inputOf<T>(type: z.ZodType<T>, input: unknown, wanted: string): T {
  const read = type.safeParse(input);
  if (!read.success) throw new OperationInputError(`The body has to be ${wanted}.`);
  return read.data;
}
