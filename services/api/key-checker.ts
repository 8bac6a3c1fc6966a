// What the API checks calling keys with: the verifier of its own process, or else a view of its own, which begins with the
// first key that is shown and costs nothing where none ever is.
import { join } from 'node:path';
import type { Core } from '../core.ts';
import { createDecisionPoint, type DecisionPoint } from '../verifier/decision-point.ts';
import type { KeyChecker } from './key-identity.ts';

export interface KeyCheckerService {
  checker(): KeyChecker;
  /** Stops the view of its own; a verifier is stopped by whoever started it. */
  stop(): Promise<void>;
}

const STOP_MS = 5000;

export function createKeyChecker(core: Core, verifier: KeyChecker | null): KeyCheckerService {
  const { log, store, usage, peppers, logger, metrics, settings } = core;
  let own: DecisionPoint | null = null;
  return {
    checker() {
      if (verifier !== null) return verifier;
      if (own === null) {
        const { maxStalenessMs, verifierMaxKeys: maxKeys } = settings;
        const recordTo = { log: usage, folder: join(settings.dataFolder, 'usage') };
        own = createDecisionPoint({ log, store, peppers, maxStalenessMs, maxKeys, logger, metrics, recordTo });
        own.start();
      }
      return own;
    },
    async stop() {
      await own?.stop(STOP_MS);
    },
  };
}
