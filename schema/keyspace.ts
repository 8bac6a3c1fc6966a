// Keyspace: all that a frontend needs to draw a product that it does not know, read from the profile.
import { offeredActions } from '../events/key/access.ts';
import { expiryNeeded, mustEnd, remindersOf } from '../events/keyspaces/form.ts';
import { keyspaceActionsFor } from '../events/keyspaces/actions.ts';
import { sourceText } from '../events/keyspaces/source-text.ts';
import { entryOf } from '../events/keyspaces/state.ts';
import type { Profile } from '../events/keyspaces/profile.ts';
import { secretPrefixes, tokenFormat } from '../events/keyspaces/token-format.ts';
import { actionLabel, confirmationOf, lifetimeLabel } from '../events/keyspaces/words.ts';
import { keyspaceAnywhere, keyspaceIn, type VisibleKeyspace } from './access.ts';
import { AT_LEAST } from './at-least.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { ENFORCED_VERSION, Enforcement, enforcementOfKeyspace } from './enforcement.ts';
import { KeyspaceAction } from './enums.ts';
import { LOADS } from './field-cost.ts';
import { HistoryFilter, keyspaceHistory } from './history.ts';
import { KeyEvent, KeyEventConnection } from './key-event.ts';
import { fieldsOf } from './keyspace-fields.ts';
import { UNCACHED } from './loaders.ts';
import {
  Column,
  Credential,
  ExpiryPolicy,
  Field,
  KeyManagement,
  KeyType,
  QuickStartStep,
  RateLimitPolicy,
  RemovalPolicy,
  ResourceType,
  RotationPolicy,
} from './keyspace-parts.ts';
import { PermissionCatalog } from './keyspace-permissions.ts';
import { KeyspaceLabels, KeyspaceOperation, KeyspaceTexts, Naming } from './keyspace-words.ts';

/** `slug`, or `workspace/slug` where it is met in one workspace: what a caller may do there is part of it. */
const idOf = ({ entry, workspaceId }: VisibleKeyspace): string =>
  workspaceId === null ? entry.profile.slug : `${workspaceId}/${entry.profile.slug}`;

async function loadKeyspaces(ids: readonly string[], context: Context): Promise<readonly (VisibleKeyspace | null)[]> {
  const keyspaces = await context.read((view) => view.keyspaces());
  return ids.map((id) => {
    const at = id.indexOf('/');
    const entry = entryOf(keyspaces, id.slice(at + 1));
    if (!entry) return null;
    return at < 0 ? keyspaceAnywhere(context.caller, entry) : keyspaceIn(context.caller, entry, id.slice(0, at));
  });
}

/** Who else has the keyspace is for operators alone. */
function sourceOf(profile: Profile, operator: boolean): string {
  return operator || profile.workspaces === 'all' ? wholeSource(profile) : sharedSource(profile);
}

const wholeSource = oncePerProfile(sourceText);
const sharedSource = oncePerProfile((profile) =>
  sourceText(Object.fromEntries(Object.entries(profile).filter(([member]) => member !== 'workspaces'))),
);
/** Whoever may not view may do nothing. */
const creation = ({ roles: { view, create } }: Profile) =>
  ({ action: 'CREATE', roles: view.filter((role) => create.includes(role)) }) as const;

const formFields = oncePerProfile((profile) => [...fieldsOf(profile)]);

/** A profile is one object until the next event changes it, and each of its keys may ask for what is made of it. */
function oncePerProfile<T>(make: (profile: Profile) => T): (profile: Profile) => T {
  const made = new WeakMap<Profile, T>();
  return (profile) => {
    const known = made.get(profile);
    if (known !== undefined) return known;
    const fresh = make(profile);
    made.set(profile, fresh);
    return fresh;
  };
}

export const Keyspace = builder.loadableNodeRef('Keyspace', {
  id: { resolve: (keyspace: VisibleKeyspace) => idOf(keyspace) },
  load: async (ids: string[], context) => (await loadKeyspaces(ids, context)) as VisibleKeyspace[],
  loaderOptions: UNCACHED,
});

