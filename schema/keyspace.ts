// Keyspace: all that a frontend needs to draw a product that it does not know, read from the profile.
import { stringify } from 'yaml';
import { keyspaceActionsFor } from '../events/key/access.ts';
import { entryOf } from '../events/keyspaces/state.ts';
import { secretPrefix, type Profile } from '../events/keyspaces/profile.ts';
import { keyspaceAnywhere, keyspaceIn, type VisibleKeyspace } from './access.ts';
import { AT_LEAST } from './at-least.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { KeyspaceAction } from './enums.ts';
import { HistoryFilter, keyspaceHistory } from './history.ts';
import { KeyEvent, KeyEventConnection } from './key-event.ts';
import { fieldsOf } from './keyspace-fields.ts';
import { UNCACHED } from './loaders.ts';
import {
  Column,
  Credential,
  ExpiryPolicy,
  Field,
  KeyspaceLabels,
  KeyType,
  PermissionCatalog,
  QuickStartStep,
  RateLimitPolicy,
  RemovalPolicy,
  RotationPolicy,
} from './keyspace-parts.ts';

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

const wholeSource = oncePerProfile((profile) => stringify(profile));
const sharedSource = oncePerProfile((profile) =>
  stringify(Object.fromEntries(Object.entries(profile).filter(([member]) => member !== 'workspaces'))),
);
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
      resolve: ({ entry, workspaceId, roles }, _, { caller }) =>
        keyspaceActionsFor({ profile: entry.profile, workspaceId, roles, operator: caller.operator }),
    }),
    labels: t.field({ type: KeyspaceLabels, resolve: ({ entry }) => entry.profile.labels }),
    columns: t.field({
      type: [Column],
      description: 'Of the table of keys.',
      resolve: ({ entry }) => entry.profile.columns,
    }),
    fields: t.field({
      type: [Field],
      description: 'Of the forms to create and edit.',
      resolve: ({ entry }) => formFields(entry.profile),
    }),
    permissions: t.field({ type: PermissionCatalog, resolve: ({ entry }) => entry.profile.permissions }),
    credential: t.field({
      type: Credential,
      resolve: ({ entry: { profile } }) => ({ ...profile.credential, prefixes: prefixesOf(profile) }),
    }),
    rotation: t.field({ type: RotationPolicy, resolve: ({ entry }) => entry.profile.rotation }),
    removal: t.field({ type: RemovalPolicy, resolve: ({ entry }) => entry.profile.removal }),
    expiry: t.field({
      type: ExpiryPolicy,
      nullable: true,
      resolve: ({ entry: { profile } }) => profile.expiry && { ...profile.expiry, timeZone: profile.timeZone },
    }),
    rateLimit: t.field({ type: RateLimitPolicy, nullable: true, resolve: ({ entry }) => entry.profile.rateLimit }),
    quickStart: t.field({ type: [QuickStartStep], resolve: ({ entry }) => entry.profile.quickStart }),
    types: t.field({ type: [KeyType], resolve: ({ entry }) => entry.profile.types }),
    environments: t.stringList({ resolve: ({ entry }) => entry.profile.environments }),
    resourceNoun: t.string({ nullable: true, resolve: ({ entry }) => entry.profile.resources?.noun ?? null }),
    flags: t.stringList({ description: 'Those that a key may have.', resolve: ({ entry }) => entry.profile.flags }),
    timeZone: t.string({
      description: 'In which days of expiry are judged.',
      resolve: ({ entry }) => entry.profile.timeZone,
    }),
    history: t.connection(
      {
        type: KeyEvent,
        description: 'How the profile came to be, oldest first; empty for all but operators.',
        args: { filter: t.arg({ type: HistoryFilter, description: 'Absent: every event.' }), atLeast: t.arg(AT_LEAST) },
        resolve: keyspaceHistory,
      },
      KeyEventConnection,
    ),
    source: t.string({
      description: 'The profile as YAML.',
      extensions: { cost: 100 },
      resolve: ({ entry }, _, { caller }) => sourceOf(entry.profile, caller.operator),
    }),
  }),
});

/** What keys begin with, by type and environment. */
function prefixesOf(profile: Profile): string[] {
  const environments = profile.environments.length > 0 ? profile.environments : [null];
  return profile.types.flatMap(({ id }) =>
    environments.map((environment) => `${secretPrefix(profile, id, environment)}_`),
  );
}
