// Access that is taken, on Kafka and MongoDB: three verifiers, each a process of its own; one of them frozen.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { globalId } from '../support/api.ts';
import {
  makeInstallation,
  sharedServers,
  startProcesses,
  type Installation,
  type Processes,
} from '../support/distributed.ts';
import { change, codeOf, createKey } from '../support/keys.ts';
import { revocations } from './revocation.ts';

revocations('on Kafka and MongoDB', 600, async () => {
  const installation = await makeInstallation(sharedServers());
  const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 3 });
  return {
    ...system,
    stop: async () => {
      await system.stop();
      await installation.dispose();
    },
  };
});

/** Longer than a mutation waits for its receipt. */
const LEASE_MS = 12_000;

describe('a verifier that is frozen', { timeout: 240_000 }, () => {
  let installation: Installation;
  let system: Processes;
  beforeAll(async () => {
    installation = await makeInstallation(sharedServers(), { MAX_STALENESS_MS: String(LEASE_MS) });
    system = await startProcesses(installation, { api: 1, projector: 1, verifier: 3 });
  }, 240_000);
  afterAll(async () => {
    await system.stop();
    await installation.dispose();
  }, 240_000);

  test('protocol L10: is named, then waited out; when it wakes it answers STALE, not VALID', async () => {
    const api = await system.api();
    const { keyId, secret, position } = await createKey(api);
    expect(await codeOf(system.verifiers, secret, { atLeast: position })).toBe('VALID');
    const frozen = system.processes.verifier[2]!;
    frozen.signal('SIGSTOP');
    const { enforcement } = await change(api, 'disableKey', keyId, { waitFor: 'VERIFIERS' });
    expect(enforcement).toMatchObject({ confirmed: 2, total: 3, confirmedAt: null });
    const laggard = enforcement!.verifiers.find(({ confirmedAt }) => confirmedAt === null)!;
    const waiting = system.verifiers[2]!.ask({ key: secret });

    // Whole once the lease of the frozen one is over, by the API's own clock.
    const whole = await vi.waitUntil(
      async () => {
        const { key } = await api.query<{
          key: { enforcement: { confirmedAt: string | null; verifiers: { id: string }[] } };
        }>('query ($id: ID!) { key(id: $id) { enforcement(version: 2) { confirmedAt verifiers { id } } } }', {
          id: globalId(keyId),
        });
        return key.enforcement.confirmedAt === null ? null : key.enforcement;
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(whole.verifiers.map(({ id }) => id)).not.toContain(laggard.id);
    expect(await codeOf(system.verifiers.slice(0, 2), secret)).toBe('DISABLED');

    frozen.signal('SIGCONT');
    expect(await waiting).toMatchObject({ status: 503, body: { valid: false, code: 'STALE' } });
    // It joins again, under another id, and has folded what it slept through before it answers.
    const first = await vi.waitUntil(
      async () => {
        const { status, body } = await system.verifiers[2]!.ask({ key: secret });
        return status === 503 ? null : body.code;
      },
      { timeout: 60_000, interval: 20 },
    );
    expect(first).toBe('DISABLED');
    const { enforcement: again } = await change(api, 'revokeKey', keyId, { waitFor: 'VERIFIERS' });
    expect(again).toMatchObject({ confirmed: 3, total: 3 });
  });
});
