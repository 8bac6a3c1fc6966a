// Access: which caller may do what with a key, by standing, version, state and keyspace. One table: `decide` refuses by it
// and every `actions` field offers by it, so that the two cannot disagree.
import { versionConflict, type Refusal } from '../decision.ts';
import type { Profile, Role } from '../keyspaces/profile.ts';
import type { KeyCommandName } from './commands.ts';
import {
  CAPTIONS,
  changesInPlace,
  DETAILS,
  editing,
  EXPIRY,
  forbiddenEdit,
  leaving,
  limiting,
  permissionFields,
  RESTRICTIONS,
  speaking,
} from './editing.ts';
import { isOfEnvironment } from './standing.ts';
import { statusAt, type KeyStatus } from './state.ts';
import { mayDo, NO_SUCH_KEY, notAllowed, notEnabled, type Operation, type Subject } from './subject.ts';

interface Rule {
  readonly operation: Operation;
  /** The statuses in which it is refused. */
  readonly not: readonly KeyStatus[];
  /** What the keyspace has against it, for every key and caller. */
  readonly offered?: (profile: Profile) => Refusal | null;
  /** What the keyspace has against it, for this key and caller. */
  readonly keyspace?: (subject: Subject) => Refusal | null;
  /** What a calling key's own limits have against it, whatever the command's input is. */
  readonly limits?: (subject: Subject) => Refusal | null;
  /** Whether it would change nothing. It is not offered then; what removes access is carried out all the same (W4). */
  readonly idle?: (subject: Subject) => boolean;
}

const TERMINAL: readonly KeyStatus[] = ['REVOKED', 'DELETED'];
const NEVER: readonly KeyStatus[] = [];

const disabling = ({ disable }: Profile) => (disable ? null : notEnabled('keys of this keyspace cannot be disabled'));

const RULES = {
  VIEW: { operation: 'view', not: NEVER },
  UPDATE: {
    operation: 'edit',
    not: TERMINAL,
    offered: (profile) => forbiddenEdit(profile, DETAILS),
    keyspace: (subject) => editing(subject, DETAILS),
    limits: (subject) => (changesInPlace(subject, CAPTIONS) ? null : speaking(subject)),
  },
  CHANGE_SCOPES: {
    operation: 'edit',
    not: TERMINAL,
    offered: (profile) => forbiddenEdit(profile, permissionFields(profile)),
    keyspace: (subject) => editing(subject, permissionFields(subject.profile)),
    limits: (subject) => limiting(subject, permissionFields(subject.profile)),
  },
  CHANGE_RESTRICTIONS: {
    operation: 'edit',
    not: TERMINAL,
    offered: (profile) => {
      const { restrictions, rateLimit } = profile;
      const none = !restrictions.origins && !restrictions.ipRanges && rateLimit === null;
      return none ? notEnabled('keys of this keyspace have no restrictions') : forbiddenEdit(profile, RESTRICTIONS);
    },
    keyspace: (subject) => editing(subject, RESTRICTIONS),
    limits: (subject) => limiting(subject, RESTRICTIONS),
  },
  CHANGE_EXPIRY: {
    operation: 'edit',
    not: TERMINAL,
    offered: (profile) =>
      profile.expiry === null ? notEnabled('keys of this keyspace do not expire') : forbiddenEdit(profile, EXPIRY),
    keyspace: (subject) => editing(subject, EXPIRY),
    limits: (subject) => limiting(subject, EXPIRY),
  },
  DISABLE: {
    operation: 'disable',
    not: TERMINAL,
    offered: disabling,
    idle: ({ state }) => state.status === 'DISABLED',
  },
  ENABLE: {
    operation: 'disable',
    not: [...TERMINAL, 'EXPIRED'],
    offered: disabling,
    limits: (subject) => leaving(subject, []),
    idle: ({ state }) => state.status === 'ACTIVE',
  },
  REGENERATE: {
    operation: 'rotate',
    not: [...TERMINAL, 'EXPIRED'],
    offered: ({ rotation }) =>
      rotation.enabled ? null : notEnabled('keys of this keyspace are not regenerated: create a new one'),
    keyspace: ({ state, profile }) =>
      profile.types.some(({ id }) => id === state.type)
        ? null
        : notEnabled('keys of this type are no longer made: create a new one'),
    // Whoever makes a secret holds it.
    limits: speaking,
  },
  RETIRE_PREVIOUS_SECRET: {
    operation: 'rotate',
    not: TERMINAL,
    idle: ({ state, now }) => state.previousSecret === null || state.previousSecret.retiresAt <= now,
  },
  REVOKE: {
    operation: 'remove',
    not: TERMINAL,
    offered: ({ removal }) =>
      removal.mode === 'REVOKE' || removal.revoke ? null : notEnabled('keys of this keyspace are deleted, not revoked'),
  },
  DELETE: {
    operation: 'remove',
    not: TERMINAL,
    offered: ({ removal }) =>
      removal.mode === 'REVOKE' ? notEnabled('keys of this keyspace are revoked, not deleted') : null,
  },
  // Also of a key that was forgotten before: what came since lies under another data key.
  FORGET: { operation: 'forget', not: NEVER },
  SEE_HISTORY: { operation: 'seeHistory', not: NEVER },
  SEE_USAGE: { operation: 'seeUsage', not: NEVER },
} as const satisfies Record<string, Rule>;

