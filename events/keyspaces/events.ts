// Everything that can happen to the aggregate `keyspaces`, which holds all profiles.
import { z } from 'zod';
import { keyEvents } from '../key/events.ts';
import { profile } from './profile.ts';

const { personal, private: unhashed } = keyEvents.PreviousSecretRetired;
/** `version` counts the changes of this one profile; keys and verdicts name it. */
const defined = z.strictObject({ version: z.int().min(1), profile });

/** Event name → its current version and the schemas of its parts. */
export const keyspaceEvents = {
  KeyspaceDefined: { version: 2, data: defined, personal, private: unhashed },
  KeyspaceChanged: { version: 2, data: defined, personal, private: unhashed },
  RecordDiscarded: keyEvents.RecordDiscarded,
} as const;
