// Access: which caller may do what with a key, by role, version, state and keyspace. One table: `decide` refuses by it and
// every `actions` field offers by it, so that the two cannot disagree.
import { versionConflict, type Refusal } from '../decision.ts';
import { editRule, type EditableField, type Profile, type Role } from '../keyspaces/profile.ts';
import type { KeyCommandName } from './commands.ts';
import { EVERY_MEMBER, settingsRefusal, type Member } from './rules.ts';
import { FIELD_OF, settingsOf } from './settings.ts';
import { statusAt, type KeyState, type KeyStatus } from './state.ts';

/** What a caller can be allowed to do with the keys of a keyspace; the profile's `roles` name the roles of each. */
export type Operation = keyof Profile['roles'];

/** Whether `role` may do `operation` with keys of a keyspace. Whoever may not view may do nothing. */
export function mayDo(profile: Profile, role: Role | null, operation: Operation): boolean {
  return role !== null && profile.roles.view.includes(role) && profile.roles[operation].includes(role);
}

/** Whether a keyspace is there for a workspace. */
export function isOffered(profile: Profile, workspaceId: string): boolean {
  return profile.workspaces === 'all' || profile.workspaces.includes(workspaceId);
}

/** A key as one caller meets it at one moment: all that access depends on. */
export interface Subject {
  readonly state: KeyState;
  /** Of the key's keyspace, as it is now. */
  readonly profile: Profile;
  /** The caller's role in the key's workspace. */
  readonly role: Role | null;
  /** ISO time at which it is judged. */
  readonly now: string;
}

/** A foreign key, an unknown one, and one that the caller may not see: the same answer. */
export const NO_SUCH_KEY: Refusal = { type: 'NotFound', message: 'there is no such key' };
export const NOT_ALLOWED: Refusal = { type: 'NotAllowed', message: 'your role does not allow this' };

export function notEnabled(message: string): Refusal {
  return { type: 'NotEnabled', message };
}

interface Rule {
  readonly operation: Operation;
  /** The statuses in which it is refused. */
  readonly not: readonly KeyStatus[];
  /** What the keyspace has against it. */
  readonly keyspace?: (subject: Subject) => Refusal | null;
  /** Whether it would change nothing. It is not offered then; what removes access is carried out all the same (W4). */
  readonly idle?: (subject: Subject) => boolean;
}

const TERMINAL: readonly KeyStatus[] = ['REVOKED', 'DELETED'];
const NEVER: readonly KeyStatus[] = [];

const disabling = ({ profile }: Subject) =>
  profile.disable ? null : notEnabled('keys of this keyspace cannot be disabled');

const RULES = {
  VIEW: { operation: 'view', not: NEVER },
  UPDATE: {
    operation: 'edit',
    not: TERMINAL,
    keyspace: (subject) => editing(subject, ['name', 'description', 'owner', 'tags', 'metadata']),
  },
  CHANGE_SCOPES: {
    operation: 'edit',
    not: TERMINAL,
    keyspace: (subject) => editing(subject, ['permissions', 'resources']),
  },
  CHANGE_RESTRICTIONS: {
    operation: 'edit',
    not: TERMINAL,
    keyspace: (subject) => {
      const { restrictions, rateLimit } = subject.profile;
      const none = !restrictions.origins && !restrictions.ipRanges && rateLimit === null;
      return none ? notEnabled('keys of this keyspace have no restrictions') : editing(subject, ['restrictions']);
    },
  },
  CHANGE_EXPIRY: {
    operation: 'edit',
    not: TERMINAL,
    keyspace: (subject) =>
      subject.profile.expiry === null
        ? notEnabled('keys of this keyspace do not expire')
        : editing(subject, ['expiry']),
  },
  DISABLE: {
    operation: 'disable',
    not: TERMINAL,
    keyspace: disabling,
    idle: ({ state }) => state.status === 'DISABLED',
  },
  ENABLE: {
    operation: 'disable',
    not: [...TERMINAL, 'EXPIRED'],
    keyspace: disabling,
    idle: ({ state }) => state.status === 'ACTIVE',
  },
  REGENERATE: {
    operation: 'rotate',
    not: [...TERMINAL, 'EXPIRED'],
    keyspace: ({ state, profile }) => {
      if (!profile.rotation.enabled) return notEnabled('keys of this keyspace are not regenerated: create a new one');
      if (profile.types.some(({ id }) => id === state.type)) return null;
      return notEnabled('keys of this type are no longer made: create a new one');
    },
  },
  RETIRE_PREVIOUS_SECRET: {
    operation: 'rotate',
    not: TERMINAL,
    idle: ({ state, now }) => state.previousSecret === null || state.previousSecret.retiresAt <= now,
  },
  REVOKE: {
    operation: 'remove',
    not: TERMINAL,
    keyspace: ({ profile: { removal } }) =>
      removal.mode === 'REVOKE' || removal.revoke ? null : notEnabled('keys of this keyspace are deleted, not revoked'),
  },
  DELETE: {
    operation: 'remove',
    not: TERMINAL,
    keyspace: ({ profile: { removal } }) =>
      removal.mode === 'REVOKE' ? notEnabled('keys of this keyspace are revoked, not deleted') : null,
  },
  FORGET: { operation: 'forget', not: NEVER, keyspace: () => notEnabled('personal data cannot be erased yet') },
  SEE_HISTORY: { operation: 'seeHistory', not: NEVER },
  SEE_USAGE: { operation: 'seeUsage', not: NEVER },
} as const satisfies Record<string, Rule>;

