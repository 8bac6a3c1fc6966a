/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type ActorKind =
  /** An API key that manages keys. */
  | 'KEY'
  /** Keyfold itself. */
  | 'SYSTEM'
  /** Of the identity provider. */
  | 'USER';

export type ChangeExpiryInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** Null: never. */
  expiresAt?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type ChangeRestrictionsInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** Addresses and networks in CIDR form; empty: any. */
  ipRanges?: Array<string> | null | undefined;
  /** `https://app.example.com`, or `https://*.example.com` for one label; empty: any. */
  origins?: Array<string> | null | undefined;
  /** Calls of the key that may pass in any such time, counted over all verifiers, whichever of its secrets is used. */
  rateLimit?: RateLimitInput | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type ChangeScopesInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** Some of those of the keyspace. */
  flags?: Array<string> | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** What the key may reach. */
  resources?: ResourceAccessInput | null | undefined;
  /** Of the keyspace’s catalogue, or any where it is free-form; at most 100. */
  scopes?: Array<string> | null | undefined;
  /** Every scope, future ones too, where the keyspace allows it. */
  unrestricted?: boolean | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type CreateKeyInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** At most 1,024 characters; personal data. */
  description?: string | null | undefined;
  /** One of the keyspace’s, where it has any. */
  environment?: string | null | undefined;
  /** Null: never. Absent: what the keyspace says. */
  expiresAt?: string | null | undefined;
  /** Some of those of the keyspace. */
  flags?: Array<string> | null | undefined;
  /** Addresses and networks in CIDR form; empty: any. */
  ipRanges?: Array<string> | null | undefined;
  /** Its slug. */
  keyspace: string;
  /** An object of at most 4 KiB and 4 levels. */
  metadata?: unknown;
  /** At most 128 characters; personal data. */
  name: string;
  /** `https://app.example.com`, or `https://*.example.com` for one label; empty: any. */
  origins?: Array<string> | null | undefined;
  /** Whom to ask about the key. Absent: the caller, unless that is a key; null: nobody. */
  owner?: OwnerInput | null | undefined;
  /** Calls of the key that may pass in any such time, counted over all verifiers, whichever of its secrets is used. */
  rateLimit?: RateLimitInput | null | undefined;
  /** What the key may reach. */
  resources?: ResourceAccessInput | null | undefined;
  /** Of the keyspace’s catalogue, or any where it is free-form; at most 100. */
  scopes?: Array<string> | null | undefined;
  /** For lists to filter by. */
  tags?: Array<string> | null | undefined;
  /** One of the keyspace’s; absent: its only one. */
  type?: string | null | undefined;
  /** Every scope, future ones too, where the keyspace allows it. */
  unrestricted?: boolean | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
  /** Where the key is made: one of the caller’s. */
  workspaceId: string;
};

export type DefineKeyspaceInput = {
  /** Needed for a change after which keys that exist may do more. */
  allowWidening?: boolean | null | undefined;
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** Tells what would change, and changes nothing. */
  dryRun?: boolean | null | undefined;
  /** Refused with VersionConflict unless the keyspace is at it. */
  ifVersion?: number | null | undefined;
  /** The profile, as YAML or JSON. */
  source: string;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type DeleteKeyInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** Why, for the history; personal data. */
  note?: string | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type DisableKeyInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** Why, for the history; personal data. */
  note?: string | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type DiscardRecordInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** As health shows it. */
  position: string;
  /** Why, for the history. */
  reason: string;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

/** How a field of an existing key may be edited. */
export type EditMode =
  /** Refused with NotEnabled. */
  | 'FORBIDDEN'
  /** The key itself changes. */
  | 'IN_PLACE'
  /** The edit makes a new key that carries it; the old one stays as it is. */
  | 'SUCCESSOR';

export type EnableKeyInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** Why, for the history; personal data. */
  note?: string | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

/** How a field is drawn. */
export type FieldKind =
  | 'BOOLEAN'
  | 'CHOICE'
  | 'EXPIRY'
  | 'FLAGS'
  | 'IP_RANGES'
  | 'LONG_TEXT'
  | 'METADATA'
  | 'ORIGINS'
  | 'OWNER'
  | 'RATE_LIMIT'
  | 'RESOURCES'
  | 'SCOPES'
  | 'TAGS'
  | 'TEXT';

/** All that are given must hold. */
export type HistoryFilter = {
  /** `user:ID`, `key:ID` or `system:NAME`. Nobody is the actor of a fact about time. */
  actor?: string | null | undefined;
  /** Inclusive. */
  from?: string | null | undefined;
  /** The global id of one key. */
  key?: string | number | null | undefined;
  /** The `X-Request-Id` of the request that caused it. */
  requestId?: string | null | undefined;
  /** Exclusive. */
  to?: string | null | undefined;
  /** Any of these. */
  types?: Array<KeyEventType> | null | undefined;
};

export type KeyAction =
  | 'CHANGE_EXPIRY'
  | 'CHANGE_RESTRICTIONS'
  | 'CHANGE_SCOPES'
  | 'DELETE'
  | 'DISABLE'
  | 'ENABLE'
  | 'FORGET'
  | 'REGENERATE'
  | 'RETIRE_PREVIOUS_SECRET'
  | 'REVOKE'
  | 'SEE_HISTORY'
  | 'SEE_USAGE'
  | 'UPDATE'
  | 'VIEW';

export type KeyEventType =
  | 'EXPIRY_CHANGED'
  | 'KEYSPACE_CHANGED'
  | 'KEYSPACE_DEFINED'
  | 'KEY_CREATED'
  | 'KEY_DELETED'
  | 'KEY_DETAILS_CHANGED'
  | 'KEY_DISABLED'
  | 'KEY_ENABLED'
  | 'KEY_EXPIRED'
  | 'KEY_EXPIRING'
  | 'KEY_FORGOTTEN'
  | 'KEY_REGENERATED'
  | 'KEY_REVOKED'
  | 'PREVIOUS_SECRET_RETIRED'
  | 'RECORD_DISCARDED'
  | 'RESTRICTIONS_CHANGED'
  | 'SCOPES_CHANGED';

/** All that are given must hold. */
export type KeyFilter = {
  /** A scope: keys whose checks for it pass, as their keyspace is now. They have it, or one that implies it or covers every scope, or are unrestricted. */
  allows?: string | null | undefined;
  environment?: string | null | undefined;
  /** Keys that expire before it, or have expired. */
  expiresBefore?: string | null | undefined;
  /** Its slug. */
  keyspace?: string | null | undefined;
  /** The id of the owner. */
  owner?: string | null | undefined;
  /** Keys that may reach it. */
  resource?: string | null | undefined;
  /** Keys that have it or are unrestricted. */
  scope?: string | null | undefined;
  /** Any of these; absent: all but DELETED. */
  status?: Array<KeyStatus> | null | undefined;
  /** All of these. */
  tags?: Array<string> | null | undefined;
  /** Beginnings of words of name, preview, key id and owner: 20 at most. */
  text?: string | null | undefined;
  type?: string | null | undefined;
  /** Keys without a successful check since then, or ever. */
  unusedSince?: string | null | undefined;
};

/** Keys without the value come last; the key id breaks ties. */
export type KeyOrder = {
  direction?: OrderDirection;
  field: KeyOrderField;
};

export type KeyOrderField =
  | 'CREATED_AT'
  | 'EXPIRES_AT'
  | 'LAST_USED_AT'
  | 'NAME';

export type KeyStatus =
  | 'ACTIVE'
  /** Denied for ever, and seen only by those who may see history. */
  | 'DELETED'
  /** Denied until it is enabled again. */
  | 'DISABLED'
  /** Its time is over; a later `expiresAt` revives it. */
  | 'EXPIRED'
  /** Denied for ever. */
  | 'REVOKED';

export type KeyspaceAction =
  | 'CREATE'
  | 'DEFINE'
  | 'SEE_USAGE'
  | 'VIEW';

export type KeyspaceEffectKind =
  /** Keys may do what they did; what people may do with them, what becomes of them or what callers are told differs. */
  | 'CHANGES'
  /** Some keys may do less than before. */
  | 'NARROWS'
  /** Some keys may do more than before. */
  | 'WIDENS';

/** Making keys, and what can be done with one. */
export type KeyspaceOperationAction =
  | 'CHANGE_EXPIRY'
  | 'CHANGE_RESTRICTIONS'
  | 'CHANGE_SCOPES'
  | 'CREATE'
  | 'DELETE'
  | 'DISABLE'
  | 'ENABLE'
  | 'FORGET'
  | 'REGENERATE'
  | 'RETIRE_PREVIOUS_SECRET'
  | 'REVOKE'
  | 'SEE_HISTORY'
  | 'SEE_USAGE'
  | 'UPDATE'
  | 'VIEW';

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type OwnerInput = {
  /** Absent: the caller’s, if the owner is the caller. */
  email?: string | null | undefined;
  /** An opaque id of your directory, not an e-mail address. */
  id: string;
};

/** How a product draws its scopes. */
export type PermissionModel =
  /** A list. */
  | 'FLAT'
  /** A level for each resource. */
  | 'MATRIX'
  /** `resource:action`. */
  | 'RESOURCE_ACTION';

export type ProfileChangeInput = {
  /** Entries of a list by their place, from 0. */
  path: Array<string>;
  /** Absent: the member, or the entry, is removed. */
  value?: unknown;
};

/** How a member of a profile is drawn. */
export type ProfileMemberKind =
  /** Any JSON. */
  | 'ANY'
  | 'CHOICE'
  /** Some of them. */
  | 'CHOICES'
  /** True or false. */
  | 'FLAG'
  /** An object: members follow whose paths begin with its own. */
  | 'GROUP'
  | 'LONG_TEXT'
  | 'NUMBER'
  /** A list of them. */
  | 'NUMBERS'
  /** A list of objects: those that follow have a `*` for the entry in their paths. */
  | 'ROWS'
  | 'TEXT'
  /** A list of them. */
  | 'TEXTS';

export type RateLimitInput = {
  /** Requests in a window. */
  limit: number;
  /** The keyspace’s; absent: that. */
  windowSeconds?: number | null | undefined;
};

export type RebuildProjectionsInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The number of the live generation, 3 for `g3`: refused with VersionConflict if another one is live. */
  ifVersion?: number | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type RegenerateKeyInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** Absent: what the keyspace says. */
  overlapSeconds?: number | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

/** How keys of a keyspace are removed. */
export type RemovalMode =
  | 'DELETE'
  /** `deleteKey` revokes. */
  | 'DELETE_IS_REVOKE'
  /** `revokeKey` alone; `deleteKey` is NotEnabled. */
  | 'REVOKE';

/** All that are given must hold. */
export type RequestFilter = {
  /** Any of these. */
  codes?: Array<VerifyCode> | null | undefined;
  /** Inclusive. */
  from?: string | null | undefined;
  /** The client’s address. */
  ip?: string | null | undefined;
  /** What the path begins with. */
  path?: string | null | undefined;
  /** The id that the request had, or was given by the verifier. */
  requestId?: string | null | undefined;
  /** Which of the key’s secrets was shown. */
  secret?: SecretUsed | null | undefined;
  /** Exclusive. */
  to?: string | null | undefined;
};

export type ResourceAccessInput = {
  /** Then `ids` must be empty. */
  all?: boolean;
  /** The only ones that it may reach. */
  ids?: Array<string>;
};

export type RetirePreviousSecretInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type RetryParkedInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** Only with `position`: refused with VersionConflict unless what the record belongs to, a key mostly, is at this version. */
  ifVersion?: number | null | undefined;
  /** Of one record, as health shows it. Absent: all. */
  position?: string | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

export type RevokeKeyInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** Why, for the history; personal data. */
  note?: string | null | undefined;
  /** One of the keyspace’s, where it has any; else absent. */
  reason?: string | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

/** What a caller is in a workspace: a person’s role, or what an API key’s scopes let it do. */
export type Role =
  | 'ADMIN'
  | 'AUDITOR'
  /** An API key that may also make, change and remove them, never beyond itself. */
  | 'KEY_CHANGE'
  /** An API key that may look at the keys of its own keyspace. */
  | 'KEY_VIEW'
  | 'MEMBER'
  | 'VIEWER';

/** Which of a key’s secrets was shown. */
export type SecretUsed =
  | 'CURRENT'
  /** The one before it, during the overlap. */
  | 'PREVIOUS'
  /** One that is accepted no more. */
  | 'RETIRED';

/** Whether keys of a type may do everything. */
export type UnrestrictedRule =
  /** As the keyspace says. */
  | 'ALLOWED'
  /** Every one may. */
  | 'ALWAYS'
  | 'NEVER';

export type UpdateKeyInput = {
  /** 1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made. */
  commandId?: string | null | undefined;
  /** At most 1,024 characters; personal data. */
  description?: string | null | undefined;
  /** The global id of the key. */
  id: string | number;
  /** Refused with VersionConflict unless the key is at it. */
  ifVersion?: number | null | undefined;
  /** An object of at most 4 KiB and 4 levels. */
  metadata?: unknown;
  name?: string | null | undefined;
  /** Whom to ask about the key. Absent: unchanged; null: nobody. */
  owner?: OwnerInput | null | undefined;
  /** For lists to filter by. */
  tags?: Array<string> | null | undefined;
  /** What must be reached before the answer comes. */
  waitFor?: WaitFor | null | undefined;
};

/** What usage is added up by, UTC. */
export type UsageBucket =
  | 'DAY'
  | 'HOUR';

/** What a check comes to. */
export type VerifyCode =
  | 'DISABLED'
  | 'EXPIRED'
  | 'INSUFFICIENT_SCOPE'
  | 'IP_NOT_ALLOWED'
  | 'MALFORMED'
  | 'NOT_FOUND'
  | 'ORIGIN_NOT_ALLOWED'
  | 'QUARANTINED'
  | 'RATE_LIMITED'
  | 'RESOURCE_NOT_ALLOWED'
  | 'REVOKED'
  | 'STALE'
  | 'VALID'
  | 'WRONG_ENVIRONMENT'
  | 'WRONG_KEYSPACE';

/** What a mutation waits for before it answers. */
export type WaitFor =
  /** Reads see it. */
  | 'PROJECTED'
  /** Also every verifier that could answer has folded it: `enforcement` says which. */
  | 'VERIFIERS';

export type KeyEventsSubscriptionVariables = Exact<{
  workspaceId: string;
  after?: string | null | undefined;
}>;


export type KeyEventsSubscription = { __typename: 'Subscription', keyEvents: { __typename: 'KeyEvent', id: string, type: KeyEventType, subject: string, version: number | null } };

type Refusal_InvalidInput_Fragment = { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> };

type Refusal_InvalidState_Fragment = { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null };

type Refusal_NotAllowed_Fragment = { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null };

type Refusal_NotEnabled_Fragment = { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null };

type Refusal_NotFound_Fragment = { __typename: 'NotFound', code: string, message: string, path: Array<string> | null };

type Refusal_OutcomeUnknown_Fragment = { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null };

type Refusal_SecretAlreadyRevealed_Fragment = { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null };

type Refusal_StorageFull_Fragment = { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null };

type Refusal_Unavailable_Fragment = { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null };

type Refusal_VersionConflict_Fragment = { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null };

export type RefusalFragment =
  | Refusal_InvalidInput_Fragment
  | Refusal_InvalidState_Fragment
  | Refusal_NotAllowed_Fragment
  | Refusal_NotEnabled_Fragment
  | Refusal_NotFound_Fragment
  | Refusal_OutcomeUnknown_Fragment
  | Refusal_SecretAlreadyRevealed_Fragment
  | Refusal_StorageFull_Fragment
  | Refusal_Unavailable_Fragment
  | Refusal_VersionConflict_Fragment
;

export type FrameQueryVariables = Exact<{ [key: string]: never; }>;


export type FrameQuery = { __typename: 'Query', viewer: { __typename: 'Viewer', email: string | null, operator: boolean, actor: { __typename: 'Actor', kind: ActorKind, id: string }, workspaces: Array<{ __typename: 'WorkspaceAccess', role: Role, workspace: { __typename: 'Workspace', id: string, workspaceId: string, keyspaces: Array<{ __typename: 'Keyspace', id: string, slug: string, name: string, actions: Array<KeyspaceAction>, labels: { __typename: 'KeyspaceLabels', title: string } }> } }> }, keyspaces: Array<{ __typename: 'Keyspace', id: string, slug: string, name: string, actions: Array<KeyspaceAction> }> };

export type AuditKeyspacesQueryVariables = Exact<{
  workspace: string;
}>;


export type AuditKeyspacesQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, keyspaces: Array<{ __typename: 'Keyspace', id: string, slug: string, name: string, fields: Array<{ __typename: 'Field', id: string, label: string }>, labels: { __typename: 'KeyspaceLabels', statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> } }> } | null };

