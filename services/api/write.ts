// The write path: read, decide, append, wait (W1–W4). No lock is held and no reader asks another: the log decides.
import type { AnyEvent } from '../../events/catalogue.ts';
import type { Decision } from '../../events/decision.ts';
import { fingerprint } from '../../events/fingerprint.ts';
import { KEYSPACES } from '../../events/ids.ts';
import { mayDo } from '../../events/key/subject.ts';
import { operationOf } from '../../events/key/access.ts';
import { isOfEnvironment } from '../../events/key/standing.ts';
import { decide } from '../../events/key/decide.ts';
import { decideKeyspaces } from '../../events/keyspaces/decide.ts';
import { entryOf } from '../../events/keyspaces/state.ts';
import type { EventLog } from '../../events/log.ts';
import { covers, positionAfter, type Position } from '../../events/position.ts';
import { genesis, recordEvent, type Place } from '../../events/record.ts';
import type { Pepper, RandomBytes } from '../../events/secret.ts';
import { DataKeyErasedError, type DataKeys } from '../../projections/personal.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { Waiter } from '../../projections/waiter.ts';
import type { Caller, Changed, CommandRequest, Outcome } from '../../schema/context.ts';
import { randomBytes as pooledRandomBytes } from '../shared/random-bytes.ts';
import { actingKeyId, callerBy, handOver } from './acting-key.ts';
import { appendAndAdjudicate, type Accepted } from './append.ts';
import { toldOf } from './definition.ts';
import { deadlineIn, inTime, type Deadline } from './deadline.ts';
import { readFacts, type Facts } from './facts.ts';
import * as outcomes from './outcomes.ts';
import type { Receipts } from './receipts.ts';

/** Attempts at a command whose version went to another's event, before the answer is `VersionConflict` (W1). */
const MAX_ATTEMPTS = 3;
/** Attempts at a command on the aggregate of all keyspaces, which loses its version to changes of other keyspaces too. */
const MAX_DEFINITIONS = 30;
/** How long a mutation waits for its outcome, in milliseconds (L9). */
const OUTCOME_MS = 5000;
/** Between attempts that met a data key which is destroyed, in milliseconds. */
const AGAIN_MS = 10;

export interface WriterOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly waiter: Waiter;
  readonly dataKeys: DataKeys;
  readonly receipts?: Pick<Receipts, 'expect'>;
  /** The newest one, for new secrets. */
  readonly pepper: Pepper;
  /** ISO time. */
  readonly now: () => string;
  readonly randomBytes?: RandomBytes;
  /** How long a mutation waits for its outcome, in milliseconds; 5 s (L9). */
  readonly outcomeMs?: number;
}

/** Who asks, and under which request id. */
export interface Asked {
  readonly caller: Caller;
  readonly requestId: string;
}

export interface Writer {
  /**
   * Carries a command out. The same commandId again gives the first outcome, without a secret. Refusals and failures are
   * answers; it throws only what is a defect.
   */
  execute(request: CommandRequest, asked: Asked): Promise<Outcome>;
}

type Identified = CommandRequest & { readonly commandId: string; readonly fingerprint: string };
type Appending = Extract<Decision, { kind: 'event' | 'successor' }>;