/** `KeyAction` of the contract. */
export type KeyAction = keyof typeof RULES;
export const KEY_ACTIONS = Object.keys(RULES) as readonly KeyAction[];

/** A command of the installation, for operators. */
export type InstallationCommand = 'defineKeyspace' | 'discardRecord';

/** A command on a key that exists. */
export type ActionCommand = Exclude<KeyCommandName, 'createKey' | InstallationCommand>;

/** The action that a command on a key is. */
export const ACTION_OF: Readonly<Record<ActionCommand, KeyAction>> = {
  updateKey: 'UPDATE',
  changeScopes: 'CHANGE_SCOPES',
  changeRestrictions: 'CHANGE_RESTRICTIONS',
  changeExpiry: 'CHANGE_EXPIRY',
  disableKey: 'DISABLE',
  enableKey: 'ENABLE',
  regenerateKey: 'REGENERATE',
  retirePreviousSecret: 'RETIRE_PREVIOUS_SECRET',
  revokeKey: 'REVOKE',
  deleteKey: 'DELETE',
  forgetKey: 'FORGET',
};

/** What carrying out a command takes; `null`: the installation's, for operators. */
export function operationOf(command: KeyCommandName): Operation | null {
  if (command === 'createKey') return 'create';
  return command === 'discardRecord' || command === 'defineKeyspace' ? null : RULES[ACTION_OF[command]].operation;
}

/** A key is there for whoever may view; once it is deleted, for whoever may see history. */
function isVisible({ state, profile, standing }: Subject): boolean {
  const operation = state.status === 'DELETED' ? 'seeHistory' : 'view';
  return isOfEnvironment(standing, state.environment) && mayDo(profile, standing, operation);
}

/**
 * What stands against an action, first that applies: the key is not there for this caller, the caller's standing, the
 * version that was expected, the key's status, the keyspace, a calling key's own limits.
 */
export function refusalOf(action: KeyAction, subject: Subject, ifVersion?: number): Refusal | null {
  const { state, profile, standing, now } = subject;
  const rule: Rule = RULES[action];
  if (!isVisible(subject)) return NO_SUCH_KEY;
  if (!mayDo(profile, standing, rule.operation)) return notAllowed(standing);
  if (ifVersion !== undefined && ifVersion !== state.version) return versionConflict(ifVersion, state.version);
  const status = statusAt(state, now);
  if (rule.not.includes(status)) {
    return { type: 'InvalidState', message: `this cannot be done while the key is ${status}`, status };
  }
  return rule.offered?.(profile) ?? rule.keyspace?.(subject) ?? rule.limits?.(subject) ?? null;
}

/** What the caller may do with the key now, and would change something by. */
export function actionsFor(subject: Subject): KeyAction[] {
  return KEY_ACTIONS.filter((action) => {
    const rule: Rule = RULES[action];
    return refusalOf(action, subject) === null && rule.idle?.(subject) !== true;
  });
}

/** An action that a keyspace offers, and the roles whose people may do it. */
export interface OfferedAction {
  readonly action: KeyAction;
  readonly roles: readonly Role[];
}

/** The actions that a keyspace has nothing against, whatever the key: what a product can do, and who may. */
export function offeredActions(profile: Profile): readonly OfferedAction[] {
  return KEY_ACTIONS.filter(
    (action) => offersRotation(profile, action) && (RULES[action] as Rule).offered?.(profile) == null,
  ).map((action) => ({
    action,
    roles: profile.roles.view.filter((role) => profile.roles[RULES[action].operation].includes(role)),
  }));
}

/** An overlap that is under way can be ended whatever the profile says now; a product without rotation never has one. */
function offersRotation({ rotation }: Profile, action: KeyAction): boolean {
  return action !== 'RETIRE_PREVIOUS_SECRET' || (rotation.enabled && rotation.maxOverlapSeconds > 0);
}