Keyspace.implement({
  description: 'The API-key system of one product.',
  fields: (t) => ({
    slug: t.string({
      description: 'What `createKey` and filters name it by.',
      resolve: ({ entry }) => entry.profile.slug,
    }),
    version: t.int({
      description: 'Of the profile; one more with each change.',
      resolve: ({ entry }) => entry.version,
    }),
    name: t.string({ resolve: ({ entry }) => entry.profile.name }),
    actions: t.field({
      type: [KeyspaceAction],
      description: 'What this caller may do here.',
      resolve: ({ entry, workspaceId, standings }, _, { caller }) =>
        keyspaceActionsFor({ profile: entry.profile, workspaceId, standings, operator: caller.operator }),
    }),
    operations: t.field({
      type: [KeyspaceOperation],
      description:
        'What the keyspace offers to do with keys, making them first, with the roles that may; a key’s own `actions` say what this caller may now.',
      resolve: ({ entry: { profile } }) =>
        [creation(profile), ...offeredActions(profile)].map(({ action, roles }) => ({
          action,
          roles,
          label: action === 'CREATE' ? profile.labels.create : actionLabel(profile, action),
          description: profile.texts.actions?.[action] ?? null,
          inMenu: profile.menu?.includes(action) ?? action !== 'CREATE',
          confirmation: confirmationOf(profile, action),
        })),
    }),
    labels: t.field({ type: KeyspaceLabels, resolve: ({ entry }) => entry.profile }),
    texts: t.field({ type: KeyspaceTexts, resolve: ({ entry }) => entry.profile }),
    naming: t.field({ type: Naming, resolve: ({ entry }) => entry.profile.naming }),
    columns: t.field({
      type: [Column],
      description: 'Of the table of keys.',
      resolve: ({ entry }) => entry.profile.columns,
    }),
    fields: t.field({
      type: [Field],
      description: 'Of keys: those of the form to create in its order, then the others.',
      resolve: ({ entry }) => formFields(entry.profile),
    }),
    permissions: t.field({ type: PermissionCatalog, resolve: ({ entry }) => entry.profile.permissions }),
    credential: t.field({
      type: Credential,
      resolve: ({ entry: { profile } }) => ({
        ...profile.credential,
        prefixes: secretPrefixes(tokenFormat(profile)).map((prefix) => `${prefix}_`),
      }),
    }),
    rotation: t.field({ type: RotationPolicy, resolve: ({ entry }) => entry.profile.rotation }),
    removal: t.field({ type: RemovalPolicy, resolve: ({ entry }) => entry.profile.removal }),
    expiry: t.field({
      type: ExpiryPolicy,
      nullable: true,
      resolve: ({ entry: { profile } }) =>
        profile.expiry && {
          ...profile.expiry,
          required: expiryNeeded(profile),
          noExpiry: !mustEnd(profile),
          reminders: remindersOf(profile),
          timeZone: profile.timeZone,
          presets: profile.expiry.presetDays.map((days) => ({ days, label: lifetimeLabel(profile, days) })),
        },
    }),
    rateLimit: t.field({ type: RateLimitPolicy, nullable: true, resolve: ({ entry }) => entry.profile.rateLimit }),
    quickStart: t.field({ type: [QuickStartStep], resolve: ({ entry }) => entry.profile.quickStart }),
    types: t.field({ type: [KeyType], resolve: ({ entry }) => entry.profile.types }),
    environments: t.stringList({ resolve: ({ entry }) => entry.profile.environments.map(({ id }) => id) }),
    resourceNoun: t.string({ nullable: true, resolve: ({ entry }) => entry.profile.resources?.noun ?? null }),
    resourceAll: t.string({
      nullable: true,
      description: 'What having access to all resources is called.',
      resolve: ({ entry }) => entry.profile.resources?.all ?? null,
    }),
    keyManagement: t.field({
      type: KeyManagement,
      nullable: true,
      description: 'Null: keys of this keyspace manage no keys.',
      resolve: ({ entry: { profile } }) => (profile.managesKeys === false ? null : profile.managesKeys),
    }),
    requestLogDays: t.int({
      description: 'How long calls are kept in the request log.',
      resolve: ({ entry }) => entry.profile.requestLogDays,
    }),
    resourceTypes: t.field({
      type: [ResourceType],
      description: 'Empty: resources of any type, under any scope.',
      resolve: ({ entry }) => entry.profile.resources?.types ?? [],
    }),
    flags: t.stringList({
      description: 'Those that a key may have.',
      resolve: ({ entry }) => entry.profile.flags.map(({ id }) => id),
    }),
    timeZone: t.string({
      description: 'In which days of expiry are judged.',
      resolve: ({ entry }) => entry.profile.timeZone,
    }),
    history: t.connection(
      {
        type: KeyEvent,
        description:
          'How the profile came to be, and the records of no key that were discarded; oldest first; empty for all but operators.',
        args: { filter: t.arg({ type: HistoryFilter, description: 'Absent: every event.' }), atLeast: t.arg(AT_LEAST) },
        resolve: keyspaceHistory,
      },
      KeyEventConnection,
    ),
    enforcement: t.field({
      type: Enforcement,
      nullable: true,
      description:
        'Which verifiers have folded the event that made this version, as it is now; null: there is no such event.',
      args: { version: t.arg.int({ required: true, description: ENFORCED_VERSION }) },
      extensions: LOADS,
      resolve: ({ entry }, { version }, context) => enforcementOfKeyspace(entry.profile.slug, version, context),
    }),
    source: t.string({
      description: 'The profile as YAML.',
      extensions: { cost: 100 },
      resolve: ({ entry }, _, { caller }) => sourceOf(entry.profile, caller.operator),
    }),
  }),
});