export function createWriter(options: WriterOptions): Writer {
  const { log, store, waiter, dataKeys, receipts, pepper, now, outcomeMs = OUTCOME_MS } = options;
  const randomBytes = options.randomBytes ?? pooledRandomBytes;

  return {
    async execute(request, asked) {
      const { name, input } = request.command;
      const commandId = request.commandId ?? Buffer.from(randomBytes(16)).toString('base64url');
      const { keyId: id } = request;
      const identified = { ...request, commandId, fingerprint: fingerprint(name, { id, ...input }) };
      return decideUntilSettled(identified, asked, deadlineIn(outcomeMs));
    },
  };

  async function decideUntilSettled(request: Identified, asked: Asked, deadline: Deadline): Promise<Outcome> {
    let logEnd: Position | null = null;
    for (let attempt = 1; deadline.left() > 0;) {
      let attempted: { event: AnyEvent; decision: Appending; settled: () => void };
      try {
        // W2: every attempt reads the key, then history by commandId, before it decides anything.
        const facts = await inTime(readFacts(store, request, actingKeyId(asked.caller)), deadline.left());
        const at = now();
        const caller = callerBy(facts, asked.caller, at);
        if (facts.prior && mayLearn(request, facts, caller)) {
          const position = positionAfter(facts.prior.position);
          if (covers(facts.checkpoint, position)) return await again(facts.prior, changedBy(facts), request, deadline);
          // P1: its row is there before the key that it changed.
          if (await waiter.whenProcessed(position, deadline)) continue;
          return outcomes.unknown(request.commandId);
        }
        const decision = decideOn(request, facts, caller, at);
        if (decision.kind === 'refused' || decision.kind === 'unchanged') {
          // W3: what appends nothing counts only on a generation that has seen the whole log as it was before.
          logEnd ??= await inTime(log.end(), deadline.left());
          if (covers(facts.checkpoint, logEnd)) {
            return decision.kind === 'refused'
              ? outcomes.failed(decision.refusal)
              : await inTime(unchanged(facts), deadline.left());
          }
          await waiter.whenProcessed(logEnd, deadline);
          continue;
        }
        if (decision.kind === 'successor' && facts.taken)
          return outcomes.original(facts.taken, changedBy(facts), request.fingerprint);
        const event = await inTime(record(request, decision, facts, { ...asked, at }), deadline.left());
        // L8: from here to the append nothing is waited for.
        const held = handOver(facts, caller);
        if (held.kind === 'refused') return held.outcome;
        if (held.kind === 'behind') {
          logEnd = await inTime(log.end(), deadline.left());
          await waiter.whenProcessed(logEnd, deadline);
          continue;
        }
        attempted = { event, decision, settled: held.settled };
      } catch (error) {
        // The data key was destroyed between reading and sealing. The event that says so is in the log, though it may not be
        // projected yet: the next attempt reads which number follows.
        if (error instanceof DataKeyErasedError) {
          const failed = await reachEnd(deadline);
          if (failed === null) continue;
          return failed;
        }
        const outcome = outcomes.fromFailure(error);
        if (outcome === null) throw error;
        return outcome;
      }

      const { event, decision, settled } = attempted;
      const predecessorId = decision.kind === 'successor' ? request.keyId : null;
      // L1: verifiers fold the event while the projection does.
      const onAppended =
        request.waitFor === 'VERIFIERS' && receipts
          ? (position: Position): void => receipts.expect(position, deadline.left())
          : undefined;
      const appending = appendAndAdjudicate({ log, store, waiter }, event, deadline, { predecessorId, onAppended });
      const result = await appending.finally(settled);
      switch (result.kind) {
        case 'won':
          return won(decision, result);
        case 'taken':
          if (result.row.commandId === request.commandId)
            return await again(result.row, result.changed, request, deadline);
          attempt += 1;
          // One aggregate holds all profiles, and `ifVersion` is one profile's: whether that was changed is decided anew.
          if (event.attributes.subject === KEYSPACES) {
            if (attempt <= MAX_DEFINITIONS) break;
            return outcomes.unavailable('other keyspaces were changed first, again and again');
          }
          if (request.ifVersion === undefined && attempt <= MAX_ATTEMPTS) break;
          return outcomes.conflict(request.ifVersion ?? event.attributes.version - 1, result.row.version);
        case 'full':
          return outcomes.full();
        case 'unavailable':
          return outcomes.unavailable('the log cannot be written');
        case 'unknown':
          return outcomes.unknown(request.commandId);
      }
    }
    return outcomes.unavailable('the read models have fallen behind the log');
  }

  /** Waits for all that is in the log. `null`: to be tried again. */
  async function reachEnd(deadline: Deadline): Promise<outcomes.Failed | null> {
    try {
      await waiter.whenProcessed(await inTime(log.end(), deadline.left()), deadline);
      await deadline.pause(AGAIN_MS);
      return null;
    } catch (error) {
      const outcome = outcomes.fromFailure(error);
      if (outcome === null) throw error;
      return outcome;
    }
  }

  /** W1: the first outcome. What a definition told is told again, as far as it can be read now. */
  async function again(row: HistoryRow, changed: Changed, request: Identified, deadline: Deadline): Promise<Outcome> {
    const outcome = outcomes.original(row, changed, request.fingerprint);
    if (!outcome.ok) return outcome;
    const told = await inTime(toldOf(store, row), deadline.left()).catch((error: unknown) => {
      if (outcomes.fromFailure(error) === null) throw error;
      return null;
    });
    return { ...outcome, ...told };
  }

  /** @param at the time of the decision, which becomes the event's. */
  function decideOn(request: Identified, facts: Facts, caller: Caller, at: string): Decision {
    const { actor, workspaces, operator, email } = caller;
    const context = {
      now: at,
      caller: { actor, workspaces, operator, email },
      ifVersion: request.ifVersion,
      newKeyId: facts.newKeyId ?? '',
      pepper,
      randomBytes,
    };
    const { command } = request;
    if (command.name === 'discardRecord' && facts.aggregate === 'keyspaces') {
      return decideKeyspaces(command, { keyspaces: facts.keyspaces, parked: facts.parked }, context);
    }
    const { row, keyspaces, parked } = facts;
    return decide(command, { state: row?.state ?? null, details: row?.details ?? null, keyspaces, parked }, context);
  }

  async function record(
    request: Identified,
    decision: Appending,
    facts: Facts,
    { caller, requestId, at }: Asked & { readonly at: string },
  ): Promise<AnyEvent> {
    const { place, dataKeyNumber, keyspaceVersion } = standing(decision, facts);
    const circumstances = {
      commandId: request.commandId,
      fingerprint: request.fingerprint,
      requestId,
      actor: caller.actor,
      ip: caller.ip,
      userAgent: caller.userAgent,
      workspaceId: facts.workspaceId,
      keyspaceVersion,
      now: at,
    };
    const key = await dataKeys.forWriting(place.aggregateId, dataKeyNumber);
    return recordEvent(decision.event, place, circumstances, key, randomBytes);
  }

  async function unchanged(facts: Facts): Promise<Outcome> {
    const { row, keyspaces, checkpoint } = facts;
    const aggregateId = row?.state.keyId ?? KEYSPACES;
    const { version } = row?.state ?? keyspaces;
    const last = await store.read((view) => view.historyAt(aggregateId, version));
    const position = last ? positionAfter(last.position) : checkpoint;
    return { ok: true, position, changed: changedBy(facts), secret: null, warnings: [] };
  }

  function won(decision: Appending, { row, changed }: Accepted): Outcome {
    const position = positionAfter(row.position);
    const { secret = null, warnings = [] } = decision;
    const diff = decision.kind === 'event' ? decision.diff : undefined;
    return { ok: true, position, changed, secret, warnings, ...(diff ? { diff } : {}) };
  }
}

