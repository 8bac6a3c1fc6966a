// The seed: a new installation's first event is the `default` keyspace. Any number of API processes may try; the log
// lets one win (F1), so the seed needs no lock.
import { randomBytes } from 'node:crypto';
import { fingerprint } from '../../events/fingerprint.ts';
import { KEYSPACES } from '../../events/ids.ts';
import { decideKeyspaces } from '../../events/keyspaces/decide.ts';
import { covers } from '../../events/position.ts';
import { recordEvent } from '../../events/record.ts';
import { appendAndAdjudicate, type AppendOptions } from './append.ts';
import { deadlineIn } from './deadline.ts';
import type { DataKeys } from '../../projections/personal.ts';

const SEED_MS = 30_000;
const SEED = { commandId: 'seed-default', name: 'seedDefault', actor: { kind: 'system', id: 'api' } } as const;

export interface SeedOptions extends AppendOptions {
  readonly dataKeys: DataKeys;
  /** ISO time. */
  readonly now: () => string;
}

/** Makes sure that the `default` keyspace exists; throws when log or store do not answer in time. */
export async function seedDefaultKeyspace(options: SeedOptions, signal: AbortSignal): Promise<void> {
  const { log, store, waiter, dataKeys, now } = options;
  const deadline = deadlineIn(SEED_MS, signal);
  // W3: "there is none yet" counts only once the whole log has been folded.
  const end = await log.end();
  await waiter.whenProcessed(end, deadline);
  const { checkpoint, state } = await store.read(async (view) => ({
    checkpoint: view.checkpoint,
    state: await view.keyspaces(),
  }));
  if (!covers(checkpoint, end))
    throw new Error('the read models did not reach the end of the log: is a projector running?');
  const decision = decideKeyspaces({ name: SEED.name }, { keyspaces: state, parked: [] });
  if (decision.kind !== 'event') return;

  const circumstances = {
    commandId: SEED.commandId,
    fingerprint: fingerprint(SEED.name, {}),
    requestId: SEED.commandId,
    actor: SEED.actor,
    ip: null,
    userAgent: null,
    workspaceId: null,
    keyspaceVersion: 1,
    now: now(),
  };
  const place = { aggregateId: KEYSPACES, version: state.version, head: state.head, time: state.time };
  const event = recordEvent(decision.event, place, circumstances, await dataKeys.forWriting(KEYSPACES, 1), randomBytes);
  const result = await appendAndAdjudicate({ log, store, waiter }, event, deadline);
  if (result.kind !== 'won' && result.kind !== 'taken')
    throw new Error(`the default keyspace could not be written: ${result.kind}`);
}
