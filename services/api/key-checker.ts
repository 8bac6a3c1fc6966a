// What the API checks calling keys with: the verifier of its own process, or else a view of its own, which begins with the
// first key that is shown and costs nothing where none ever is.
import type { Core } from '../core.ts';
import { createChecker, type Checker } from '../verifier/checker.ts';
import type { KeyChecker } from './key-identity.ts';

export interface KeyCheckerService {
  checker(): KeyChecker;
  /** Stops the view of its own; a verifier is stopped by whoever started it. */
  stop(): Promise<void>;
}

export function createKeyChecker(core: Core, verifier: KeyChecker | null): KeyCheckerService {
  const { log, store, peppers, logger, metrics, settings } = core;
  let own: Checker | null = null;
  return {
    checker() {
      if (verifier !== null) return verifier;
      if (own === null) {
        const { maxStalenessMs, verifierMaxKeys: maxKeys } = settings;
        own = createChecker({ log, store, peppers, maxStalenessMs, maxKeys, logger, metrics });
        own.start();
      }
      return own;
    },
    async stop() {
      await own?.stop();
    },
  };
}
