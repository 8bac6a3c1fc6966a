// The mutations on keys, as the contract's table has them.
import { encodePosition, type Position } from '../events/position.ts';
import { builder } from './builder.ts';
import { keyMutation, type InputBuilder } from './mutation.ts';

const ResourceAccessInput = builder.inputType('ResourceAccessInput', {
  fields: (t) => ({
    all: t.boolean({ required: true, defaultValue: false }),
    ids: t.stringList({ required: true, defaultValue: [] }),
  }),
});

const RateLimitInput = builder.inputType('RateLimitInput', {
  fields: (t) => ({
    limit: t.int({ required: true }),
    windowSeconds: t.int({ description: 'The keyspace’s; absent: that.' }),
  }),
});

const OwnerInput = builder.inputType('OwnerInput', {
  fields: (t) => ({
    id: t.string({ required: true, description: 'An opaque id of your directory, not an e-mail address.' }),
    email: t.string(),
  }),
});

const details = (t: InputBuilder) => ({
  description: t.string(),
  owner: t.field({ type: OwnerInput }),
  tags: t.stringList(),
  metadata: t.field({ type: 'JSON', description: 'An object of at most 4 KiB and 4 levels.' }),
});
const scopes = (t: InputBuilder) => ({
  scopes: t.stringList(),
  unrestricted: t.boolean(),
  resources: t.field({ type: ResourceAccessInput }),
  flags: t.stringList(),
});
const restrictions = (t: InputBuilder) => ({
  origins: t.stringList(),
  ipRanges: t.stringList(),
  rateLimit: t.field({ type: RateLimitInput }),
});
const note = (t: InputBuilder) => ({ note: t.string() });

/** An edit of what the keyspace turns into a successor makes a new key, with a secret. */
const EDIT = { secret: true, predecessor: true };

keyMutation('createKey', {
  description: 'Makes a key. Its secret is in this answer and nowhere else.',
  ofKey: false,
  ifVersion: false,
  shows: { secret: true },
  fields: (t) => ({
    workspaceId: t.string({ required: true }),
    keyspace: t.string({ required: true, description: 'Its slug.' }),
    name: t.string({ required: true }),
    type: t.string(),
    environment: t.string(),
    ...scopes(t),
    ...restrictions(t),
    expiresAt: t.field({ type: 'DateTime' }),
    ...details(t),
  }),
});

keyMutation('updateKey', {
  description: 'Changes what a key is called and who owns it.',
  shows: EDIT,
  fields: (t) => ({ name: t.string(), ...details(t) }),
});

keyMutation('changeScopes', { description: 'Changes what a key may do.', shows: EDIT, fields: scopes });

keyMutation('changeRestrictions', {
  description: 'Changes from where and how often a key may be used.',
  shows: EDIT,
  fields: restrictions,
});

keyMutation('changeExpiry', {
  description: 'Changes when a key expires.',
  shows: EDIT,
  fields: (t) => ({ expiresAt: t.field({ type: 'DateTime', description: 'Null: never.' }) }),
});

keyMutation('disableKey', { description: 'Denies a key until it is enabled again.', fields: note });

keyMutation('enableKey', { description: 'Lets a disabled key in again.', fields: note });

keyMutation('regenerateKey', {
  description: 'Gives a key a new secret. The old one works on for the overlap.',
  shows: { secret: true },
  fields: (t) => ({ overlapSeconds: t.int({ description: 'Absent: what the keyspace says.' }) }),
});

keyMutation('retirePreviousSecret', { description: 'Ends an overlap at once.' });

keyMutation('revokeKey', {
  description: 'Denies a key for ever.',
  fields: (t) => ({ reason: t.string(), ...note(t) }),
});

keyMutation('deleteKey', {
  description: 'Deletes a key; where the keyspace says so, revokes it instead.',
  fields: note,
});

keyMutation('discardRecord', {
  description: 'For operators: ignores a record that cannot be folded, for ever, and lifts the quarantine.',
  ofKey: false,
  operatorsOnly: true,
  fields: (t) => ({
    position: t.field({ type: 'Position', required: true, description: 'As health shows it.' }),
    reason: t.string({ required: true }),
  }),
  members: ({ position }) => ({ position: encodePosition(position as Position) }),
});
