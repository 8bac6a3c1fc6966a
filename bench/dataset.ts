// A data folder or a Kafka + MongoDB installation with many keys, made through the log as everything is: appended in
// batches, then projected. The projection is measured on the way.
import { randomBytes } from 'node:crypto';
import { decide } from '../events/key/decide.ts';
import { keyIdFor } from '../events/ids.ts';
import { covers } from '../events/position.ts';
import { encodeRecord, genesis, recordEvent } from '../events/record.ts';
import { createProjector } from '../projections/projector.ts';
import { DEFAULT_PRESET, readPresets } from '../services/api/presets.ts';
import { seedKeyspaces } from '../services/api/seed.ts';
import type { Core } from '../services/core.ts';
import { costOfHmac } from './floor.ts';

const BATCH = 500;
export const WORKSPACE = 'bench';

export interface Dataset {
  /** Some of the secrets, for checks. */
  readonly secrets: readonly string[];
  /** Events per second from the log into the read models. */
  readonly projectedPerSecond: number;
  /** Microseconds that an HMAC took just before and after that. */
  readonly hmacUs: number;
}

/** Fills an empty installation with `count` keys; the projector runs once all of them are in the log. */
export async function fill(core: Core, count: number): Promise<Dataset> {
  const projector = createProjector({ ...core, logger: core.logger, intervalMs: 100 });
  projector.start();
  await seedKeyspaces(core, await readPresets([DEFAULT_PRESET]), AbortSignal.timeout(60_000));
  await projector.stop();

  const secrets: string[] = [];
  for (let made = 0; made < count; made += BATCH) {
    const records = await Promise.all(
      Array.from({ length: Math.min(BATCH, count - made) }, () => newKey(core, secrets)),
    );
    await core.log.append(records);
  }
  const measured = createProjector({ ...core, logger: core.logger, intervalMs: 100 });
  const end = await core.log.end();
  costOfHmac(); // of code that is not warm
  const before = costOfHmac();
  const start = performance.now();
  measured.start();
  await reached(core, end);
  const seconds = (performance.now() - start) / 1000;
  const hmacUs = (before + costOfHmac()) / 2;
  await measured.stop();
  return { secrets, projectedPerSecond: count / seconds, hmacUs };
}

async function newKey(core: Core, secrets: string[]) {
  const { store, peppers, dataKeys, now } = core;
  const commandId = randomBytes(12).toString('base64url');
  const newKeyId = keyIdFor(WORKSPACE, commandId);
  const actor = { kind: 'user', id: 'bench' } as const;
  const decision = decide(
    {
      name: 'createKey',
      input: { workspaceId: WORKSPACE, keyspace: 'default', name: `Key ${commandId}`, scopes: ['orders:read'] },
    },
    { state: null, details: null, keyspaces: await profiles(store), parked: [] },
    {
      now: now(),
      caller: { actor, workspaces: new Map([[WORKSPACE, 'admin']]), operator: false, email: null },
      ifVersion: undefined,
      newKeyId,
      pepper: peppers[0],
      randomBytes,
    },
  );
  if (decision.kind !== 'event') throw new Error(JSON.stringify(decision));
  if (decision.secret && secrets.length < 1000) secrets.push(decision.secret.reveal());
  const circumstances = {
    commandId,
    fingerprint: '0'.repeat(64),
    requestId: commandId,
    actor,
    ip: null,
    userAgent: null,
    workspaceId: WORKSPACE,
    keyspaceVersion: 1,
    now: now(),
  };
  const dataKey = await dataKeys.forWriting(newKeyId, 1);
  return encodeRecord(recordEvent(decision.event, genesis(newKeyId), circumstances, dataKey, randomBytes));
}

let known: ReturnType<typeof readProfiles> | undefined;
const readProfiles = (store: Core['store']) => store.read((view) => view.keyspaces());
const profiles = (store: Core['store']) => (known ??= readProfiles(store));

async function reached(core: Core, end: Awaited<ReturnType<Core['log']['end']>>): Promise<void> {
  const over = AbortSignal.timeout(1_800_000);
  if (!(await core.waiter.whenProcessed(end, over))) throw new Error('the projector did not reach the end of the log');
  const { live, generations } = await core.store.control();
  const checkpoint = generations.find(({ id }) => id === live)?.checkpoint ?? {};
  if (!covers(checkpoint, end)) throw new Error('the checkpoint is behind');
}
