// decide: what becomes of a command on a key: one event of one aggregate, or none (E1). Pure: facts, clock and randomness
// come in. First what the caller may see, then role, version, status, keyspace, and the fields of the input last.
import { invalid, refused, versionConflict, type Decision } from '../decision.ts';
import type { Actor } from '../ids.ts';
import { decideKeyspaces } from '../keyspaces/decide.ts';
import { entryOf, type KeyspacesState } from '../keyspaces/state.ts';
import { formatAt, tokenFormat, type TokenFormat } from '../keyspaces/token-format.ts';
import type { Pepper, RandomBytes } from '../secret.ts';
import { ACTION_OF, refusalOf, type ActionCommand } from './access.ts';
import { NO_SUCH_KEY, type Subject } from './subject.ts';
import type { KeyCommand, KeyCommandInput } from './commands.ts';
import { create } from './decide/create.ts';
import { update } from './decide/details.ts';
import { disable, enable, forget, remove, revoke } from './decide/lifecycle.ts';
import { regenerate, retirePreviousSecret } from './decide/rotate.ts';
import { changeExpiry, changeRestrictions, changeScopes } from './decide/settings.ts';
import type { Standing } from './standing.ts';
import { FORGOTTEN, type KeyDetails, type KeyState } from './state.ts';

/** What is known, read from one generation (W2). */
export interface KeyFacts {
  /** Of the key that the command is about; for `createKey` of the key that it would make. `null`: there is none. */
  readonly state: KeyState | null;
  readonly details: KeyDetails | null;
  readonly keyspaces: KeyspacesState;
  /** Tokens of open parked records of this aggregate (`encodeRecordPosition`). */
  readonly parked: readonly string[];
}

/** Who asks, when, and what a new secret is made of. */
export interface DecideContext {
  /** ISO time. */
  readonly now: string;
  readonly caller: {
    readonly actor: Actor;
    /** Workspace id → what the caller is there. */
    readonly workspaces: ReadonlyMap<string, Standing>;
    readonly operator: boolean;
    readonly email: string | null;
  };
  /** The version that the key must have; `createKey` has none. */
  readonly ifVersion: number | undefined;
  /** Of the key that `createKey` or a successor makes (E3). */
  readonly newKeyId: string;
  readonly pepper: Pepper;
  readonly randomBytes: RandomBytes;
}

/** A caller who was let through, and the key: what the commands on an existing key are decided from. */
export interface Meeting {
  readonly subject: Subject;
  readonly details: KeyDetails;
  /** Of the key's secrets: that of the profile version under which it was made. */
  readonly format: TokenFormat;
  readonly context: DecideContext;
}

/** Decides a command. The input has been read by the command's schema (`keyCommands`). */
export function decide(command: KeyCommand, facts: KeyFacts, context: DecideContext): Decision {
  if (command.name === 'createKey') return create(command.input, facts, context);
  if (command.name === 'defineKeyspace') return decideKeyspaces(command, facts, context);
  if (command.name === 'discardRecord') return discard(command.input, facts, context);
  const meeting = meet(facts, context);
  if (!meeting) return refused(NO_SUCH_KEY);
  const refusal = refusalOf(ACTION_OF[command.name], meeting.subject, context.ifVersion);
  return refusal ? refused(refusal) : carryOut(command, meeting);
}

function meet({ state, details, keyspaces }: KeyFacts, context: DecideContext): Meeting | null {
  const entry = state && entryOf(keyspaces, state.keyspace);
  if (!state || !entry) return null;
  const { profile, formats } = entry;
  const standing = context.caller.workspaces.get(state.workspaceId) ?? null;
  // E5 binds the event's own time; deadlines are counted from the clock of who decides, by which they will be judged: one
  // event of a clock that ran fast would put them off by as much.
  const { now } = context;
  return {
    subject: { state, profile, standing, now },
    details: details ?? FORGOTTEN,
    format: formatAt(formats, state.keyspaceVersion) ?? tokenFormat(profile),
    context,
  };
}

function carryOut(command: KeyCommand<ActionCommand>, meeting: Meeting): Decision {
  switch (command.name) {
    case 'updateKey':
      return update(command.input, meeting);
    case 'changeScopes':
      return changeScopes(command.input, meeting);
    case 'changeRestrictions':
      return changeRestrictions(command.input, meeting);
    case 'changeExpiry':
      return changeExpiry(command.input, meeting);
    case 'disableKey':
      return disable(command.input);
    case 'enableKey':
      return enable(command.input, meeting);
    case 'regenerateKey':
      return regenerate(command.input, meeting);
    case 'retirePreviousSecret':
      return retirePreviousSecret();
    case 'revokeKey':
      return revoke(command.input, meeting);
    case 'deleteKey':
      return remove(command.input, meeting);
    case 'forgetKey':
      return forget(meeting);
  }
}

/** F1: the way out of a quarantine. Operators only, of whatever workspace the key is; for others there is no such key. */
function discard(
  { position, reason }: KeyCommandInput<'discardRecord'>,
  { state, parked }: KeyFacts,
  context: DecideContext,
): Decision {
  const { caller, ifVersion } = context;
  if (!caller.operator || !state) return refused(NO_SUCH_KEY);
  if (ifVersion !== undefined && ifVersion !== state.version) return refused(versionConflict(ifVersion, state.version));
  if (!parked.includes(position)) return refused(invalid(['position'], 'must be the position of a parked record'));
  return { kind: 'event', event: { type: 'RecordDiscarded', data: { position, reason }, personal: {}, private: {} } };
}
