// The five products side by side on Kafka and MongoDB: an API, two projectors and two verifiers, each a process of its own,
// and the presets defined as an operator does.
import { afterAll, beforeAll, describe } from 'vitest';
import { makeInstallation, sharedServers, startProcesses, type Installation } from '../support/distributed.ts';
import type { System } from '../support/system.ts';
import { ayraRows } from './ayra.ts';
import { dagenRows } from './dagen.ts';
import { dronahqRows } from './dronahq.ts';
import { applyPresets } from './harness.ts';
import { PRODUCTS } from './names.ts';
import { projectAdminRows } from './project-admin.ts';
import { voiceAgentRows } from './voice-agent.ts';

const START_MS = 240_000;

describe('five products on one installation', () => {
  let installation: Installation | undefined;
  let system: System | undefined;

  beforeAll(async () => {
    installation = await makeInstallation(sharedServers(), { TRUSTED_PROXIES: '127.0.0.1' });
    system = await startProcesses(installation, { api: 1, projector: 2, verifier: 2 });
    await applyPresets(system, PRODUCTS);
  }, START_MS);
  afterAll(async () => {
    await system?.stop();
    await installation?.dispose();
  }, START_MS);

  /** The one installation; it outlives each product's suite. */
  const shared = (): Promise<System> =>
    system
      ? Promise.resolve({ ...system, stop: () => Promise.resolve() })
      : Promise.reject(new Error('the installation did not start'));

  const on = 'on Kafka and MongoDB';
  for (const rows of [dronahqRows, voiceAgentRows, dagenRows, ayraRows, projectAdminRows]) rows(on, shared);
});
