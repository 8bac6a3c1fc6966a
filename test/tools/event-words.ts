// What each event and fact says, in a sentence: for the documents that are made from the catalogue.
import type { EntryType } from '../../projections/rows.ts';

export const ABOUT: Readonly<Record<EntryType, string>> = {
  KeyCreated: 'A key was made, by itself or as the successor of another.',
  KeyDetailsChanged: 'Its name, description, owner, tags or metadata were changed; only the changed members are there.',
  ScopesChanged: 'What it may do was changed: before and after.',
  RestrictionsChanged: 'From where and how often it may be used was changed: before and after.',
  ExpiryChanged: 'When it expires was changed: before and after; null: never.',
  KeyDisabled: 'It is refused until it is enabled again.',
  KeyEnabled: 'It is accepted again.',
  KeyRegenerated: 'It has a new secret; the one before it is accepted until `retiresAt`.',
  PreviousSecretRetired: 'The secret before the current one is accepted no more.',
  KeyRevoked: 'It is refused for ever.',
  KeyDeleted:
    'It is refused for ever and gone from lists; the data key that was destroyed with it, where the profile says so.',
  KeyForgotten: 'The data key that its personal parts were sealed under was destroyed.',
  RecordDiscarded: 'An operator has discarded a record that could not be read.',
  KeyspaceDefined: 'A keyspace was defined: its whole profile.',
  KeyspaceChanged: 'The profile of a keyspace was changed: the whole new one.',
  KeyExpiring: 'A key expires in so many days.',
  KeyExpired: 'A key has expired: it is refused until its expiry is moved.',
};

export const ABOUT_CHECKPOINTS =
  'A signed statement of what all keys and keyspaces were at a position of the log, as one root.';
