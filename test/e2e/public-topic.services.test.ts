// The public topic as an internal service meets it: read by kcat, decoded by the CloudEvents SDK, while projectors are killed.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Kafka, type CloudEvent } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { signedCheckpoint, verifyCheckpoint, type PublicJwk } from '../../events/proof/checkpoint.ts';
import type { LogEntry } from '../../projections/rows.ts';
import { kcatProgram } from '../services/debian.ts';
import type { Api } from '../support/api.ts';
import {
  makeInstallation,
  sharedServers,
  startProcesses,
  type Installation,
  type Processes,
} from '../support/distributed.ts';
import { change, createKey } from '../support/keys.ts';
import { startKeyfold, type KeyfoldProcess } from '../support/processes.ts';

const START_MS = 180_000;
const TEST_MS = 180_000;
const KEYS = 8;
const NAME = 'Zanzibar lighthouse';

let installation: Installation;
let system: Processes;
let admin: Api;
const projectors: KeyfoldProcess[] = [];

beforeAll(async () => {
  installation = await makeInstallation(sharedServers(), { CHECKPOINT_EVENTS: '10' });
  system = await startProcesses(installation, { api: 1, projector: 1, verifier: 0 });
  projectors.push(...system.processes.projector);
  admin = await system.api();
}, START_MS);
afterAll(async () => {
  await Promise.all(projectors.map((each) => each.kill()));
  await system.stop();
  await installation.dispose();
}, START_MS);

interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly headers: readonly string[];
  readonly payload: string;
}

/** All that lies in the topic, as kcat prints it. */
async function readTopic(): Promise<readonly Message[]> {
  const { path, env } = await kcatProgram();
  const topic = installation.topic.replace(/log$/, 'events');
  const brokers = installation.env.KAFKA_BROKERS ?? '';
  const args = ['-C', '-q', '-J', '-e', '-o', 'beginning', '-b', brokers, '-t', topic];
  const { stdout } = await promisify(execFile)(path, args, { env, maxBuffer: 64 << 20 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Message)
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}

function decode({ key, headers, payload }: Message): CloudEvent<object> {
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]] as const] : []));
  const message = { key, value: payload, headers: Object.fromEntries(pairs), body: payload, timestamp: '' };
  return Kafka.toEvent(message) as CloudEvent<object>;
}

/** What can be followed: accepted events and facts. */
async function entriesOfLog(): Promise<readonly LogEntry[]> {
  const outside = await installation.openOutside();
  try {
    const end = await outside.log.end();
    return await outside.store.read(async (view) => {
      const ranges = Object.entries(end).map(([partition, before]) => ({
        partition: Number(partition),
        from: 0,
        before,
      }));
      const entries = await Promise.all(ranges.map((range) => view.listEntries(range, 10_000)));
      return entries.flat();
    });
  } finally {
    await outside.close();
  }
}

describe('protocol P7: the topic keyfold.events', () => {
  test(
    'has each accepted event in order per key, though projectors die while they publish, and a stranger’s client reads it',
    async () => {
      const keys = await Promise.all(Array.from({ length: KEYS }, () => createKey(admin, { name: NAME })));
      await createKey(admin, { name: NAME, expiresAt: new Date(Date.now() + 3000).toISOString() });
      const extra = (): KeyfoldProcess => {
        const started = startKeyfold(['serve', '--services', 'projector'], {
          ...installation.env,
          PROJECTOR_PORT: '0',
        });
        projectors.push(started);
        return started;
      };
      for (let round = 0; round < 3; round++) {
        const next = extra();
        const working = Promise.all(
          keys.map(async ({ keyId }) => {
            for (let turn = 0; turn < 4; turn++)
              await change(admin, turn % 2 === 0 ? 'disableKey' : 'enableKey', keyId, { note: NAME });
          }),
        );
        await next.ready();
        await projectors[round]?.kill();
        await working;
      }
      await vi.waitFor(
        async () => {
          const rows = await entriesOfLog();
          const published = new Set((await readTopic()).map((message) => decode(message).id));
          expect(rows.filter(({ type }) => type === 'KeyExpired')).toHaveLength(1);
          expect(rows.map(({ id }) => id).filter((id) => !published.has(id))).toEqual([]);
        },
        { timeout: 120_000, interval: 500 },
      );
      const rows = new Map((await entriesOfLog()).map((row) => [row.id, row]));
      const messages = (await readTopic()).filter(({ key }) => key !== 'checkpoint');
      const seen = new Map<string, number>();
      for (const message of messages) {
        const event = decode(message);
        const row = rows.get(event.id);
        expect(row, event.id).toBeDefined();
        const { attributes, data } = row!;
        const { version = null, hash } = attributes as { readonly version?: number; readonly hash?: string };
        expect(event).toMatchObject({
          ...{
            specversion: '1.0',
            datacontenttype: 'application/json',
            source: attributes.source,
            type: attributes.type,
          },
          ...{ subject: message.key, time: attributes.time, dataschema: attributes.dataschema },
        });
        expect(event.hash).toBe(hash); // facts have none
        expect(event.data).toEqual(data);
        // The first copy of each, in order.
        if (version === null) continue;
        const last = seen.get(message.key) ?? 0;
        expect(version).toBeLessThanOrEqual(last + 1);
        seen.set(message.key, Math.max(last, version));
      }
      expect(seen.size).toBe(new Set([...rows.values()].map(({ aggregateId }) => aggregateId)).size);
      const text = JSON.stringify(messages);
      for (const hidden of [NAME, 'fingerprint', 'pepperId', '"salt"']) expect(text).not.toContain(hidden);
    },
    TEST_MS,
  );

  test(
    'has the signed checkpoints, each of which a stranger can verify',
    async () => {
      const newest = await vi.waitFor(
        async () => {
          const found = (await readTopic()).filter(({ key }) => key === 'checkpoint').map(decode);
          expect(found.length).toBeGreaterThan(0);
          return found;
        },
        { timeout: 60_000, interval: 500 },
      );
      const jwks = (await (await fetch(`${system.addresses.api}/.well-known/keyfold/checkpoint-keys`)).json()) as {
        readonly keys: readonly PublicJwk[];
      };
      const numbers: number[] = [];
      for (const event of newest) {
        expect(event).toMatchObject({ type: 'keyfold.Checkpoint.v1', subject: 'checkpoint', source: '/keyfold' });
        const signed = signedCheckpoint.parse(event.data);
        expect(event.id).toBe(signed.checkpoint.id);
        expect(await verifyCheckpoint(signed, jwks)).toMatchObject({ ok: true });
        numbers.push(signed.checkpoint.number);
      }
      expect([...new Set(numbers)]).toEqual(Array.from({ length: Math.max(...numbers) }, (_, index) => index + 1));
    },
    TEST_MS,
  );
});
