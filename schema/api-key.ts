// ApiKey: a key as this caller sees it, now or as it was at a time.
import { actionsFor } from '../events/key/access.ts';
import { statusAt } from '../events/key/state.ts';
import { seesUsage, type VisibleKey } from './access.ts';
import { Actor } from './actor.ts';
import { notOfPast } from './as-of.ts';
import { AT_LEAST } from './at-least.ts';
import { builder } from './builder.ts';
import { ENFORCED_VERSION, Enforcement, enforcementOfKey } from './enforcement.ts';
import { KeyAction, KeyStatus, UsageBucket } from './enums.ts';
import { COUNTS, LOADS } from './field-cost.ts';
import { HistoryFilter, keyHistory } from './history.ts';
import { KeyEvent, KeyEventConnection } from './key-event.ts';
import { Owner, PreviousSecret, type PreviousSecretShape, RateLimit, ResourceAccess, Revocation } from './key-parts.ts';
import { Keyspace } from './keyspace.ts';
import { keyRequests, RequestFilter } from './request-list.ts';
import { Request, RequestConnection } from './request-ref.ts';
import { loadPreviousSecrets, loadSecretUses } from './secret-uses.ts';
import { USAGE_FIELD, usageOf, UsagePoint } from './usage.ts';
import { keyRef, loadKeys, loadQuarantined, loadSuccessors, UNCACHED } from './loaders.ts';

const refTo = ({ row, asOf }: VisibleKey, keyId = row.state.keyId): string =>
  keyRef([row.state.workspaceId], keyId, asOf);

export const ApiKey = builder.loadableNodeRef('ApiKey', {
  id: {
    resolve: ({ row }: VisibleKey) => row.state.keyId,
    parse: (id, { caller }) => keyRef(caller.workspaces.keys(), id),
  },
  load: async (refs: string[], context) => (await loadKeys(refs, context)) as VisibleKey[],
  loaderOptions: UNCACHED,
});