/** `KeyAction` of the contract. */
export type KeyAction = keyof typeof RULES;
export const KEY_ACTIONS = Object.keys(RULES) as readonly KeyAction[];

/** A command on a key that exists. */
export type ActionCommand = Exclude<KeyCommandName, 'createKey' | 'discardRecord'>;

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
};

/** What carrying out a command takes; `null`: the installation's, for operators. */
export function operationOf(command: KeyCommandName): Operation | null {
  if (command === 'createKey') return 'create';
  return command === 'discardRecord' ? null : RULES[ACTION_OF[command]].operation;
}

/** A key is there for whoever may view; once it is deleted, for whoever may see history. */
function isVisible({ state, profile, role }: Subject): boolean {
  return mayDo(profile, role, state.status === 'DELETED' ? 'seeHistory' : 'view');
}

/**
 * What stands against an action, first that applies: the key is not there for this caller, the role, the version that the
 * caller expected, the key's status, the keyspace.
 */
export function refusalOf(action: KeyAction, subject: Subject, ifVersion?: number): Refusal | null {
  const { state, profile, role, now } = subject;
  const rule: Rule = RULES[action];
  if (!isVisible(subject)) return NO_SUCH_KEY;
  if (!mayDo(profile, role, rule.operation)) return NOT_ALLOWED;
  if (ifVersion !== undefined && ifVersion !== state.version) return versionConflict(ifVersion, state.version);
  const status = statusAt(state, now);
  if (rule.not.includes(status)) {
    return { type: 'InvalidState', message: `this cannot be done while the key is ${status}`, status };
  }
  return rule.keyspace?.(subject) ?? null;
}

/** What the caller may do with the key now, and would change something by. */
export function actionsFor(subject: Subject): KeyAction[] {
  return KEY_ACTIONS.filter((action) => {
    const rule: Rule = RULES[action];
    return refusalOf(action, subject) === null && rule.idle?.(subject) !== true;
  });
}

/** What stands against editing one field; a successor is a new key, so making one needs what creating one needs. */
export function editRefusal({ state, profile, role }: Subject, field: EditableField): Refusal | null {
  const { how, reason } = editRule(profile, field);
  switch (how) {
    case 'IN_PLACE':
      return null;
    case 'FORBIDDEN':
      return notEnabled(reason ?? `${field} of an existing key cannot be edited`);
    case 'SUCCESSOR':
      if (!mayDo(profile, role, 'create')) return NOT_ALLOWED;
      return isOffered(profile, state.workspaceId)
        ? null
        : notEnabled('this keyspace makes no new keys in this workspace');
  }
}

/** What stands against editing all of these fields; `null` if one of them may be edited. */
function editing(subject: Subject, fields: readonly EditableField[]): Refusal | null {
  const open = fields.filter((field) => editRefusal(subject, field) === null);
  const [first] = fields;
  if (open.length === 0) return first ? editRefusal(subject, first) : null;
  const inPlace = open.some((field) => editRule(subject.profile, field).how === 'IN_PLACE');
  return inPlace ? null : inheritanceRefusal(subject, open);
}

/** A successor has all that its predecessor has but the edited fields: today's profile must still take the rest. */
function inheritanceRefusal({ state, profile, now }: Subject, edited: readonly EditableField[]): Refusal | null {
  const fieldOf: Partial<Record<Member, EditableField>> = FIELD_OF;
  const inherited = EVERY_MEMBER.filter((member) => {
    const field = fieldOf[member];
    return field === undefined || !edited.includes(field);
  });
  const refusal = settingsRefusal(profile, settingsOf(state), inherited, { now, createdAt: now });
  return (
    refusal && notEnabled(`this keyspace makes no key like this one any more (${refusal.message}): create a new one`)
  );
}

/** `KeyspaceAction` of the contract. */
export const KEYSPACE_ACTIONS = ['CREATE', 'VIEW', 'SEE_USAGE', 'DEFINE'] as const;
export type KeyspaceAction = (typeof KEYSPACE_ACTIONS)[number];

/** A keyspace as one caller meets it. */
export interface KeyspaceSubject {
  readonly profile: Profile;
  /** The workspace that it is looked at in; `null`: all of the caller's. */
  readonly workspaceId: string | null;
  /** The caller's roles there. */
  readonly roles: readonly Role[];
  readonly operator: boolean;
}

/** What the caller may do with the keyspace. */
export function keyspaceActionsFor({ profile, workspaceId, roles, operator }: KeyspaceSubject): KeyspaceAction[] {
  const may = (operation: Operation): boolean => roles.some((role) => mayDo(profile, role, operation));
  const allowed: Record<KeyspaceAction, boolean> = {
    CREATE: may('create') && (workspaceId === null || isOffered(profile, workspaceId)),
    VIEW: operator || may('view'),
    SEE_USAGE: may('seeUsage'),
    DEFINE: operator,
  };
  return KEYSPACE_ACTIONS.filter((action) => allowed[action]);
}
