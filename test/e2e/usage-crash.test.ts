// Usage of processes that are killed at any moment: never more checks are counted than were made, and only those are missing
// that were made in the last moments before a kill. A clean stop loses none.
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../events/logs/embedded.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { createUsageProjector } from '../../projections/usage-projector.ts';
import { seededRandom } from '../fakes/author.ts';
import { makeFolder, type EmbeddedFolder } from '../support/embedded-folder.ts';
import { createKey } from '../support/keys.ts';
import type { KeyfoldProcess } from '../support/processes.ts';
import type { VerifierClient } from '../support/api.ts';
import { WORKSPACE } from '../support/system.ts';
import { usageReached } from '../support/usage.ts';
import { silent } from '../verifier/support.ts';

const KILLS = 8;
const CLIENTS = 8;
/** Half a second until what was recorded is in the log or in the spool; the rest is this machine's. */
const LATE_MS = 1500;

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

const folders: EmbeddedFolder[] = [];
const running: KeyfoldProcess[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.kill();
});
afterAll(async () => {
  for (const folder of folders) await folder.remove();
});

/** One client: checks until nobody answers; when each was answered. The last one may have been decided, too. */
async function checkUntilItIsGone(verifier: VerifierClient, secret: string): Promise<number[]> {
  const answeredAt: number[] = [];
  for (;;) {
    try {
      const { body } = await verifier.ask({ key: secret });
      expect(body.code).toBe('VALID');
    } catch {
      return answeredAt;
    }
    answeredAt.push(performance.now());
  }
}

/** Folds what is left in the usage log of a folder that nobody holds; what was counted of a key, and how much is logged. */
async function countAll(directory: string, keyId: string): Promise<{ counted: number; logged: number }> {
  const now = (): string => new Date().toISOString();
  const log = await openEmbeddedLog({ directory, file: 'usage.db', trims: true });
  const store = await openEmbeddedStore({ directory, now: now() });
  const projector = createUsageProjector({ usage: log, store, logger: silent, now });
  projector.start();
  await usageReached(log, store);
  const totals = await store.usage.totals([keyId]);
  const logged = await store.usage.countRequests({ workspaceId: WORKSPACE, keyId, filter: {}, now: now() });
  await projector.stop();
  await Promise.all([log.close(), store.close()]);
  return { counted: totals.get(keyId)?.requestCount ?? 0, logged };
}

test(
  `protocol P6: after ${KILLS} kills no check is counted twice, and those before the last moments are all counted`,
  { timeout: 600_000 },
  async () => {
    console.log(`SEED=${seed}`);
    const random = seededRandom(seed);
    const folder = await makeFolder();
    folders.push(folder);
    let keyId = '';
    let secret = '';
    let answered = 0;
    let unanswered = 0;
    let late = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const { process, api, verifier } = await folder.start();
      running.push(process);
      if (secret === '') ({ keyId, secret } = await createKey(api));
      await verifier.verify(secret);
      answered += 1;
      const clients = Array.from({ length: CLIENTS }, () => checkUntilItIsGone(verifier, secret));
      await after(100 + random() * 6000); // what this test is about: any moment
      const killedAt = performance.now();
      await process.kill();
      const all = (await Promise.all(clients)).flat();
      answered += all.length;
      unanswered += CLIENTS;
      late += all.filter((at) => at > killedAt - LATE_MS).length + 1;
    }
    const last = await folder.start();
    running.push(last.process);
    for (let n = 0; n < 100; n++) await last.verifier.ask({ key: secret });
    answered += 100;
    expect(await last.process.stop()).toEqual({ code: 0, signal: null });

    const { counted, logged } = await countAll(folder.path, keyId);
    console.log(`${counted} counted of ${answered} answered, ${late} late`);
    expect(counted).toBeLessThanOrEqual(answered + unanswered);
    expect(counted).toBeGreaterThanOrEqual(answered - late);
    expect(logged).toBe(counted);
  },
);