export type AuditKeyspaceFragment = { __typename: 'Keyspace', id: string, slug: string, name: string, fields: Array<{ __typename: 'Field', id: string, label: string }>, labels: { __typename: 'KeyspaceLabels', statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> } };

export type AuditHistoryQueryVariables = Exact<{
  workspace: string;
  last: number;
  after?: string | null | undefined;
  filter?: HistoryFilter | null | undefined;
}>;


export type AuditHistoryQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, history: { __typename: 'KeyEventConnection', totalCount: number | null, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ __typename: 'KeyEvent', subject: string, prev: string | null, id: string, type: KeyEventType, version: number | null, time: string, requestId: string | null, keyspaceVersion: number | null, ip: string | null, userAgent: string | null, data: unknown, hash: string | null, actor: { __typename: 'Actor', kind: ActorKind, id: string } | null }> } } | null };

export type AuditKeysQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type AuditKeysQuery = { __typename: 'Query', nodes: Array<
    | { __typename: 'ApiKey', keyId: string, name: string, quarantined: boolean, id: string, keyspace: { __typename: 'Keyspace', id: string } }
    | { __typename: 'Keyspace', id: string }
    | { __typename: 'Request', id: string }
    | { __typename: 'Workspace', id: string }
   | null> };

export type AuditAccessQueryVariables = Exact<{
  workspace: string;
  filter: KeyFilter;
  asOf: string;
  first: number;
  after?: string | null | undefined;
}>;


export type AuditAccessQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, keys: { __typename: 'KeyConnection', totalCount: number, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ __typename: 'ApiKey', id: string, keyId: string, name: string, preview: string, environment: string | null, status: KeyStatus, scopes: Array<string>, unrestricted: boolean, expiresAt: string | null, keyspace: { __typename: 'Keyspace', id: string, name: string }, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, owner: { __typename: 'Owner', id: string, email: string | null } | null }> } } | null };

export type ReviewedAccessFragment = { __typename: 'ApiKey', id: string, status: KeyStatus, scopes: Array<string>, unrestricted: boolean, expiresAt: string | null, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, owner: { __typename: 'Owner', id: string, email: string | null } | null };

export type AuditReviewQueryVariables = Exact<{
  workspace: string;
  from: string;
  to: string;
  first: number;
  after?: string | null | undefined;
}>;


export type AuditReviewQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, accessReview: { __typename: 'AccessReview', totalCount: number, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, rows: Array<{ __typename: 'AccessReviewRow', key: { __typename: 'ApiKey', id: string, keyId: string, name: string, lastUsedAt: string | null, keyspace: { __typename: 'Keyspace', id: string, slug: string } }, before: { __typename: 'ApiKey', id: string, status: KeyStatus, scopes: Array<string>, unrestricted: boolean, expiresAt: string | null, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, owner: { __typename: 'Owner', id: string, email: string | null } | null } | null, after: { __typename: 'ApiKey', id: string, status: KeyStatus, scopes: Array<string>, unrestricted: boolean, expiresAt: string | null, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, owner: { __typename: 'Owner', id: string, email: string | null } | null } | null, changes: Array<{ __typename: 'KeyEvent', id: string, type: KeyEventType, time: string, actor: { __typename: 'Actor', kind: ActorKind, id: string } | null }> }> } } | null };

export type AuditCheckpointsQueryVariables = Exact<{
  workspace: string;
  first: number;
  after?: string | null | undefined;
}>;


export type AuditCheckpointsQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, checkpoints: { __typename: 'CheckpointConnection', totalCount: number | null, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ __typename: 'Checkpoint', id: string, number: number, time: string, count: number, position: string, root: string, previous: string | null }> } } | null };

export type CreateKeyMutationVariables = Exact<{
  input: CreateKeyInput;
}>;


