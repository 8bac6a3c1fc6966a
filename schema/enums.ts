// Enums: every one in upper snake case; event types are the catalogue's, so that a new event is a new value.
import { catalogue } from '../events/catalogue.ts';
import { KEY_ACTIONS } from '../events/key/access.ts';
import { keyFacts } from '../events/key/facts.ts';
import { KEYSPACE_ACTIONS } from '../events/keyspaces/actions.ts';
import type { ManagingKey } from '../events/key/standing.ts';
import type { MemberKind } from '../events/keyspaces/members.ts';
import type { Role } from '../events/keyspaces/profile.ts';
import { REFUSED_OUTCOMES } from '../events/keyspaces/profile/access.ts';
import type { EntryType } from '../projections/rows.ts';
import { builder } from './builder.ts';

/** `KEY_CREATED` for `KeyCreated`. */
export function upperSnakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
}

export const KeyEventType = builder.enumType('KeyEventType', {
  values: Object.fromEntries(
    ([...Object.keys(catalogue), ...Object.keys(keyFacts)] as EntryType[]).map((type) => [
      upperSnakeCase(type),
      { value: type },
    ]),
  ),
});

export const KeyStatus = builder.enumType('KeyStatus', {
  values: {
    ACTIVE: {},
    DISABLED: { description: 'Denied until it is enabled again.' },
    EXPIRED: { description: 'Its time is over; a later `expiresAt` revives it.' },
    REVOKED: { description: 'Denied for ever.' },
    DELETED: { description: 'Denied for ever, and seen only by those who may see history.' },
  } as const,
});

export const WorkspaceRole = builder.enumType('Role', {
  description: 'What a caller is in a workspace: a person’s role, or what an API key’s scopes let it do.',
  values: {
    ADMIN: { value: 'admin' },
    MEMBER: { value: 'member' },
    AUDITOR: { value: 'auditor' },
    VIEWER: { value: 'viewer' },
    KEY_VIEW: { value: 'key:view', description: 'An API key that may look at the keys of its own keyspace.' },
    KEY_CHANGE: {
      value: 'key:change',
      description: 'An API key that may also make, change and remove them, never beyond itself.',
    },
  } satisfies Record<Uppercase<Role> | `KEY_${Uppercase<ManagingKey['may']>}`, { value: string; description?: string }>,
});

export const ActorKind = builder.enumType('ActorKind', {
  values: {
    USER: { value: 'user', description: 'Of the identity provider.' },
    KEY: { value: 'key', description: 'An API key that manages keys.' },
    SYSTEM: { value: 'system', description: 'Keyfold itself.' },
  } as const,
});

export const KeyAction = builder.enumType('KeyAction', { values: KEY_ACTIONS });

export const OperationAction = builder.enumType('KeyspaceOperationAction', {
  description: 'Making keys, and what can be done with one.',
  values: ['CREATE', ...KEY_ACTIONS] as const,
});

export const KeyspaceAction = builder.enumType('KeyspaceAction', { values: KEYSPACE_ACTIONS });

export const KeyOrderField = builder.enumType('KeyOrderField', {
  values: ['CREATED_AT', 'NAME', 'EXPIRES_AT', 'LAST_USED_AT'] as const,
});

export const OrderDirection = builder.enumType('OrderDirection', { values: ['ASC', 'DESC'] as const });

export const WaitFor = builder.enumType('WaitFor', {
  description: 'What a mutation waits for before it answers.',
  values: {
    PROJECTED: { description: 'Reads see it.' },
    VERIFIERS: { description: 'Also every verifier that could answer has folded it: `enforcement` says which.' },
  } as const,
});

export const VerifyCode = builder.enumType('VerifyCode', {
  description: 'What a check comes to.',
  values: [...REFUSED_OUTCOMES, 'VALID', 'STALE'] as const,
});

export const SecretUsed = builder.enumType('SecretUsed', {
  description: 'Which of a key’s secrets was shown.',
  values: {
    CURRENT: {},
    PREVIOUS: { description: 'The one before it, during the overlap.' },
    RETIRED: { description: 'One that is accepted no more.' },
  } as const,
});

export const UsageBucket = builder.enumType('UsageBucket', {
  description: 'What usage is added up by, UTC.',
  values: ['HOUR', 'DAY'] as const,
});

export const PermissionModel = builder.enumType('PermissionModel', {
  description: 'How a product draws its scopes.',
  values: {
    FLAT: { description: 'A list.' },
    RESOURCE_ACTION: { description: '`resource:action`.' },
    MATRIX: { description: 'A level for each resource.' },
  } as const,
});

export const UnrestrictedRule = builder.enumType('UnrestrictedRule', {
  description: 'Whether keys of a type may do everything.',
  values: {
    ALLOWED: { description: 'As the keyspace says.' },
    ALWAYS: { description: 'Every one may.' },
    NEVER: {},
  } as const,
});

export const RemovalMode = builder.enumType('RemovalMode', {
  description: 'How keys of a keyspace are removed.',
  values: {
    DELETE: {},
    DELETE_IS_REVOKE: { description: '`deleteKey` revokes.' },
    REVOKE: { description: '`revokeKey` alone; `deleteKey` is NotEnabled.' },
  } as const,
});

export const EditMode = builder.enumType('EditMode', {
  description: 'How a field of an existing key may be edited.',
  values: {
    IN_PLACE: { description: 'The key itself changes.' },
    SUCCESSOR: { description: 'The edit makes a new key that carries it; the old one stays as it is.' },
    FORBIDDEN: { description: 'Refused with NotEnabled.' },
  } as const,
});

export const EffectKind = builder.enumType('KeyspaceEffectKind', {
  values: {
    WIDENS: { description: 'Some keys may do more than before.' },
    NARROWS: { description: 'Some keys may do less than before.' },
    CHANGES: {
      description:
        'Keys may do what they did; what people may do with them, what becomes of them or what callers are told differs.',
    },
  } as const,
});

export const ProfileMemberKind = builder.enumType('ProfileMemberKind', {
  description: 'How a member of a profile is drawn.',
  values: {
    TEXT: {},
    LONG_TEXT: {},
    NUMBER: {},
    FLAG: { description: 'True or false.' },
    CHOICE: {},
    TEXTS: { description: 'A list of them.' },
    NUMBERS: { description: 'A list of them.' },
    CHOICES: { description: 'Some of them.' },
    GROUP: { description: 'An object: members follow whose paths begin with its own.' },
    ROWS: { description: 'A list of objects: those that follow have a `*` for the entry in their paths.' },
    ANY: { description: 'Any JSON.' },
  } satisfies Record<MemberKind, object>,
});

export const FieldKind = builder.enumType('FieldKind', {
  description: 'How a field is drawn.',
  values: [
    'TEXT',
    'LONG_TEXT',
    'BOOLEAN',
    'CHOICE',
    'SCOPES',
    'RESOURCES',
    'FLAGS',
    'ORIGINS',
    'IP_RANGES',
    'RATE_LIMIT',
    'EXPIRY',
    'OWNER',
    'TAGS',
    'METADATA',
  ] as const,
});