ApiKey.implement({
  description:
    'An API key as this caller sees it now, or as it was where `asOf` was given. Its secret is in none of this.',
  fields: (t) => ({
    keyId: t.string({
      description: '`key_…`: what events, logs and the verifier name it by; `id` is for this API alone.',
      resolve: ({ row }) => row.state.keyId,
    }),
    workspaceId: t.string({ resolve: ({ row }) => row.state.workspaceId }),
    keyspace: t.field({
      type: Keyspace,
      resolve: ({ row, keyspace, standing }) => ({
        entry: keyspace,
        workspaceId: row.state.workspaceId,
        standings: [standing],
      }),
    }),
    version: t.int({
      description: 'Counts its events: what `ifVersion` takes.',
      resolve: ({ row }) => row.state.version,
    }),

    name: t.string({ description: 'Empty once it is forgotten.', resolve: ({ row }) => row.details.name }),
    description: t.string({ nullable: true, resolve: ({ row }) => row.details.description }),
    owner: t.field({
      type: Owner,
      nullable: true,
      resolve: ({ row }) => (row.state.ownerId === null ? null : { id: row.state.ownerId, email: row.details.email }),
    }),
    tags: t.stringList({ description: 'For lists to filter by.', resolve: ({ row }) => row.details.tags }),
    metadata: t.field({
      type: 'JSON',
      nullable: true,
      description: 'An object of your own; Keyfold does not read it.',
      extensions: { cost: 10 },
      resolve: ({ row }) => row.details.metadata,
    }),

    type: t.string({ resolve: ({ row }) => row.state.type }),
    environment: t.string({
      nullable: true,
      description: 'Null where the keyspace has none.',
      resolve: ({ row }) => row.state.environment,
    }),
    preview: t.string({ description: 'What may be shown of the secret.', resolve: ({ row }) => row.state.preview }),
    status: t.field({
      type: KeyStatus,
      description: 'Expiry included.',
      resolve: ({ row, asOf }, _, { now }) => statusAt(row.state, asOf ?? now),
    }),

    scopes: t.stringList({ resolve: ({ row }) => row.state.scopes }),
    unrestricted: t.boolean({
      description: 'Every scope, future ones too.',
      resolve: ({ row }) => row.state.unrestricted,
    }),
    resources: t.field({ type: ResourceAccess, resolve: ({ row }) => row.state.resources }),
    flags: t.stringList({ description: 'Some of those of the keyspace.', resolve: ({ row }) => row.state.flags }),
    origins: t.stringList({
      description: 'Web origins that may use it; empty: any caller.',
      resolve: ({ row }) => row.state.origins,
    }),
    ipRanges: t.stringList({
      description: 'Addresses and networks that may use it; empty: any.',
      resolve: ({ row }) => row.state.ipRanges,
    }),
    rateLimit: t.field({ type: RateLimit, nullable: true, resolve: ({ row }) => row.state.rateLimit }),

    createdAt: t.field({ type: 'DateTime', resolve: ({ row }) => row.state.createdAt }),
    createdBy: t.field({
      type: Actor,
      resolve: ({ row, asOf }) => ({ actor: row.state.createdBy, workspaceIds: [row.state.workspaceId], asOf }),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null: never.',
      resolve: ({ row }) => row.state.expiresAt,
    }),
    lastRotatedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its secret was regenerated last.',
      resolve: ({ row }) => row.state.lastRotatedAt,
    }),
    predecessor: t.field({
      type: ApiKey,
      nullable: true,
      description: 'The key that an edit made this one of.',
      extensions: LOADS,
      resolve: (key) => (key.row.state.predecessor === null ? null : refTo(key, key.row.state.predecessor)),
    }),
    successors: t.loadableList({
      type: ApiKey,
      description: 'Keys that edits of this one made, oldest first.',
      extensions: LOADS,
      load: async (refs: string[], context) => (await loadSuccessors(refs, context)) as VisibleKey[][],
      loaderOptions: UNCACHED,
      resolve: (key) => refTo(key),
    }),

    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The last check that succeeded.',
      resolve: (key) => (seesUsage(notOfPast(key, 'lastUsedAt')) ? key.row.usage.lastUsedAt : null),
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The last check, whatever it came to.',
      resolve: (key) => (seesUsage(notOfPast(key, 'lastSeenAt')) ? key.row.usage.lastSeenAt : null),
    }),
    requestCount: t.float({
      description: 'Over its whole life; 0 for callers who may not see usage.',
      resolve: (key) => (seesUsage(notOfPast(key, 'requestCount')) ? key.row.usage.requestCount : 0),
    }),
    secretFirstUsedAt: t.loadable({
      type: 'DateTime',
      nullable: true,
      description: 'The first successful check with the current secret: whether a rotation has arrived.',
      extensions: LOADS,
      load: async (keys: VisibleKey[], context) =>
        (await loadSecretUses(keys, context)).map(({ firstUsedAt }) => firstUsedAt) as string[],
      loaderOptions: UNCACHED,
      resolve: (key) => notOfPast(key, 'secretFirstUsedAt'),
    }),
    previousSecret: t.loadable({
      type: PreviousSecret,
      nullable: true,
      description: 'While the secret before the current one still works.',
      extensions: LOADS,
      load: (keys: VisibleKey[], context) => loadPreviousSecrets(keys, context) as Promise<PreviousSecretShape[]>,
      loaderOptions: UNCACHED,
      resolve: (key) => key,
    }),
    usage: t.field({
      type: [UsagePoint],
      ...USAGE_FIELD,
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'In the first bucket.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'Exclusive: behind the last bucket, or in it.' }),
        bucket: t.arg({ type: UsageBucket, required: true, description: 'What is added up.' }),
      },
      resolve: (key, args, context) =>
        usageOf(context, seesUsage(notOfPast(key, 'usage')) ? [key.row.state.keyId] : [], args),
    }),
    requests: t.connection(
      {
        type: Request,
        description:
          'Checks of it that are still in the request log, newest first; empty for callers who may not see usage.',
        args: { filter: t.arg({ type: RequestFilter, description: 'Absent: every check.' }) },
        resolve: (key, args, context) => keyRequests(notOfPast(key, 'requests'), args, context),
      },
      RequestConnection,
    ),

    actions: t.field({
      type: [KeyAction],
      description: 'What this caller may do with this key now; nothing with a past one.',
      resolve: ({ row, keyspace, standing, asOf }, _, { now }) =>
        asOf === null ? actionsFor({ state: row.state, profile: keyspace.profile, standing, now }) : [],
    }),
    quarantined: t.loadable({
      type: 'Boolean',
      extensions: { cost: 2 },
      description:
        'A record of this key cannot be read: it is denied everywhere until the record is discarded or mended. As it is now.',
      load: async (refs: string[], context) => [...(await loadQuarantined(refs, context))],
      loaderOptions: UNCACHED,
      resolve: (key) => refTo(key),
    }),
    revocation: t.field({
      type: Revocation,
      nullable: true,
      description: 'Set once it is revoked.',
      resolve: ({ row: { state, details }, asOf }) =>
        state.revocation && { ...state.revocation, note: details.revocationNote, workspaceId: state.workspaceId, asOf },
    }),
    enforcement: t.field({
      type: Enforcement,
      nullable: true,
      description:
        'Which verifiers have folded the event that made this version, as it is now; null: there is no such event.',
      args: { version: t.arg.int({ required: true, description: ENFORCED_VERSION }) },
      extensions: LOADS,
      resolve: ({ row }, { version }, context) => enforcementOfKey(row.state.keyId, version, context),
    }),
    history: t.connection(
      {
        type: KeyEvent,
        description: 'What happened to it until now, oldest first; empty for callers who may not see it.',
        args: { filter: t.arg({ type: HistoryFilter, description: 'Absent: every event.' }), atLeast: t.arg(AT_LEAST) },
        resolve: keyHistory,
      },
      KeyEventConnection,
    ),
  }),
});

export const KeyConnection = builder.connectionObject(
  {
    type: ApiKey,
    name: 'KeyConnection',
    fields: (t) => ({
      totalCount: t.int({
        description: 'Of the whole list, whatever the page.',
        extensions: COUNTS,
        resolve: async ({ totalCount }) => (await totalCount()) ?? 0,
      }),
    }),
  },
  { name: 'KeyEdge' },
);
