// A key's whole life through API and verifiers, on whatever the system is made of. Each check waits for the position of
// the change that it is about, so nothing here races.
import { afterAll, beforeAll, describe } from 'vitest';
import { codeOf } from '../support/keys.ts';
import type { System } from '../support/system.ts';
import { access } from './life/access.ts';
import { changes } from './life/changes.ts';
import { lists } from './life/lists.ts';
import { rebuild } from './life/rebuild.ts';
import type { Life } from './life/started.ts';
import { verdicts } from './life/verdicts.ts';

const START_MS = 240_000;
const TEST_MS = 180_000;

export function wholeLife(on: string, start: () => Promise<System>): void {
  describe(`a key's whole life, ${on}`, { timeout: TEST_MS }, () => {
    let system: System;
    let life: Life;

    beforeAll(async () => {
      system = await start();
      life = {
        system,
        admin: await system.api(),
        verify: (secret, atLeast, request = {}) => codeOf(system.verifiers, secret, { atLeast, ...request }),
      };
    }, START_MS);
    afterAll(() => system.stop(), START_MS);

    for (const part of [changes, verdicts, access, lists, rebuild]) part(() => life);
  });
}