/** What an earlier attempt of the command changed, as it stands now. */
function changedBy({ row, keyspaces }: Facts): Changed {
  return { key: row, predecessor: null, keyspaces };
}

/** Whether the caller may learn that the command was carried out before: only who may carry it out. */
function mayLearn({ command }: Identified, facts: Facts, caller: Caller): boolean {
  const operation = operationOf(command.name);
  if (operation === null) return caller.operator;
  const slug = command.name === 'createKey' ? command.input.keyspace : facts.row?.state.keyspace;
  const profile = slug === undefined ? undefined : entryOf(facts.keyspaces, slug)?.profile;
  const standing = (facts.workspaceId === null ? undefined : caller.workspaces.get(facts.workspaceId)) ?? null;
  if (facts.row !== null && !isOfEnvironment(standing, facts.row.state.environment)) return false;
  return profile !== undefined && mayDo(profile, standing, operation);
}

/** Where the event of a decision takes its place. */
function standing(
  decision: Appending,
  facts: Facts,
): { place: Place; dataKeyNumber: number; keyspaceVersion: number | null } {
  const { row, keyspaces } = facts;
  if (facts.aggregate === 'keyspaces') {
    const { version, head, time } = keyspaces;
    return { place: { aggregateId: KEYSPACES, version, head, time }, dataKeyNumber: 1, keyspaceVersion: null };
  }
  if (decision.event.type === 'KeyCreated') {
    const keyspaceVersion = entryOf(keyspaces, decision.event.data.keyspace)?.version ?? null;
    const aggregateId = decision.kind === 'successor' ? decision.keyId : facts.newKeyId;
    if (aggregateId === null) throw new TypeError('a key was decided without an id for it');
    return { place: genesis(aggregateId), dataKeyNumber: 1, keyspaceVersion };
  }
  if (!row) throw new TypeError(`${decision.event.type} was decided for a key that does not exist`);
  const { keyId, version, head, time, dataKeyNumber, keyspace } = row.state;
  return {
    place: { aggregateId: keyId, version, head, time },
    dataKeyNumber,
    keyspaceVersion: entryOf(keyspaces, keyspace)?.version ?? null,
  };
}
