// The seed: a new installation's first events are its preset keyspaces. Any number of API processes may try; the log lets
// one win (F1), so the seed needs no lock. What an operator has defined under a preset's name, or prefix, stays.
import { randomBytes } from 'node:crypto';
import { fingerprint } from '../../events/fingerprint.ts';
import { KEYSPACES } from '../../events/ids.ts';
import { clashesOf } from '../../events/keyspaces/check.ts';
import { decideKeyspaces } from '../../events/keyspaces/decide.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import type { KeyspacesState } from '../../events/keyspaces/state.ts';
import { covers } from '../../events/position.ts';
import { recordEvent } from '../../events/record.ts';
import type { DataKeys } from '../../projections/personal.ts';
import { appendAndAdjudicate, type AppendOptions } from './append.ts';
import { deadlineIn, type Deadline } from './deadline.ts';

const SEED_MS = 30_000;
const ACTOR = { kind: 'system', id: 'api' } as const;

export interface SeedOptions extends AppendOptions {
  readonly dataKeys: DataKeys;
  /** ISO time. */
  readonly now: () => string;
}

/** Makes sure that keyspaces of these names exist; throws when log or store do not answer in time. */
export async function seedKeyspaces(
  options: SeedOptions,
  profiles: readonly Profile[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = deadlineIn(SEED_MS, signal);
  for (const profile of profiles) await seed(options, profile, deadline);
}

async function seed(options: SeedOptions, profile: Profile, deadline: Deadline): Promise<void> {
  const { log, store, waiter, dataKeys, now } = options;
  const keyspaces = await readKeyspaces(options, deadline);
  const decision = decideKeyspaces({ name: 'seedKeyspace', profile }, { keyspaces, parked: [] });
  if (decision.kind !== 'event' || clashesOf(profile, keyspaces).length > 0) return;

  const commandId = `seed-${profile.slug}`;
  const circumstances = {
    commandId,
    fingerprint: fingerprint('seedKeyspace', { slug: profile.slug }),
    requestId: commandId,
    actor: ACTOR,
    ip: null,
    userAgent: null,
    workspaceId: null,
    keyspaceVersion: 1,
    now: now(),
  };
  const { version, head, time } = keyspaces;
  const place = { aggregateId: KEYSPACES, version, head, time };
  const event = recordEvent(decision.event, place, circumstances, await dataKeys.forWriting(KEYSPACES, 1), randomBytes);
  const result = await appendAndAdjudicate({ log, store, waiter }, event, deadline);
  // Whoever took the place may have seeded another keyspace, or this one: the next look tells.
  if (result.kind === 'taken') return seed(options, profile, deadline);
  if (result.kind !== 'won') throw new Error(`the keyspace ${profile.slug} could not be written: ${result.kind}`);
}

/** W3: "there is none yet" counts only once the whole log has been folded. */
async function readKeyspaces({ log, store, waiter }: SeedOptions, deadline: Deadline): Promise<KeyspacesState> {
  const end = await log.end();
  await waiter.whenProcessed(end, deadline);
  const { checkpoint, state } = await store.read(async (view) => ({
    checkpoint: view.checkpoint,
    state: await view.keyspaces(),
  }));
  if (!covers(checkpoint, end))
    throw new Error('the read models did not reach the end of the log: is a projector running?');
  return state;
}
