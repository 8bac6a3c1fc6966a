// forgetOwner: one forgetKey for each key that is an owner's, or once was. Which keys these are follows from the log as it
// was when the commandId was used first (W2: its scope is the workspace), so that a retry is about the same ones.
import { createHash } from 'node:crypto';
import { fingerprint } from '../../events/fingerprint.ts';
import { refusalOf } from '../../events/key/access.ts';
import { mayDo, notAllowed } from '../../events/key/subject.ts';
import type { Standing } from '../../events/key/standing.ts';
import { entryOf, type KeyspacesState } from '../../events/keyspaces/state.ts';
import type { EventLog } from '../../events/log.ts';
import { furthest, type Position } from '../../events/position.ts';
import type { RandomBytes } from '../../events/secret.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { Waiter } from '../../projections/waiter.ts';
import type { Context, ForgottenKey, Outcome } from '../../schema/context.ts';
import { randomBytes as pooledRandomBytes } from '../shared/random-bytes.ts';
import { deadlineIn, inTime } from './deadline.ts';
import * as outcomes from './outcomes.ts';
import { keysOfOwner } from './owner-keys.ts';
import type { Asked, Writer } from './write.ts';

export interface ForgetOwnerOptions {
  readonly log: Pick<EventLog, 'end'>;
  readonly store: Pick<ReadStore, 'read' | 'operations'>;
  readonly waiter: Pick<Waiter, 'whenProcessed'>;
  readonly writer: Writer;
  /** ISO time. */
  readonly now: () => string;
  readonly randomBytes?: RandomBytes;
  /** How long keys are looked for, in milliseconds. */
  readonly searchMs?: number;
  /** From when on no further key is begun, in milliseconds from the beginning. */
  readonly workMs?: number;
}

type Request = Parameters<Context['forgetOwner']>[0];
type Answer = Awaited<ReturnType<Context['forgetOwner']>>;

const SEARCH_MS = 4000;
const WORK_MS = 7000;
/** Keys that are forgotten beside one another. */
const AT_ONCE = 8;
const KEYS_AT_ONCE = 500;

/** After one of these nothing is begun any more: what is left is for the next call. */
const PASSING: ReadonlySet<string> = new Set(['OutcomeUnknown', 'Unavailable', 'StorageFull']);

export function createForgetOwner(options: ForgetOwnerOptions): (request: Request, asked: Asked) => Promise<Answer> {
  const { log, store, waiter, writer, now, searchMs = SEARCH_MS, workMs = WORK_MS } = options;
  const randomBytes = options.randomBytes ?? pooledRandomBytes;

  return async (request, asked) => {
    const began = performance.now();
    const commandId = request.commandId ?? Buffer.from(randomBytes(16)).toString('base64url');
    const planned = await plan({ ...request, commandId }, asked).catch((error: unknown) => {
      const outcome = outcomes.fromFailure(error);
      if (outcome === null) throw error;
      return outcome;
    });
    if (!planned.ok) return planned;
    const { keyIds } = planned;
    const results: ForgottenKey[] = [];
    let stopped = false;
    while (results.length < keyIds.length && !stopped) {
      const some = keyIds.slice(results.length, results.length + AT_ONCE);
      const came = await Promise.all(some.map((keyId) => forget(keyId, commandId, asked)));
      results.push(...came);
      stopped = came.some(isPassing) || performance.now() - began > workMs;
    }
    const reached = results.flatMap(({ outcome }) => (outcome.ok ? [outcome.position] : []));
    const position = reached.length === 0 ? planned.before : reached.reduce(furthest, {});
    const remaining = keyIds.length - results.filter((result) => !isPassing(result)).length;
    return { ok: true, commandId, position, results, remaining };
  };

  async function forget(keyId: string, commandId: string, asked: Asked): Promise<ForgottenKey> {
    const command = { name: 'forgetKey', input: {} } as const;
    const outcome = await writer.execute({ command, keyId, commandId: commandIdFor(commandId, keyId) }, asked);
    return { keyId, outcome };
  }

  /** The keys, and the position that they were found by. */
  async function plan(
    { workspaceId, ownerId, commandId }: Request & { readonly commandId: string },
    { caller }: Asked,
  ): Promise<outcomes.Failed | { readonly ok: true; readonly keyIds: readonly string[]; readonly before: Position }> {
    const deadline = deadlineIn(searchMs);
    // W3: whoever is refused, or has no keys, is told so by a generation that has seen the whole log.
    const end = await inTime(log.end(), deadline.left());
    if (!(await waiter.whenProcessed(end, deadline)))
      return outcomes.unavailable('the read models have fallen behind the log');
    const standing = caller.workspaces.get(workspaceId) ?? null;
    const keyspaces = await inTime(
      store.read((view) => view.keyspaces()),
      deadline.left(),
    );
    const refusal = refusalIn(keyspaces, standing);
    if (refusal) return outcomes.failed(refusal);
    const asked = fingerprint('forgetOwner', { workspaceId, ownerId });
    const { row } = await inTime(
      store.operations.begin({
        // No operator's commandId has a slash.
        commandId: `${workspaceId}/${commandId}`,
        fingerprint: asked,
        records: [],
        outcome: { position: end, generation: null },
      }),
      deadline.left(),
    );
    if (row.fingerprint !== asked) return outcomes.reused();
    const before = row.outcome?.position ?? end;
    const at = now();
    const keyIds = await inTime(
      store.read(async (view) => {
        const found = await keysOfOwner(view, { workspaceId, ownerId, before, now: at });
        return visible(view, found, standing, at);
      }),
      deadline.left(),
    );
    return { ok: true, keyIds, before };
  }
}

/** Who may forget no key of any keyspace is told so; a foreign workspace and an unknown one are the same. */
function refusalIn({ profiles }: KeyspacesState, standing: Standing | null) {
  if (standing === null) return { type: 'NotFound', message: 'there is no such workspace' } as const;
  const may = Object.values(profiles).some(({ profile }) => mayDo(profile, standing, 'forget'));
  return may ? null : notAllowed(standing);
}

/** Keys that are not there for the caller are not told of either. */
async function visible(
  view: GenerationView,
  keyIds: readonly string[],
  standing: Standing | null,
  now: string,
): Promise<readonly string[]> {
  const keyspaces = await view.keyspaces();
  const found: string[] = [];
  for (let from = 0; from < keyIds.length; from += KEYS_AT_ONCE) {
    for (const [keyId, { state }] of await view.keys(keyIds.slice(from, from + KEYS_AT_ONCE))) {
      const profile = entryOf(keyspaces, state.keyspace)?.profile;
      if (profile && refusalOf('FORGET', { state, profile, standing, now })?.type !== 'NotFound') found.push(keyId);
    }
  }
  return found.sort();
}

/** Of the command on one key: the same whenever the owner's command comes again. */
function commandIdFor(commandId: string, keyId: string): string {
  return createHash('sha256').update(`keyfold forget owner\n${commandId}\n${keyId}`).digest('base64url');
}

const isPassing = ({ outcome }: { readonly outcome: Outcome }): boolean =>
  !outcome.ok && PASSING.has(outcome.error.type);
