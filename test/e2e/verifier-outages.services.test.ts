// What surrounds a verifier is taken away, the log, the store, both, the API: it answers for as long as it can prove what it
// says, about keys that it has never seen too, starts anew in that state, and is back by itself. On servers of its own.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../services/process.ts';
import { startKafka, startMongodb, type KafkaServer, type MongodbServer } from '../services/servers.ts';
import { verifierClient, type Api } from '../support/api.ts';
import { makeInstallation, startProcesses, type Installation, type Processes } from '../support/distributed.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';
import { startKeyfold, type KeyfoldProcess } from '../support/processes.ts';
import { readyz } from '../support/system.ts';

const START_MS = 300_000;
const TEST_MS = 300_000;
const MAX_STALENESS_MS = 4000;
/** What processes do by themselves. */
const BY_ITSELF = { timeout: 120_000, interval: 100 };

let kafka: KafkaServer;
let mongodb: MongodbServer;
let installation: Installation;
let system: Processes;
let admin: Api;

interface Said {
  readonly status: number;
  readonly code: string;
  readonly asOf?: string | undefined;
}
/** A verifier whose folder outlives it. */
interface Own {
  readonly process: KeyfoldProcess;
  readonly ask: (key: MadeKey, atLeast?: string) => Promise<Said>;
}
let held: MadeKey;
let whole: Own;
/** It holds one key: each other one is read when it is asked for. */
let small: Own;

async function own(name: string, more: Readonly<Record<string, string>> = {}): Promise<Own> {
  const port = await freePort();
  const token = installation.env.VERIFIER_TOKEN ?? null;
  const client = verifierClient({ url: `http://127.0.0.1:${port}`, token });
  return {
    process: startKeyfold(['serve', '--services', 'verifier'], {
      ...installation.env,
      ...{ VERIFIER_PORT: String(port), KEYFOLD_DATA: join(installation.folder, name), ...more },
    }),
    ask: async ({ secret: key }, atLeast) => {
      const { status, body } = await client.ask(atLeast === undefined ? { key } : { key, atLeast });
      return { status, code: body.code, asOf: body.asOf };
    },
  };
}

beforeAll(async () => {
  [kafka, mongodb] = await Promise.all([startKafka(), startMongodb()]);
  installation = await makeInstallation(
    { brokers: kafka.brokers, mongodbUrl: mongodb.url },
    { MAX_STALENESS_MS: String(MAX_STALENESS_MS) },
  );
  system = await startProcesses(installation, { api: 1, projector: 1, verifier: 0 });
  admin = await system.api();
  held = await createKey(admin, { name: 'Asked for all the time' });
  whole = await own('whole');
  small = await own('small', { VERIFIER_MAX_KEYS: '1' });
  await Promise.all([whole, small].map(({ process }) => process.ready()));
}, START_MS);
afterAll(async () => {
  await Promise.all([whole, small].map(({ process }) => process.stop()));
  await system.stop();
  await installation.dispose();
  await Promise.all([kafka.stop(), mongodb.stop()]);
}, START_MS);

interface Taking {
  readonly take: () => Promise<void> | void;
  readonly giveBack: () => Promise<void> | void;
}
const log: Taking = { take: () => kafka.nodes[0].freeze(), giveBack: () => kafka.nodes[0].thaw() };
const store: Taking = { take: () => mongodb.process.kill(), giveBack: () => mongodb.process.restart() };
const both: Taking = {
  take: async () => {
    await Promise.all([log.take(), store.take()]);
  },
  giveBack: async () => {
    await Promise.all([log.giveBack(), store.giveBack()]);
  },
};

/** Asks, and remembers what nobody may ever say of a good key: a wait that tries again would forget it. */
function goodKeys() {
  const denials: Said[] = [];
  const ask = async (of: Own, key: MadeKey): Promise<string> => {
    const said = await of.ask(key);
    const told = `${said.status} ${said.code}`;
    if (told !== '200 VALID' && told !== '503 STALE') denials.push(said);
    return told;
  };
  /** Until everybody says it of every key. */
  const allSay = (told: string, all: readonly Own[], keys: readonly MadeKey[]) =>
    vi.waitFor(async () => {
      for (const of of all) for (const key of keys) expect(await ask(of, key)).toBe(told);
    }, BY_ITSELF);
  return { denials, ask, allSay };
}

/** Started and stopped: its next start goes on from its snapshot. */
async function startedBefore(name: string): Promise<void> {
  const first = await own(name);
  await first.process.ready();
  await first.process.stop();
}

/** A key that nobody has asked for, made before everything that the verifiers know. */
async function unseenKey(): Promise<MadeKey> {
  const key = await createKey(admin, { name: 'Never asked for' });
  for (const of of [whole, small])
    await vi.waitFor(async () => expect(await of.ask(held, key.position)).toMatchObject({ status: 200 }), BY_ITSELF);
  return key;
}

describe.each([
  ['the log', log],
  ['the store', store],
  ['log and store', both],
])('%s away', (what, { take, giveBack }) => {
  test(
    'what runs answers until its lease is over and then STALE, what starts STALE; no good key is refused, and all is back',
    { timeout: TEST_MS },
    async () => {
      const { denials, ask, allSay } = goodKeys();
      await startedBefore(`before ${what}`);
      await allSay('200 VALID', [whole, small], [held]);
      const unseen = await unseenKey();
      await take();
      const started = await own(`before ${what}`);
      const running: string[][] = [];
      try {
        await vi.waitFor(async () => {
          running.push(await Promise.all([whole, small].flatMap((of) => [held, unseen].map((key) => ask(of, key)))));
          expect(running.slice(-4).flat()).toEqual(Array(16).fill('503 STALE'));
        }, BY_ITSELF);
        // Before it was loaded it said nothing else.
        await allSay('503 STALE', [started], [held, unseen]);
      } finally {
        await giveBack();
      }
      expect(running[0]).toContain('200 VALID');
      const over = running.findIndex(([first]) => first === '503 STALE');
      expect(new Set(running.slice(over).map(([first]) => first))).toEqual(new Set(['503 STALE']));
      await allSay('200 VALID', [whole, small, started], [held, unseen]);
      expect(denials).toEqual([]);
      await started.process.stop();
    },
  );
});

describe('the API away', () => {
  test(
    'verifiers go on, and so does one that starts: keys that were never asked for are answered, past every lease',
    { timeout: TEST_MS },
    async () => {
      const { denials, ask } = goodKeys();
      await startedBefore('before the API');
      const unseen = await unseenKey();
      await Promise.all(system.processes.api.map((each) => each.kill()));
      const away = Date.now();
      const started = await own('before the API');
      await started.process.ready();
      const all = [whole, small, started];
      for (const of of all)
        await vi.waitFor(async () => {
          for (const key of [held, unseen]) expect(await ask(of, key)).toBe('200 VALID');
          expect(Date.parse((await of.ask(held)).asOf ?? '')).toBeGreaterThan(away + MAX_STALENESS_MS);
        }, BY_ITSELF);
      expect(denials).toEqual([]);
      const again = await startProcesses(installation, { api: 1, projector: 0, verifier: 0 });
      const { position } = await change(await again.api(), 'disableKey', held.keyId);
      for (const of of all) expect(await of.ask(held, position)).toMatchObject({ status: 200, code: 'DISABLED' });
      expect((await readyz(again.addresses.api)).body).toMatchObject({ status: 'ready' });
      await started.process.stop();
      await again.stop();
    },
  );
});
