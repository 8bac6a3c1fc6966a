// The profile of the keyspace `default`, as it ships.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';

export const DEFAULT_PROFILE = parse(
  readFileSync(new URL('../../keyspaces/default.yaml', import.meta.url), 'utf8'),
) as ProfileInput;