export type CreateKeyMutation = { __typename: 'Mutation', createKey:
    | { __typename: 'CreateKeyPayload', position: string, secret: string | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type EditedKeyFragment = { __typename: 'ApiKey', id: string, name: string, version: number };

export type UpdateKeyMutationVariables = Exact<{
  input: UpdateKeyInput;
}>;


export type UpdateKeyMutation = { __typename: 'Mutation', updateKey:
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'UpdateKeyPayload', position: string, secret: string | null, key: { __typename: 'ApiKey', id: string, name: string, version: number } | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type ChangeScopesMutationVariables = Exact<{
  input: ChangeScopesInput;
}>;


export type ChangeScopesMutation = { __typename: 'Mutation', changeScopes:
    | { __typename: 'ChangeScopesPayload', position: string, secret: string | null, key: { __typename: 'ApiKey', id: string, name: string, version: number } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type ChangeRestrictionsMutationVariables = Exact<{
  input: ChangeRestrictionsInput;
}>;


export type ChangeRestrictionsMutation = { __typename: 'Mutation', changeRestrictions:
    | { __typename: 'ChangeRestrictionsPayload', position: string, secret: string | null, key: { __typename: 'ApiKey', id: string, name: string, version: number } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type ChangeExpiryMutationVariables = Exact<{
  input: ChangeExpiryInput;
}>;


export type ChangeExpiryMutation = { __typename: 'Mutation', changeExpiry:
    | { __typename: 'ChangeExpiryPayload', position: string, secret: string | null, key: { __typename: 'ApiKey', id: string, name: string, version: number } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type KeyNowQueryVariables = Exact<{
  id: string | number;
  present?: boolean;
}>;


export type KeyNowQuery = { __typename: 'Query', key: { __typename: 'ApiKey', id: string, keyId: string, version: number, name: string, description: string | null, preview: string, type: string, environment: string | null, status: KeyStatus, quarantined: boolean, actions: Array<KeyAction>, scopes: Array<string>, unrestricted: boolean, flags: Array<string>, origins: Array<string>, ipRanges: Array<string>, tags: Array<string>, metadata: unknown, createdAt: string, expiresAt: string | null, lastRotatedAt: string | null, lastUsedAt?: string | null, lastSeenAt?: string | null, requestCount?: number, history: { __typename: 'KeyEventConnection', nodes: Array<{ __typename: 'KeyEvent', id: string, type: KeyEventType, version: number | null, time: string, actor: { __typename: 'Actor', kind: ActorKind, id: string } | null }> }, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, rateLimit: { __typename: 'RateLimit', limit: number, windowSeconds: number } | null, owner: { __typename: 'Owner', id: string, email: string | null } | null, createdBy: { __typename: 'Actor', kind: ActorKind, id: string } } | null };

export type RegenerateKeyMutationVariables = Exact<{
  input: RegenerateKeyInput;
}>;


export type RegenerateKeyMutation = { __typename: 'Mutation', regenerateKey:
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'RegenerateKeyPayload', position: string, secret: string | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type HealthQueryVariables = Exact<{ [key: string]: never; }>;


export type HealthQuery = { __typename: 'Query', health: { __typename: 'Health', projections: Array<{ __typename: 'ProjectionHealth', name: string, lag: number, generation: string, rebuild: { __typename: 'Rebuild', progress: number } | null, parked: Array<{ __typename: 'ParkedRecord', aggregateId: string | null, position: string, reason: string, time: string }> }>, verifiers: Array<{ __typename: 'VerifierHealth', id: string, asOf: string | null, leaseUntil: string, position: string }> } | null };

export type ParkedRowFragment = { __typename: 'ParkedRecord', aggregateId: string | null, position: string, reason: string, time: string };

export type StartRebuildMutationVariables = Exact<{
  input: RebuildProjectionsInput;
}>;


export type StartRebuildMutation = { __typename: 'Mutation', rebuildProjections:
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'RebuildProjectionsPayload', generation: string }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type RetryParkedMutationVariables = Exact<{
  input: RetryParkedInput;
}>;


export type RetryParkedMutation = { __typename: 'Mutation', retryParked:
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'RetryParkedPayload', parked: Array<{ __typename: 'ParkedRecord', position: string }> }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type DiscardRecordMutationVariables = Exact<{
  input: DiscardRecordInput;
}>;


export type DiscardRecordMutation = { __typename: 'Mutation', discardRecord:
    | { __typename: 'DiscardRecordPayload', position: string }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type KeyPageQueryVariables = Exact<{
  id: string | number;
  asOf?: string | null | undefined;
  present: boolean;
}>;


export type KeyPageQuery = { __typename: 'Query', key: { __typename: 'ApiKey', workspaceId: string, secretFirstUsedAt?: string | null, id: string, keyId: string, version: number, name: string, description: string | null, preview: string, type: string, environment: string | null, status: KeyStatus, quarantined: boolean, actions: Array<KeyAction>, scopes: Array<string>, unrestricted: boolean, flags: Array<string>, origins: Array<string>, ipRanges: Array<string>, tags: Array<string>, metadata: unknown, createdAt: string, expiresAt: string | null, lastRotatedAt: string | null, lastUsedAt?: string | null, lastSeenAt?: string | null, requestCount?: number, previousSecret?: { __typename: 'PreviousSecret', retiresAt: string, lastUsedAt: string | null, requestCount: number } | null, predecessor: { __typename: 'ApiKey', id: string, keyId: string, name: string } | null, successors: Array<{ __typename: 'ApiKey', id: string, keyId: string, name: string }>, revocation: { __typename: 'Revocation', at: string, reason: string | null, note: string | null, by: { __typename: 'Actor', kind: ActorKind, id: string } } | null, removals?: { __typename: 'KeyEventConnection', nodes: Array<{ __typename: 'KeyEvent', type: KeyEventType, version: number | null }> }, keyspace: { __typename: 'Keyspace', requestLogDays: number, id: string, slug: string, version: number, name: string, actions: Array<KeyspaceAction>, environments: Array<string>, resourceNoun: string | null, resourceAll: string | null, timeZone: string, labels: { __typename: 'KeyspaceLabels', title: string, noun: string, create: string, submit: string, save: string, cancel: string, empty: string, noExpiry: string, neverUsed: string, customExpiry: string, unrestricted: string, restricted: string, restrict: string, reveal: { __typename: 'RevealLabels', title: string, copy: string, copied: string, done: string }, statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> }, texts: { __typename: 'KeyspaceTexts', subtitle: string, reveal: string, secrecy: string | null, unrestricted: string, restricted: string, quickStart: string | null, success: Array<{ __typename: 'ActionText', action: string, text: string }>, guidance: Array<{ __typename: 'Guidance', title: string, text: string | null }> }, columns: Array<{ __typename: 'Column', id: string, label: string, format: string, description: string | null }>, operations: Array<{ __typename: 'KeyspaceOperation', action: KeyspaceOperationAction, label: string, description: string | null, inMenu: boolean, confirmation: { __typename: 'OperationConfirmation', title: string, text: string, button: string } | null }>, fields: Array<{ __typename: 'Field', id: string, label: string, kind: FieldKind, description: string | null, required: boolean, default: unknown, rules: unknown, edit: EditMode, reason: string | null, inCreateForm: boolean, inEditForm: boolean, options: Array<{ __typename: 'FieldOption', value: string, label: string, tone: string | null, group: string | null, description: string | null }> }>, types: Array<{ __typename: 'KeyType', id: string, label: string, description: string | null, public: boolean, scopes: Array<string> | null, unrestricted: UnrestrictedRule }>, permissions: { __typename: 'PermissionCatalog', model: PermissionModel, freeForm: boolean, minimum: number, superScopes: Array<string>, unrestrictedAllowed: boolean, scopes: Array<{ __typename: 'Scope', id: string, label: string, tone: string | null, group: string | null, description: string | null }>, presets: Array<{ __typename: 'ScopePreset', label: string, description: string | null, scopes: Array<string> }>, implications: Array<{ __typename: 'ScopeImplication', scope: string, implies: Array<string> }>, matrix: { __typename: 'PermissionMatrix', none: string, noneDescription: string | null, levels: Array<{ __typename: 'MatrixLevel', id: string, label: string, description: string | null }>, resources: Array<{ __typename: 'MatrixResource', id: string, label: string, group: string | null, description: string | null }> } | null }, expiry: { __typename: 'ExpiryPolicy', afterToday: boolean, custom: boolean, defaultDays: number | null, maxLifetimeDays: number | null, noExpiry: boolean, presets: Array<{ __typename: 'ExpiryPreset', days: number, label: string }>, bands: Array<{ __typename: 'ExpiryBand', upToDays: number | null, title: string | null, text: string }> } | null, rateLimit: { __typename: 'RateLimitPolicy', default: number | null, min: number, max: number, windowSeconds: number } | null, naming: { __typename: 'Naming', discouraged: Array<string>, advice: string | null, examples: Array<string> }, rotation: { __typename: 'RotationPolicy', enabled: boolean, defaultOverlapSeconds: number, maxOverlapSeconds: number }, credential: { __typename: 'Credential', prefixes: Array<string>, headers: Array<{ __typename: 'CredentialHeader', name: string, bearer: boolean }> }, quickStart: Array<{ __typename: 'QuickStartStep', tab: string, title: string, code: string }> }, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, rateLimit: { __typename: 'RateLimit', limit: number, windowSeconds: number } | null, owner: { __typename: 'Owner', id: string, email: string | null } | null, createdBy: { __typename: 'Actor', kind: ActorKind, id: string } } | null };

export type KeyUsageQueryVariables = Exact<{
  id: string | number;
  from: string;
  to: string;
  bucket: UsageBucket;
}>;


export type KeyUsageQuery = { __typename: 'Query', key: { __typename: 'ApiKey', id: string, usage: Array<{ __typename: 'UsagePoint', start: string, total: number, outcomes: Array<{ __typename: 'OutcomeCount', code: VerifyCode, count: number }> }> } | null };

export type KeyHistoryQueryVariables = Exact<{
  id: string | number;
  last: number;
  after?: string | null | undefined;
  filter?: HistoryFilter | null | undefined;
}>;


export type KeyHistoryQuery = { __typename: 'Query', key: { __typename: 'ApiKey', id: string, history: { __typename: 'KeyEventConnection', totalCount: number | null, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ __typename: 'KeyEvent', id: string, type: KeyEventType, version: number | null, time: string, requestId: string | null, keyspaceVersion: number | null, ip: string | null, userAgent: string | null, data: unknown, hash: string | null, actor: { __typename: 'Actor', kind: ActorKind, id: string } | null }> } } | null };

export type HistoryEventFragment = { __typename: 'KeyEvent', id: string, type: KeyEventType, version: number | null, time: string, requestId: string | null, keyspaceVersion: number | null, ip: string | null, userAgent: string | null, data: unknown, hash: string | null, actor: { __typename: 'Actor', kind: ActorKind, id: string } | null };

export type KeyRequestsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
  filter?: RequestFilter | null | undefined;
}>;


export type KeyRequestsQuery = { __typename: 'Query', key: { __typename: 'ApiKey', id: string, requests: { __typename: 'RequestConnection', totalCount: number, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ __typename: 'Request', id: string, requestId: string, time: string, code: VerifyCode, method: string | null, path: string | null, origin: string | null, ip: string | null, userAgent: string | null, secret: SecretUsed | null, asked: unknown, keyVersion: number | null, keyspaceVersion: number | null, position: string }> } } | null };

export type RequestRowFragment = { __typename: 'Request', id: string, requestId: string, time: string, code: VerifyCode, method: string | null, path: string | null, origin: string | null, ip: string | null, userAgent: string | null, secret: SecretUsed | null, asked: unknown, keyVersion: number | null, keyspaceVersion: number | null, position: string };

export type RequestDecisionQueryVariables = Exact<{
  id: string | number;
}>;


export type RequestDecisionQuery = { __typename: 'Query', node:
    | { __typename: 'ApiKey', id: string }
    | { __typename: 'Keyspace', id: string }
    | { __typename: 'Request', recomputed: VerifyCode | null, id: string, decidedBy: { __typename: 'KeyEvent', type: KeyEventType, version: number | null, time: string, actor: { __typename: 'Actor', kind: ActorKind, id: string } | null } | null }
    | { __typename: 'Workspace', id: string }
   | null };

export type KeyCallersQueryVariables = Exact<{
  id: string | number;
  filter: RequestFilter;
}>;


export type KeyCallersQuery = { __typename: 'Query', key: { __typename: 'ApiKey', id: string, requests: { __typename: 'RequestConnection', totalCount: number, nodes: Array<{ __typename: 'Request', id: string, time: string, ip: string | null, userAgent: string | null }> } } | null };

export type RemovalQuestionQueryVariables = Exact<{
  id: string | number;
}>;


export type RemovalQuestionQuery = { __typename: 'Query', key: { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, lastUsedAt: string | null, actions: Array<KeyAction>, previousSecret: { __typename: 'PreviousSecret', retiresAt: string, lastUsedAt: string | null, requestCount: number } | null, keyspace: { __typename: 'Keyspace', id: string, removal: { __typename: 'RemovalPolicy', mode: RemovalMode, reasons: Array<string> }, texts: { __typename: 'KeyspaceTexts', reasons: Array<{ __typename: 'ReasonText', reason: string, text: string }> } } } | null };

export type KeyReceiptQueryVariables = Exact<{
  id: string | number;
  version: number;
}>;


export type KeyReceiptQuery = { __typename: 'Query', key: { __typename: 'ApiKey', id: string, enforcement: { __typename: 'Enforcement', confirmed: number, total: number, confirmedAt: string | null, verifiers: Array<{ __typename: 'VerifierConfirmation', id: string, position: string, confirmedAt: string | null }> } | null } | null };

export type ReceiptFragment = { __typename: 'Enforcement', confirmed: number, total: number, confirmedAt: string | null, verifiers: Array<{ __typename: 'VerifierConfirmation', id: string, position: string, confirmedAt: string | null }> };

export type KeyRemovedFragment = { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction>, previousSecret: { __typename: 'PreviousSecret', retiresAt: string, lastUsedAt: string | null, requestCount: number } | null, revocation: { __typename: 'Revocation', at: string, reason: string | null, note: string | null, by: { __typename: 'Actor', kind: ActorKind, id: string } } | null };

export type RemoveByDisableMutationVariables = Exact<{
  input: DisableKeyInput;
}>;


export type RemoveByDisableMutation = { __typename: 'Mutation', disableKey:
    | { __typename: 'DisableKeyPayload', key: { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction>, previousSecret: { __typename: 'PreviousSecret', retiresAt: string, lastUsedAt: string | null, requestCount: number } | null, revocation: { __typename: 'Revocation', at: string, reason: string | null, note: string | null, by: { __typename: 'Actor', kind: ActorKind, id: string } } | null } | null, enforcement: { __typename: 'Enforcement', confirmed: number, total: number, confirmedAt: string | null, verifiers: Array<{ __typename: 'VerifierConfirmation', id: string, position: string, confirmedAt: string | null }> } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type RemoveByRevokeMutationVariables = Exact<{
  input: RevokeKeyInput;
}>;


export type RemoveByRevokeMutation = { __typename: 'Mutation', revokeKey:
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'RevokeKeyPayload', key: { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction>, previousSecret: { __typename: 'PreviousSecret', retiresAt: string, lastUsedAt: string | null, requestCount: number } | null, revocation: { __typename: 'Revocation', at: string, reason: string | null, note: string | null, by: { __typename: 'Actor', kind: ActorKind, id: string } } | null } | null, enforcement: { __typename: 'Enforcement', confirmed: number, total: number, confirmedAt: string | null, verifiers: Array<{ __typename: 'VerifierConfirmation', id: string, position: string, confirmedAt: string | null }> } | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type RemoveByDeleteMutationVariables = Exact<{
  input: DeleteKeyInput;
}>;


export type RemoveByDeleteMutation = { __typename: 'Mutation', deleteKey:
    | { __typename: 'DeleteKeyPayload', key: { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction>, previousSecret: { __typename: 'PreviousSecret', retiresAt: string, lastUsedAt: string | null, requestCount: number } | null, revocation: { __typename: 'Revocation', at: string, reason: string | null, note: string | null, by: { __typename: 'Actor', kind: ActorKind, id: string } } | null } | null, enforcement: { __typename: 'Enforcement', confirmed: number, total: number, confirmedAt: string | null, verifiers: Array<{ __typename: 'VerifierConfirmation', id: string, position: string, confirmedAt: string | null }> } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type RetireByHandMutationVariables = Exact<{
  input: RetirePreviousSecretInput;
}>;


export type RetireByHandMutation = { __typename: 'Mutation', retirePreviousSecret:
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'RetirePreviousSecretPayload', key: { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction>, previousSecret: { __typename: 'PreviousSecret', retiresAt: string, lastUsedAt: string | null, requestCount: number } | null, revocation: { __typename: 'Revocation', at: string, reason: string | null, note: string | null, by: { __typename: 'Actor', kind: ActorKind, id: string } } | null } | null, enforcement: { __typename: 'Enforcement', confirmed: number, total: number, confirmedAt: string | null, verifiers: Array<{ __typename: 'VerifierConfirmation', id: string, position: string, confirmedAt: string | null }> } | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type DisableKeyMutationVariables = Exact<{
  input: DisableKeyInput;
}>;


export type DisableKeyMutation = { __typename: 'Mutation', disableKey:
    | { __typename: 'DisableKeyPayload', position: string, key: { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction> } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type EnableKeyMutationVariables = Exact<{
  input: EnableKeyInput;
}>;


export type EnableKeyMutation = { __typename: 'Mutation', enableKey:
    | { __typename: 'EnableKeyPayload', position: string, key: { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction> } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type KeySwitchedFragment = { __typename: 'ApiKey', id: string, version: number, status: KeyStatus, actions: Array<KeyAction> };

export type KeyspacePageQueryVariables = Exact<{
  workspace: string;
  slug: string;
}>;


export type KeyspacePageQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, keyspace: { __typename: 'Keyspace', id: string, slug: string, version: number, name: string, actions: Array<KeyspaceAction>, environments: Array<string>, resourceNoun: string | null, resourceAll: string | null, timeZone: string, labels: { __typename: 'KeyspaceLabels', title: string, noun: string, create: string, submit: string, save: string, cancel: string, empty: string, noExpiry: string, neverUsed: string, customExpiry: string, unrestricted: string, restricted: string, restrict: string, reveal: { __typename: 'RevealLabels', title: string, copy: string, copied: string, done: string }, statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> }, texts: { __typename: 'KeyspaceTexts', subtitle: string, reveal: string, secrecy: string | null, unrestricted: string, restricted: string, quickStart: string | null, success: Array<{ __typename: 'ActionText', action: string, text: string }>, guidance: Array<{ __typename: 'Guidance', title: string, text: string | null }> }, columns: Array<{ __typename: 'Column', id: string, label: string, format: string, description: string | null }>, operations: Array<{ __typename: 'KeyspaceOperation', action: KeyspaceOperationAction, label: string, description: string | null, inMenu: boolean, confirmation: { __typename: 'OperationConfirmation', title: string, text: string, button: string } | null }>, fields: Array<{ __typename: 'Field', id: string, label: string, kind: FieldKind, description: string | null, required: boolean, default: unknown, rules: unknown, edit: EditMode, reason: string | null, inCreateForm: boolean, inEditForm: boolean, options: Array<{ __typename: 'FieldOption', value: string, label: string, tone: string | null, group: string | null, description: string | null }> }>, types: Array<{ __typename: 'KeyType', id: string, label: string, description: string | null, public: boolean, scopes: Array<string> | null, unrestricted: UnrestrictedRule }>, permissions: { __typename: 'PermissionCatalog', model: PermissionModel, freeForm: boolean, minimum: number, superScopes: Array<string>, unrestrictedAllowed: boolean, scopes: Array<{ __typename: 'Scope', id: string, label: string, tone: string | null, group: string | null, description: string | null }>, presets: Array<{ __typename: 'ScopePreset', label: string, description: string | null, scopes: Array<string> }>, implications: Array<{ __typename: 'ScopeImplication', scope: string, implies: Array<string> }>, matrix: { __typename: 'PermissionMatrix', none: string, noneDescription: string | null, levels: Array<{ __typename: 'MatrixLevel', id: string, label: string, description: string | null }>, resources: Array<{ __typename: 'MatrixResource', id: string, label: string, group: string | null, description: string | null }> } | null }, expiry: { __typename: 'ExpiryPolicy', afterToday: boolean, custom: boolean, defaultDays: number | null, maxLifetimeDays: number | null, noExpiry: boolean, presets: Array<{ __typename: 'ExpiryPreset', days: number, label: string }>, bands: Array<{ __typename: 'ExpiryBand', upToDays: number | null, title: string | null, text: string }> } | null, rateLimit: { __typename: 'RateLimitPolicy', default: number | null, min: number, max: number, windowSeconds: number } | null, naming: { __typename: 'Naming', discouraged: Array<string>, advice: string | null, examples: Array<string> }, rotation: { __typename: 'RotationPolicy', enabled: boolean, defaultOverlapSeconds: number, maxOverlapSeconds: number }, credential: { __typename: 'Credential', prefixes: Array<string>, headers: Array<{ __typename: 'CredentialHeader', name: string, bearer: boolean }> }, quickStart: Array<{ __typename: 'QuickStartStep', tab: string, title: string, code: string }> } | null } | null };

export type KeyspaceViewFragment = { __typename: 'Keyspace', id: string, slug: string, version: number, name: string, actions: Array<KeyspaceAction>, environments: Array<string>, resourceNoun: string | null, resourceAll: string | null, timeZone: string, labels: { __typename: 'KeyspaceLabels', title: string, noun: string, create: string, submit: string, save: string, cancel: string, empty: string, noExpiry: string, neverUsed: string, customExpiry: string, unrestricted: string, restricted: string, restrict: string, reveal: { __typename: 'RevealLabels', title: string, copy: string, copied: string, done: string }, statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> }, texts: { __typename: 'KeyspaceTexts', subtitle: string, reveal: string, secrecy: string | null, unrestricted: string, restricted: string, quickStart: string | null, success: Array<{ __typename: 'ActionText', action: string, text: string }>, guidance: Array<{ __typename: 'Guidance', title: string, text: string | null }> }, columns: Array<{ __typename: 'Column', id: string, label: string, format: string, description: string | null }>, operations: Array<{ __typename: 'KeyspaceOperation', action: KeyspaceOperationAction, label: string, description: string | null, inMenu: boolean, confirmation: { __typename: 'OperationConfirmation', title: string, text: string, button: string } | null }>, fields: Array<{ __typename: 'Field', id: string, label: string, kind: FieldKind, description: string | null, required: boolean, default: unknown, rules: unknown, edit: EditMode, reason: string | null, inCreateForm: boolean, inEditForm: boolean, options: Array<{ __typename: 'FieldOption', value: string, label: string, tone: string | null, group: string | null, description: string | null }> }>, types: Array<{ __typename: 'KeyType', id: string, label: string, description: string | null, public: boolean, scopes: Array<string> | null, unrestricted: UnrestrictedRule }>, permissions: { __typename: 'PermissionCatalog', model: PermissionModel, freeForm: boolean, minimum: number, superScopes: Array<string>, unrestrictedAllowed: boolean, scopes: Array<{ __typename: 'Scope', id: string, label: string, tone: string | null, group: string | null, description: string | null }>, presets: Array<{ __typename: 'ScopePreset', label: string, description: string | null, scopes: Array<string> }>, implications: Array<{ __typename: 'ScopeImplication', scope: string, implies: Array<string> }>, matrix: { __typename: 'PermissionMatrix', none: string, noneDescription: string | null, levels: Array<{ __typename: 'MatrixLevel', id: string, label: string, description: string | null }>, resources: Array<{ __typename: 'MatrixResource', id: string, label: string, group: string | null, description: string | null }> } | null }, expiry: { __typename: 'ExpiryPolicy', afterToday: boolean, custom: boolean, defaultDays: number | null, maxLifetimeDays: number | null, noExpiry: boolean, presets: Array<{ __typename: 'ExpiryPreset', days: number, label: string }>, bands: Array<{ __typename: 'ExpiryBand', upToDays: number | null, title: string | null, text: string }> } | null, rateLimit: { __typename: 'RateLimitPolicy', default: number | null, min: number, max: number, windowSeconds: number } | null, naming: { __typename: 'Naming', discouraged: Array<string>, advice: string | null, examples: Array<string> }, rotation: { __typename: 'RotationPolicy', enabled: boolean, defaultOverlapSeconds: number, maxOverlapSeconds: number }, credential: { __typename: 'Credential', prefixes: Array<string>, headers: Array<{ __typename: 'CredentialHeader', name: string, bearer: boolean }> }, quickStart: Array<{ __typename: 'QuickStartStep', tab: string, title: string, code: string }> };

export type KeysPageQueryVariables = Exact<{
  workspace: string;
  filter: KeyFilter;
  orderBy: KeyOrder;
  first: number;
  after?: string | null | undefined;
  asOf?: string | null | undefined;
  present: boolean;
}>;


export type KeysPageQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, position: string, keys: { __typename: 'KeyConnection', totalCount: number, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ __typename: 'ApiKey', id: string, keyId: string, version: number, name: string, description: string | null, preview: string, type: string, environment: string | null, status: KeyStatus, quarantined: boolean, actions: Array<KeyAction>, scopes: Array<string>, unrestricted: boolean, flags: Array<string>, origins: Array<string>, ipRanges: Array<string>, tags: Array<string>, metadata: unknown, createdAt: string, expiresAt: string | null, lastRotatedAt: string | null, lastUsedAt?: string | null, lastSeenAt?: string | null, requestCount?: number, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, rateLimit: { __typename: 'RateLimit', limit: number, windowSeconds: number } | null, owner: { __typename: 'Owner', id: string, email: string | null } | null, createdBy: { __typename: 'Actor', kind: ActorKind, id: string } }> } } | null };

export type KeyRowFragment = { __typename: 'ApiKey', id: string, keyId: string, version: number, name: string, description: string | null, preview: string, type: string, environment: string | null, status: KeyStatus, quarantined: boolean, actions: Array<KeyAction>, scopes: Array<string>, unrestricted: boolean, flags: Array<string>, origins: Array<string>, ipRanges: Array<string>, tags: Array<string>, metadata: unknown, createdAt: string, expiresAt: string | null, lastRotatedAt: string | null, lastUsedAt?: string | null, lastSeenAt?: string | null, requestCount?: number, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, rateLimit: { __typename: 'RateLimit', limit: number, windowSeconds: number } | null, owner: { __typename: 'Owner', id: string, email: string | null } | null, createdBy: { __typename: 'Actor', kind: ActorKind, id: string } };

export type ChangedKeysQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
  present?: boolean;
}>;


export type ChangedKeysQuery = { __typename: 'Query', nodes: Array<
    | { __typename: 'ApiKey', id: string, keyId: string, version: number, name: string, description: string | null, preview: string, type: string, environment: string | null, status: KeyStatus, quarantined: boolean, actions: Array<KeyAction>, scopes: Array<string>, unrestricted: boolean, flags: Array<string>, origins: Array<string>, ipRanges: Array<string>, tags: Array<string>, metadata: unknown, createdAt: string, expiresAt: string | null, lastRotatedAt: string | null, lastUsedAt?: string | null, lastSeenAt?: string | null, requestCount?: number, resources: { __typename: 'ResourceAccess', all: boolean, ids: Array<string> }, rateLimit: { __typename: 'RateLimit', limit: number, windowSeconds: number } | null, owner: { __typename: 'Owner', id: string, email: string | null } | null, createdBy: { __typename: 'Actor', kind: ActorKind, id: string } }
    | { __typename: 'Keyspace', id: string }
    | { __typename: 'Request', id: string }
    | { __typename: 'Workspace', id: string }
   | null> };

export type NewestKeysQueryVariables = Exact<{
  workspace: string;
  filter: KeyFilter;
  first: number;
}>;


export type NewestKeysQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, keys: { __typename: 'KeyConnection', nodes: Array<{ __typename: 'ApiKey', id: string, keyId: string, createdAt: string }> } } | null };

export type OwnerKeysQueryVariables = Exact<{
  workspace: string;
  slug: string;
  filter: KeyFilter;
  first: number;
  after?: string | null | undefined;
}>;


export type OwnerKeysQuery = { __typename: 'Query', workspace: { __typename: 'Workspace', id: string, keyspace: { __typename: 'Keyspace', id: string, removal: { __typename: 'RemovalPolicy', reasons: Array<string> }, texts: { __typename: 'KeyspaceTexts', reasons: Array<{ __typename: 'ReasonText', reason: string, text: string }> } } | null, keys: { __typename: 'KeyConnection', totalCount: number, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ __typename: 'ApiKey', id: string, keyId: string, name: string, preview: string, version: number, actions: Array<KeyAction>, lastUsedAt: string | null }> } } | null };

export type KeyspaceProfileQueryVariables = Exact<{
  id: string | number;
}>;


export type KeyspaceProfileQuery = { __typename: 'Query', node:
    | { __typename: 'ApiKey', id: string }
    | { __typename: 'Keyspace', id: string, slug: string, name: string, version: number, source: string, actions: Array<KeyspaceAction>, environments: Array<string>, flags: Array<string>, timeZone: string, requestLogDays: number, resourceNoun: string | null, resourceAll: string | null, labels: { __typename: 'KeyspaceLabels', title: string, noun: string, create: string, submit: string, empty: string, noExpiry: string, neverUsed: string, unrestricted: string, restricted: string, statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> }, texts: { __typename: 'KeyspaceTexts', subtitle: string, reveal: string }, types: Array<{ __typename: 'KeyType', id: string, label: string, description: string | null, public: boolean, originsRequired: boolean, scopes: Array<string> | null, unrestricted: UnrestrictedRule }>, credential: { __typename: 'Credential', prefixes: Array<string>, headers: Array<{ __typename: 'CredentialHeader', name: string, bearer: boolean }> }, keyManagement: { __typename: 'KeyManagement', view: string, change: string } | null, permissions: { __typename: 'PermissionCatalog', model: PermissionModel, minimum: number, freeForm: boolean, unrestrictedAllowed: boolean, superScopes: Array<string>, scopes: Array<{ __typename: 'Scope', id: string, label: string, tone: string | null, group: string | null, description: string | null }>, implications: Array<{ __typename: 'ScopeImplication', scope: string, implies: Array<string> }>, presets: Array<{ __typename: 'ScopePreset', label: string, description: string | null, scopes: Array<string> }>, matrix: { __typename: 'PermissionMatrix', none: string, levels: Array<{ __typename: 'MatrixLevel', id: string, label: string }> } | null }, expiry: { __typename: 'ExpiryPolicy', required: boolean, noExpiry: boolean, defaultDays: number | null, maxLifetimeDays: number | null, reminders: Array<number>, presets: Array<{ __typename: 'ExpiryPreset', days: number, label: string }> } | null, rateLimit: { __typename: 'RateLimitPolicy', min: number, max: number, default: number | null, windowSeconds: number } | null, rotation: { __typename: 'RotationPolicy', enabled: boolean, defaultOverlapSeconds: number, maxOverlapSeconds: number }, removal: { __typename: 'RemovalPolicy', mode: RemovalMode, revoke: boolean, erase: boolean, reasons: Array<string> }, resourceTypes: Array<{ __typename: 'ResourceType', id: string, scope: string | null }>, naming: { __typename: 'Naming', examples: Array<string>, discouraged: Array<string> }, fields: Array<{ __typename: 'Field', id: string, label: string, description: string | null, required: boolean, inCreateForm: boolean, edit: EditMode, reason: string | null }>, operations: Array<{ __typename: 'KeyspaceOperation', action: KeyspaceOperationAction, label: string, roles: Array<Role> }>, columns: Array<{ __typename: 'Column', id: string, label: string, format: string, description: string | null }> }
    | { __typename: 'Request', id: string }
    | { __typename: 'Workspace', id: string }
   | null };

export type ProfileViewFragment = { __typename: 'Keyspace', id: string, slug: string, name: string, version: number, source: string, actions: Array<KeyspaceAction>, environments: Array<string>, flags: Array<string>, timeZone: string, requestLogDays: number, resourceNoun: string | null, resourceAll: string | null, labels: { __typename: 'KeyspaceLabels', title: string, noun: string, create: string, submit: string, empty: string, noExpiry: string, neverUsed: string, unrestricted: string, restricted: string, statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> }, texts: { __typename: 'KeyspaceTexts', subtitle: string, reveal: string }, types: Array<{ __typename: 'KeyType', id: string, label: string, description: string | null, public: boolean, originsRequired: boolean, scopes: Array<string> | null, unrestricted: UnrestrictedRule }>, credential: { __typename: 'Credential', prefixes: Array<string>, headers: Array<{ __typename: 'CredentialHeader', name: string, bearer: boolean }> }, keyManagement: { __typename: 'KeyManagement', view: string, change: string } | null, permissions: { __typename: 'PermissionCatalog', model: PermissionModel, minimum: number, freeForm: boolean, unrestrictedAllowed: boolean, superScopes: Array<string>, scopes: Array<{ __typename: 'Scope', id: string, label: string, tone: string | null, group: string | null, description: string | null }>, implications: Array<{ __typename: 'ScopeImplication', scope: string, implies: Array<string> }>, presets: Array<{ __typename: 'ScopePreset', label: string, description: string | null, scopes: Array<string> }>, matrix: { __typename: 'PermissionMatrix', none: string, levels: Array<{ __typename: 'MatrixLevel', id: string, label: string }> } | null }, expiry: { __typename: 'ExpiryPolicy', required: boolean, noExpiry: boolean, defaultDays: number | null, maxLifetimeDays: number | null, reminders: Array<number>, presets: Array<{ __typename: 'ExpiryPreset', days: number, label: string }> } | null, rateLimit: { __typename: 'RateLimitPolicy', min: number, max: number, default: number | null, windowSeconds: number } | null, rotation: { __typename: 'RotationPolicy', enabled: boolean, defaultOverlapSeconds: number, maxOverlapSeconds: number }, removal: { __typename: 'RemovalPolicy', mode: RemovalMode, revoke: boolean, erase: boolean, reasons: Array<string> }, resourceTypes: Array<{ __typename: 'ResourceType', id: string, scope: string | null }>, naming: { __typename: 'Naming', examples: Array<string>, discouraged: Array<string> }, fields: Array<{ __typename: 'Field', id: string, label: string, description: string | null, required: boolean, inCreateForm: boolean, edit: EditMode, reason: string | null }>, operations: Array<{ __typename: 'KeyspaceOperation', action: KeyspaceOperationAction, label: string, roles: Array<Role> }>, columns: Array<{ __typename: 'Column', id: string, label: string, format: string, description: string | null }> };

export type DefineProfileMutationVariables = Exact<{
  input: DefineKeyspaceInput;
}>;


export type DefineProfileMutation = { __typename: 'Mutation', defineKeyspace:
    | { __typename: 'DefineKeyspacePayload', keyspace: { __typename: 'Keyspace', id: string, slug: string, name: string, version: number, source: string, actions: Array<KeyspaceAction>, environments: Array<string>, flags: Array<string>, timeZone: string, requestLogDays: number, resourceNoun: string | null, resourceAll: string | null, labels: { __typename: 'KeyspaceLabels', title: string, noun: string, create: string, submit: string, empty: string, noExpiry: string, neverUsed: string, unrestricted: string, restricted: string, statuses: Array<{ __typename: 'StatusLabel', status: KeyStatus, label: string }> }, texts: { __typename: 'KeyspaceTexts', subtitle: string, reveal: string }, types: Array<{ __typename: 'KeyType', id: string, label: string, description: string | null, public: boolean, originsRequired: boolean, scopes: Array<string> | null, unrestricted: UnrestrictedRule }>, credential: { __typename: 'Credential', prefixes: Array<string>, headers: Array<{ __typename: 'CredentialHeader', name: string, bearer: boolean }> }, keyManagement: { __typename: 'KeyManagement', view: string, change: string } | null, permissions: { __typename: 'PermissionCatalog', model: PermissionModel, minimum: number, freeForm: boolean, unrestrictedAllowed: boolean, superScopes: Array<string>, scopes: Array<{ __typename: 'Scope', id: string, label: string, tone: string | null, group: string | null, description: string | null }>, implications: Array<{ __typename: 'ScopeImplication', scope: string, implies: Array<string> }>, presets: Array<{ __typename: 'ScopePreset', label: string, description: string | null, scopes: Array<string> }>, matrix: { __typename: 'PermissionMatrix', none: string, levels: Array<{ __typename: 'MatrixLevel', id: string, label: string }> } | null }, expiry: { __typename: 'ExpiryPolicy', required: boolean, noExpiry: boolean, defaultDays: number | null, maxLifetimeDays: number | null, reminders: Array<number>, presets: Array<{ __typename: 'ExpiryPreset', days: number, label: string }> } | null, rateLimit: { __typename: 'RateLimitPolicy', min: number, max: number, default: number | null, windowSeconds: number } | null, rotation: { __typename: 'RotationPolicy', enabled: boolean, defaultOverlapSeconds: number, maxOverlapSeconds: number }, removal: { __typename: 'RemovalPolicy', mode: RemovalMode, revoke: boolean, erase: boolean, reasons: Array<string> }, resourceTypes: Array<{ __typename: 'ResourceType', id: string, scope: string | null }>, naming: { __typename: 'Naming', examples: Array<string>, discouraged: Array<string> }, fields: Array<{ __typename: 'Field', id: string, label: string, description: string | null, required: boolean, inCreateForm: boolean, edit: EditMode, reason: string | null }>, operations: Array<{ __typename: 'KeyspaceOperation', action: KeyspaceOperationAction, label: string, roles: Array<Role> }>, columns: Array<{ __typename: 'Column', id: string, label: string, format: string, description: string | null }> } | null, diff: { __typename: 'KeyspaceDiff', changes: Array<{ __typename: 'KeyspaceChange', path: Array<string>, before: unknown, after: unknown }>, effects: Array<{ __typename: 'KeyspaceEffect', kind: KeyspaceEffectKind, path: Array<string>, message: string }> }, problems: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }>, warnings: Array<{ __typename: 'Warning', code: string, message: string }>, enforcement: { __typename: 'Enforcement', confirmed: number, total: number } | null }
    | { __typename: 'InvalidInput', code: string, message: string, path: Array<string> | null, issues: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }> }
    | { __typename: 'InvalidState', status: KeyStatus, code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotAllowed', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotEnabled', code: string, message: string, path: Array<string> | null }
    | { __typename: 'NotFound', code: string, message: string, path: Array<string> | null }
    | { __typename: 'OutcomeUnknown', commandId: string, code: string, message: string, path: Array<string> | null }
    | { __typename: 'SecretAlreadyRevealed', position: string, code: string, message: string, path: Array<string> | null, key: { __typename: 'ApiKey', id: string, name: string } | null }
    | { __typename: 'StorageFull', code: string, message: string, path: Array<string> | null }
    | { __typename: 'Unavailable', retryAfterSeconds: number, code: string, message: string, path: Array<string> | null }
    | { __typename: 'VersionConflict', expected: number, actual: number, code: string, message: string, path: Array<string> | null }
   };

export type ProfileChangeQueryVariables = Exact<{
  id: string | number;
}>;


export type ProfileChangeQuery = { __typename: 'Query', node:
    | { __typename: 'ApiKey', id: string }
    | { __typename: 'Keyspace', id: string, history: { __typename: 'KeyEventConnection', nodes: Array<{ __typename: 'KeyEvent', id: string, time: string, actor: { __typename: 'Actor', kind: ActorKind, id: string } | null }> } }
    | { __typename: 'Request', id: string }
    | { __typename: 'Workspace', id: string }
   | null };

export type EditedProfileQueryVariables = Exact<{
  source: string;
  changes?: Array<ProfileChangeInput> | ProfileChangeInput | null | undefined;
  form: boolean;
}>;


export type EditedProfileQuery = { __typename: 'Query', editedProfile: { __typename: 'EditedProfile', source: string, profile: unknown, problems: Array<{ __typename: 'InputIssue', path: Array<string>, message: string }>, members?: Array<{ __typename: 'ProfileMember', path: Array<string>, label: string, description: string | null, kind: ProfileMemberKind, required: boolean, fallback: unknown, instead: string | null, choices: Array<string>, minimum: number | null, maximum: number | null }> } | null };

export const KeyEventsDocument = "subscription KeyEvents($workspaceId:String!$after:Position){keyEvents(workspaceId:$workspaceId after:$after){id type subject version}}" as unknown as DocumentNode<KeyEventsSubscription, KeyEventsSubscriptionVariables>;
export const FrameDocument = "query Frame{viewer{actor{kind id}email operator workspaces{role workspace{id workspaceId keyspaces{id slug name actions labels{title}}}}}keyspaces{id slug name actions}}" as unknown as DocumentNode<FrameQuery, FrameQueryVariables>;
export const AuditKeyspacesDocument = "query AuditKeyspaces($workspace:String!){workspace(id:$workspace){id keyspaces{...AuditKeyspace}}}fragment AuditKeyspace on Keyspace{id slug name fields{id label}labels{statuses{status label}}}" as unknown as DocumentNode<AuditKeyspacesQuery, AuditKeyspacesQueryVariables>;
export const AuditHistoryDocument = "query AuditHistory($workspace:String!$last:Int!$after:String$filter:HistoryFilter){workspace(id:$workspace){id history(last:$last before:$after filter:$filter){totalCount pageInfo{hasNextPage:hasPreviousPage endCursor:startCursor}nodes{...HistoryEvent subject prev}}}}fragment HistoryEvent on KeyEvent{id type version time actor{kind id}requestId keyspaceVersion ip userAgent data hash}" as unknown as DocumentNode<AuditHistoryQuery, AuditHistoryQueryVariables>;
export const AuditKeysDocument = "query AuditKeys($ids:[ID!]!){nodes(ids:$ids){__typename id ...on ApiKey{keyId name quarantined keyspace{id}}}}" as unknown as DocumentNode<AuditKeysQuery, AuditKeysQueryVariables>;
export const AuditAccessDocument = "query AuditAccess($workspace:String!$filter:KeyFilter!$asOf:DateTime!$first:Int!$after:String){workspace(id:$workspace){id keys(first:$first after:$after filter:$filter asOf:$asOf orderBy:{field:NAME direction:ASC}){totalCount pageInfo{hasNextPage endCursor}nodes{id keyId name preview environment ...ReviewedAccess keyspace{id name}}}}}fragment ReviewedAccess on ApiKey{id status scopes unrestricted resources{all ids}owner{id email}expiresAt}" as unknown as DocumentNode<AuditAccessQuery, AuditAccessQueryVariables>;
export const AuditReviewDocument = "query AuditReview($workspace:String!$from:DateTime!$to:DateTime!$first:Int!$after:String){workspace(id:$workspace){id accessReview(from:$from to:$to first:$first after:$after){totalCount pageInfo{hasNextPage endCursor}rows{key{id keyId name lastUsedAt keyspace{id slug}}before{...ReviewedAccess}after{...ReviewedAccess}changes{id type time actor{kind id}}}}}}fragment ReviewedAccess on ApiKey{id status scopes unrestricted resources{all ids}owner{id email}expiresAt}" as unknown as DocumentNode<AuditReviewQuery, AuditReviewQueryVariables>;
export const AuditCheckpointsDocument = "query AuditCheckpoints($workspace:String!$first:Int!$after:String){workspace(id:$workspace){id checkpoints(first:$first after:$after){totalCount pageInfo{hasNextPage endCursor}nodes{id number time count position root previous}}}}" as unknown as DocumentNode<AuditCheckpointsQuery, AuditCheckpointsQueryVariables>;
export const CreateKeyDocument = "mutation CreateKey($input:CreateKeyInput!){createKey(input:$input){__typename ...on CreateKeyPayload{position secret key{id name}}...Refusal}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<CreateKeyMutation, CreateKeyMutationVariables>;
export const UpdateKeyDocument = "mutation UpdateKey($input:UpdateKeyInput!){updateKey(input:$input){__typename ...on UpdateKeyPayload{position secret key{...EditedKey}}...Refusal}}fragment EditedKey on ApiKey{id name version}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<UpdateKeyMutation, UpdateKeyMutationVariables>;
export const ChangeScopesDocument = "mutation ChangeScopes($input:ChangeScopesInput!){changeScopes(input:$input){__typename ...on ChangeScopesPayload{position secret key{...EditedKey}}...Refusal}}fragment EditedKey on ApiKey{id name version}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<ChangeScopesMutation, ChangeScopesMutationVariables>;
export const ChangeRestrictionsDocument = "mutation ChangeRestrictions($input:ChangeRestrictionsInput!){changeRestrictions(input:$input){__typename ...on ChangeRestrictionsPayload{position secret key{...EditedKey}}...Refusal}}fragment EditedKey on ApiKey{id name version}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<ChangeRestrictionsMutation, ChangeRestrictionsMutationVariables>;
export const ChangeExpiryDocument = "mutation ChangeExpiry($input:ChangeExpiryInput!){changeExpiry(input:$input){__typename ...on ChangeExpiryPayload{position secret key{...EditedKey}}...Refusal}}fragment EditedKey on ApiKey{id name version}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<ChangeExpiryMutation, ChangeExpiryMutationVariables>;
export const KeyNowDocument = "query KeyNow($id:ID!$present:Boolean!=true){key(id:$id){...KeyRow history(last:20){nodes{id type version time actor{kind id}}}}}fragment KeyRow on ApiKey{id keyId version name description preview type environment status quarantined actions scopes unrestricted resources{all ids}flags origins ipRanges rateLimit{limit windowSeconds}owner{id email}tags metadata createdAt createdBy{kind id}expiresAt lastRotatedAt lastUsedAt@include(if:$present)lastSeenAt@include(if:$present)requestCount@include(if:$present)}" as unknown as DocumentNode<KeyNowQuery, KeyNowQueryVariables>;
export const RegenerateKeyDocument = "mutation RegenerateKey($input:RegenerateKeyInput!){regenerateKey(input:$input){__typename ...on RegenerateKeyPayload{position secret key{id name}}...Refusal}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<RegenerateKeyMutation, RegenerateKeyMutationVariables>;
export const HealthDocument = "query Health{health{projections{name lag generation rebuild{progress}parked{...ParkedRow}}verifiers{id asOf leaseUntil position}}}fragment ParkedRow on ParkedRecord{aggregateId position reason time}" as unknown as DocumentNode<HealthQuery, HealthQueryVariables>;
export const StartRebuildDocument = "mutation StartRebuild($input:RebuildProjectionsInput!){rebuildProjections(input:$input){__typename ...on RebuildProjectionsPayload{generation}...Refusal}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<StartRebuildMutation, StartRebuildMutationVariables>;
export const RetryParkedDocument = "mutation RetryParked($input:RetryParkedInput!){retryParked(input:$input){__typename ...on RetryParkedPayload{parked{position}}...Refusal}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<RetryParkedMutation, RetryParkedMutationVariables>;
export const DiscardRecordDocument = "mutation DiscardRecord($input:DiscardRecordInput!){discardRecord(input:$input){__typename ...on DiscardRecordPayload{position}...Refusal}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<DiscardRecordMutation, DiscardRecordMutationVariables>;
export const KeyPageDocument = "query KeyPage($id:ID!$asOf:DateTime$present:Boolean!){key(id:$id asOf:$asOf){...KeyRow workspaceId secretFirstUsedAt@include(if:$present)previousSecret@include(if:$present){retiresAt lastUsedAt requestCount}predecessor{id keyId name}successors{id keyId name}revocation{at reason note by{kind id}}removals:history(last:1 filter:{types:[KEY_DISABLED KEY_REVOKED KEY_DELETED]})@include(if:$present){nodes{type version}}keyspace{...KeyspaceView requestLogDays}}}fragment KeyRow on ApiKey{id keyId version name description preview type environment status quarantined actions scopes unrestricted resources{all ids}flags origins ipRanges rateLimit{limit windowSeconds}owner{id email}tags metadata createdAt createdBy{kind id}expiresAt lastRotatedAt lastUsedAt@include(if:$present)lastSeenAt@include(if:$present)requestCount@include(if:$present)}fragment KeyspaceView on Keyspace{id slug version name actions labels{title noun create submit save cancel empty noExpiry neverUsed customExpiry unrestricted restricted restrict reveal{title copy copied done}statuses{status label}}texts{subtitle reveal secrecy unrestricted restricted quickStart success{action text}guidance{title text}}columns{id label format description}operations{action label description inMenu confirmation{title text button}}fields{id label kind description required default rules edit reason inCreateForm inEditForm options{value label tone group description}}types{id label description public scopes unrestricted}permissions{model freeForm minimum superScopes unrestrictedAllowed scopes{id label tone group description}presets{label description scopes}implications{scope implies}matrix{none noneDescription levels{id label description}resources{id label group description}}}expiry{afterToday custom defaultDays maxLifetimeDays noExpiry presets{days label}bands{upToDays title text}}rateLimit{default min max windowSeconds}naming{discouraged advice examples}rotation{enabled defaultOverlapSeconds maxOverlapSeconds}environments resourceNoun resourceAll credential{headers{name bearer}prefixes}quickStart{tab title code}timeZone}" as unknown as DocumentNode<KeyPageQuery, KeyPageQueryVariables>;
export const KeyUsageDocument = "query KeyUsage($id:ID!$from:DateTime!$to:DateTime!$bucket:UsageBucket!){key(id:$id){id usage(from:$from to:$to bucket:$bucket){start total outcomes{code count}}}}" as unknown as DocumentNode<KeyUsageQuery, KeyUsageQueryVariables>;
export const KeyHistoryDocument = "query KeyHistory($id:ID!$last:Int!$after:String$filter:HistoryFilter){key(id:$id){id history(last:$last before:$after filter:$filter){totalCount pageInfo{hasNextPage:hasPreviousPage endCursor:startCursor}nodes{...HistoryEvent}}}}fragment HistoryEvent on KeyEvent{id type version time actor{kind id}requestId keyspaceVersion ip userAgent data hash}" as unknown as DocumentNode<KeyHistoryQuery, KeyHistoryQueryVariables>;
export const KeyRequestsDocument = "query KeyRequests($id:ID!$first:Int!$after:String$filter:RequestFilter){key(id:$id){id requests(first:$first after:$after filter:$filter){totalCount pageInfo{hasNextPage endCursor}nodes{...RequestRow}}}}fragment RequestRow on Request{id requestId time code method path origin ip userAgent secret asked keyVersion keyspaceVersion position}" as unknown as DocumentNode<KeyRequestsQuery, KeyRequestsQueryVariables>;
export const RequestDecisionDocument = "query RequestDecision($id:ID!){node(id:$id){__typename id ...on Request{recomputed decidedBy{type version time actor{kind id}}}}}" as unknown as DocumentNode<RequestDecisionQuery, RequestDecisionQueryVariables>;
export const KeyCallersDocument = "query KeyCallers($id:ID!$filter:RequestFilter!){key(id:$id){id requests(first:100 filter:$filter){totalCount nodes{id time ip userAgent}}}}" as unknown as DocumentNode<KeyCallersQuery, KeyCallersQueryVariables>;
export const RemovalQuestionDocument = "query RemovalQuestion($id:ID!){key(id:$id){id version status lastUsedAt actions previousSecret{retiresAt lastUsedAt requestCount}keyspace{id removal{mode reasons}texts{reasons{reason text}}}}}" as unknown as DocumentNode<RemovalQuestionQuery, RemovalQuestionQueryVariables>;
export const KeyReceiptDocument = "query KeyReceipt($id:ID!$version:Int!){key(id:$id){id enforcement(version:$version){...Receipt}}}fragment Receipt on Enforcement{confirmed total confirmedAt verifiers{id position confirmedAt}}" as unknown as DocumentNode<KeyReceiptQuery, KeyReceiptQueryVariables>;
export const RemoveByDisableDocument = "mutation RemoveByDisable($input:DisableKeyInput!){disableKey(input:$input){__typename ...on DisableKeyPayload{key{...KeyRemoved}enforcement{...Receipt}}...Refusal}}fragment KeyRemoved on ApiKey{...KeySwitched previousSecret{retiresAt lastUsedAt requestCount}revocation{at reason note by{kind id}}}fragment KeySwitched on ApiKey{id version status actions}fragment Receipt on Enforcement{confirmed total confirmedAt verifiers{id position confirmedAt}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<RemoveByDisableMutation, RemoveByDisableMutationVariables>;
export const RemoveByRevokeDocument = "mutation RemoveByRevoke($input:RevokeKeyInput!){revokeKey(input:$input){__typename ...on RevokeKeyPayload{key{...KeyRemoved}enforcement{...Receipt}}...Refusal}}fragment KeyRemoved on ApiKey{...KeySwitched previousSecret{retiresAt lastUsedAt requestCount}revocation{at reason note by{kind id}}}fragment KeySwitched on ApiKey{id version status actions}fragment Receipt on Enforcement{confirmed total confirmedAt verifiers{id position confirmedAt}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<RemoveByRevokeMutation, RemoveByRevokeMutationVariables>;
export const RemoveByDeleteDocument = "mutation RemoveByDelete($input:DeleteKeyInput!){deleteKey(input:$input){__typename ...on DeleteKeyPayload{key{...KeyRemoved}enforcement{...Receipt}}...Refusal}}fragment KeyRemoved on ApiKey{...KeySwitched previousSecret{retiresAt lastUsedAt requestCount}revocation{at reason note by{kind id}}}fragment KeySwitched on ApiKey{id version status actions}fragment Receipt on Enforcement{confirmed total confirmedAt verifiers{id position confirmedAt}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<RemoveByDeleteMutation, RemoveByDeleteMutationVariables>;
export const RetireByHandDocument = "mutation RetireByHand($input:RetirePreviousSecretInput!){retirePreviousSecret(input:$input){__typename ...on RetirePreviousSecretPayload{key{...KeyRemoved}enforcement{...Receipt}}...Refusal}}fragment KeyRemoved on ApiKey{...KeySwitched previousSecret{retiresAt lastUsedAt requestCount}revocation{at reason note by{kind id}}}fragment KeySwitched on ApiKey{id version status actions}fragment Receipt on Enforcement{confirmed total confirmedAt verifiers{id position confirmedAt}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<RetireByHandMutation, RetireByHandMutationVariables>;
export const DisableKeyDocument = "mutation DisableKey($input:DisableKeyInput!){disableKey(input:$input){__typename ...on DisableKeyPayload{position key{...KeySwitched}}...Refusal}}fragment KeySwitched on ApiKey{id version status actions}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<DisableKeyMutation, DisableKeyMutationVariables>;
export const EnableKeyDocument = "mutation EnableKey($input:EnableKeyInput!){enableKey(input:$input){__typename ...on EnableKeyPayload{position key{...KeySwitched}}...Refusal}}fragment KeySwitched on ApiKey{id version status actions}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<EnableKeyMutation, EnableKeyMutationVariables>;
export const KeyspacePageDocument = "query KeyspacePage($workspace:String!$slug:String!){workspace(id:$workspace){id keyspace(slug:$slug){...KeyspaceView}}}fragment KeyspaceView on Keyspace{id slug version name actions labels{title noun create submit save cancel empty noExpiry neverUsed customExpiry unrestricted restricted restrict reveal{title copy copied done}statuses{status label}}texts{subtitle reveal secrecy unrestricted restricted quickStart success{action text}guidance{title text}}columns{id label format description}operations{action label description inMenu confirmation{title text button}}fields{id label kind description required default rules edit reason inCreateForm inEditForm options{value label tone group description}}types{id label description public scopes unrestricted}permissions{model freeForm minimum superScopes unrestrictedAllowed scopes{id label tone group description}presets{label description scopes}implications{scope implies}matrix{none noneDescription levels{id label description}resources{id label group description}}}expiry{afterToday custom defaultDays maxLifetimeDays noExpiry presets{days label}bands{upToDays title text}}rateLimit{default min max windowSeconds}naming{discouraged advice examples}rotation{enabled defaultOverlapSeconds maxOverlapSeconds}environments resourceNoun resourceAll credential{headers{name bearer}prefixes}quickStart{tab title code}timeZone}" as unknown as DocumentNode<KeyspacePageQuery, KeyspacePageQueryVariables>;
export const KeysPageDocument = "query KeysPage($workspace:String!$filter:KeyFilter!$orderBy:KeyOrder!$first:Int!$after:String$asOf:DateTime$present:Boolean!){workspace(id:$workspace){id position keys(first:$first after:$after filter:$filter orderBy:$orderBy asOf:$asOf){totalCount pageInfo{hasNextPage endCursor}nodes{...KeyRow}}}}fragment KeyRow on ApiKey{id keyId version name description preview type environment status quarantined actions scopes unrestricted resources{all ids}flags origins ipRanges rateLimit{limit windowSeconds}owner{id email}tags metadata createdAt createdBy{kind id}expiresAt lastRotatedAt lastUsedAt@include(if:$present)lastSeenAt@include(if:$present)requestCount@include(if:$present)}" as unknown as DocumentNode<KeysPageQuery, KeysPageQueryVariables>;
export const ChangedKeysDocument = "query ChangedKeys($ids:[ID!]!$present:Boolean!=true){nodes(ids:$ids){__typename id ...on ApiKey{...KeyRow}}}fragment KeyRow on ApiKey{id keyId version name description preview type environment status quarantined actions scopes unrestricted resources{all ids}flags origins ipRanges rateLimit{limit windowSeconds}owner{id email}tags metadata createdAt createdBy{kind id}expiresAt lastRotatedAt lastUsedAt@include(if:$present)lastSeenAt@include(if:$present)requestCount@include(if:$present)}" as unknown as DocumentNode<ChangedKeysQuery, ChangedKeysQueryVariables>;
export const NewestKeysDocument = "query NewestKeys($workspace:String!$filter:KeyFilter!$first:Int!){workspace(id:$workspace){id keys(first:$first filter:$filter orderBy:{field:CREATED_AT direction:DESC}){nodes{id keyId createdAt}}}}" as unknown as DocumentNode<NewestKeysQuery, NewestKeysQueryVariables>;
export const OwnerKeysDocument = "query OwnerKeys($workspace:String!$slug:String!$filter:KeyFilter!$first:Int!$after:String){workspace(id:$workspace){id keyspace(slug:$slug){id removal{reasons}texts{reasons{reason text}}}keys(first:$first after:$after filter:$filter orderBy:{field:CREATED_AT direction:DESC}){totalCount pageInfo{hasNextPage endCursor}nodes{id keyId name preview version actions lastUsedAt}}}}" as unknown as DocumentNode<OwnerKeysQuery, OwnerKeysQueryVariables>;
export const KeyspaceProfileDocument = "query KeyspaceProfile($id:ID!){node(id:$id){__typename id ...ProfileView}}fragment ProfileView on Keyspace{id slug name version source actions labels{title noun create submit empty noExpiry neverUsed unrestricted restricted statuses{status label}}texts{subtitle reveal}types{id label description public originsRequired scopes unrestricted}environments flags timeZone requestLogDays credential{prefixes headers{name bearer}}keyManagement{view change}permissions{model minimum freeForm unrestrictedAllowed superScopes scopes{id label tone group description}implications{scope implies}presets{label description scopes}matrix{none levels{id label}}}expiry{required noExpiry defaultDays maxLifetimeDays reminders presets{days label}}rateLimit{min max default windowSeconds}rotation{enabled defaultOverlapSeconds maxOverlapSeconds}removal{mode revoke erase reasons}resourceNoun resourceAll resourceTypes{id scope}naming{examples discouraged}fields{id label description required inCreateForm edit reason}operations{action label roles}columns{id label format description}}" as unknown as DocumentNode<KeyspaceProfileQuery, KeyspaceProfileQueryVariables>;
export const DefineProfileDocument = "mutation DefineProfile($input:DefineKeyspaceInput!){defineKeyspace(input:$input){__typename ...on DefineKeyspacePayload{keyspace{...ProfileView}diff{changes{path before after}effects{kind path message}}problems{path message}warnings{code message}enforcement{confirmed total}}...Refusal}}fragment ProfileView on Keyspace{id slug name version source actions labels{title noun create submit empty noExpiry neverUsed unrestricted restricted statuses{status label}}texts{subtitle reveal}types{id label description public originsRequired scopes unrestricted}environments flags timeZone requestLogDays credential{prefixes headers{name bearer}}keyManagement{view change}permissions{model minimum freeForm unrestrictedAllowed superScopes scopes{id label tone group description}implications{scope implies}presets{label description scopes}matrix{none levels{id label}}}expiry{required noExpiry defaultDays maxLifetimeDays reminders presets{days label}}rateLimit{min max default windowSeconds}rotation{enabled defaultOverlapSeconds maxOverlapSeconds}removal{mode revoke erase reasons}resourceNoun resourceAll resourceTypes{id scope}naming{examples discouraged}fields{id label description required inCreateForm edit reason}operations{action label roles}columns{id label format description}}fragment Refusal on Error{__typename code message path ...on InvalidInput{issues{path message}}...on InvalidState{status}...on VersionConflict{expected actual}...on OutcomeUnknown{commandId}...on SecretAlreadyRevealed{position key{id name}}...on Unavailable{retryAfterSeconds}}" as unknown as DocumentNode<DefineProfileMutation, DefineProfileMutationVariables>;
export const ProfileChangeDocument = "query ProfileChange($id:ID!){node(id:$id){__typename id ...on Keyspace{history(last:1 filter:{types:[KEYSPACE_DEFINED KEYSPACE_CHANGED]}){nodes{id time actor{kind id}}}}}}" as unknown as DocumentNode<ProfileChangeQuery, ProfileChangeQueryVariables>;
export const EditedProfileDocument = "query EditedProfile($source:String!$changes:[ProfileChangeInput!]$form:Boolean!){editedProfile(source:$source changes:$changes){source profile problems{path message}members@include(if:$form){path label description kind required fallback instead choices minimum maximum}}}" as unknown as DocumentNode<EditedProfileQuery, EditedProfileQueryVariables>;