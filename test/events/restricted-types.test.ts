// Keys of types that are public, or never unrestricted, are given no super scope: it would be everything by another name.
import { expect, test } from 'vitest';
import { settingsRefusal } from '../../events/key/rules.ts';
import type { Settings } from '../../events/key/settings.ts';
import { profile } from '../../events/keyspaces/profile.ts';
import { SOUND } from '../keyspaces/bad-profiles.ts';

const [secret, open] = SOUND.types;
const moment = { now: '2026-01-01T00:00:00.000Z', createdAt: '2026-01-01T00:00:00.000Z' };
const refusalOf = (type: string, scope: string, types = SOUND.types) =>
  settingsRefusal(
    profile.parse({ ...SOUND, types }),
    { type, scopes: [scope], unrestricted: false } as unknown as Settings,
    ['scopes'],
    moment,
  );

test('a key of a restricted type is given no super scope', () => {
  expect(refusalOf('public', 'all')).toMatchObject({ type: 'InvalidInput', path: ['scopes', '0'] });
  expect(refusalOf('private', 'all', [{ ...secret, public: true }, open] as typeof SOUND.types)).not.toBeNull();
  expect(refusalOf('public', 'a:read')).toBeNull();
  expect(refusalOf('private', 'all')).toBeNull();
});
