// The mutations on keys, as the contract's table has them.
import { encodePosition, type Position } from '../events/position.ts';
import { builder } from './builder.ts';
import { keyMutation, type InputBuilder } from './mutation.ts';

const ResourceAccessInput = builder.inputType('ResourceAccessInput', {
  fields: (t) => ({
    all: t.boolean({ required: true, defaultValue: false, description: 'Then `ids` must be empty.' }),
    ids: t.stringList({ required: true, defaultValue: [], description: 'The only ones that it may reach.' }),
  }),
});

const RateLimitInput = builder.inputType('RateLimitInput', {
  fields: (t) => ({
    limit: t.int({ required: true, description: 'Requests in a window.' }),
    windowSeconds: t.int({ description: 'The keyspace’s; absent: that.' }),
  }),
});

const OwnerInput = builder.inputType('OwnerInput', {
  fields: (t) => ({
    id: t.string({ required: true, description: 'An opaque id of your directory, not an e-mail address.' }),
    email: t.string({ description: 'Absent: the caller’s, if the owner is the caller.' }),
  }),
});

const details = (t: InputBuilder, noOwner: string) => ({
  description: t.string({ description: 'At most 1,024 characters; personal data.' }),
  owner: t.field({ type: OwnerInput, description: `Whom to ask about the key. ${noOwner}; null: nobody.` }),
  tags: t.stringList({ description: 'For lists to filter by.' }),
  metadata: t.field({ type: 'JSON', description: 'An object of at most 4 KiB and 4 levels.' }),
});
const scopes = (t: InputBuilder) => ({
  scopes: t.stringList({ description: 'Of the keyspace’s catalogue, or any where it is free-form; at most 100.' }),
  unrestricted: t.boolean({ description: 'Every scope, future ones too, where the keyspace allows it.' }),
  resources: t.field({ type: ResourceAccessInput, description: 'What the key may reach.' }),
  flags: t.stringList({ description: 'Some of those of the keyspace.' }),
});
const restrictions = (t: InputBuilder) => ({
  origins: t.stringList({
    description: '`https://app.example.com`, or `https://*.example.com` for one label; empty: any.',
  }),
  ipRanges: t.stringList({ description: 'Addresses and networks in CIDR form; empty: any.' }),
  rateLimit: t.field({
    type: RateLimitInput,
    description:
      'Calls of the key that may pass in any such time, counted over all verifiers, whichever of its secrets is used.',
  }),
});
const note = (t: InputBuilder) => ({ note: t.string({ description: 'Why, for the history; personal data.' }) });

/** An edit of what the keyspace turns into a successor makes a new key, with a secret. */
const EDIT = { secret: true, predecessor: true };

keyMutation('createKey', {
  description: 'Makes a key. Its secret is in this answer and nowhere else.',
  ofKey: false,
  ifVersion: false,
  shows: { secret: true },
  fields: (t) => ({
    workspaceId: t.string({ required: true, description: 'Where the key is made: one of the caller’s.' }),
    keyspace: t.string({ required: true, description: 'Its slug.' }),
    name: t.string({ required: true, description: 'At most 128 characters; personal data.' }),
    type: t.string({ description: 'One of the keyspace’s; absent: its only one.' }),
    environment: t.string({ description: 'One of the keyspace’s, where it has any.' }),
    ...scopes(t),
    ...restrictions(t),
    expiresAt: t.field({ type: 'DateTime', description: 'Null: never. Absent: what the keyspace says.' }),
    ...details(t, 'Absent: the caller, unless that is a key'),
  }),
});

keyMutation('updateKey', {
  description: 'Changes what a key is called and who owns it.',
  shows: EDIT,
  fields: (t) => ({ name: t.string(), ...details(t, 'Absent: unchanged') }),
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
  fields: (t) => ({
    reason: t.string({ description: 'One of the keyspace’s, where it has any; else absent.' }),
    ...note(t),
  }),
});

keyMutation('deleteKey', {
  description:
    'Deletes a key; where the keyspace’s removal mode is DELETE_IS_REVOKE, revokes it instead; where it is REVOKE, NotEnabled.',
  fields: note,
});

export const ForgetKeyResult = keyMutation('forgetKey', {
  description:
    'Erases the personal data of a key, for ever: name, description, the owner’s e-mail, tags, metadata, notes, addresses and user agents, in its history and in its request log. What it may do stays; what comes later is kept anew.',
});

keyMutation('discardRecord', {
  description: 'For operators: ignores a record that cannot be folded, for ever, and lifts the quarantine.',
  ofKey: false,
  operatorsOnly: true,
  fields: (t) => ({
    position: t.field({ type: 'Position', required: true, description: 'As health shows it.' }),
    reason: t.string({ required: true, description: 'Why, for the history.' }),
  }),
  members: ({ position }) => ({ position: encodePosition(position as Position) }),
});
