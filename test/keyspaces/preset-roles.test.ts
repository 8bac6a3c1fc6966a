// Roles × actions of every preset, cell by cell, as the one table of access judges a key that lives.
import { describe, expect, test } from 'vitest';
import { KEY_ACTIONS, refusalOf, type KeyAction } from '../../events/key/access.ts';
import { keyspaceActionsFor } from '../../events/keyspaces/actions.ts';
import type { KeyState } from '../../events/key/state.ts';
import { ROLES, type Profile } from '../../events/keyspaces/profile.ts';
import { created, NOW, recordAll } from '../events/world.ts';
import { preset, PRESETS, type Preset } from './presets.ts';

/** `+` it is done; `n` NotEnabled; `-` NotAllowed; `.` NotFound. In the order of {@link CALLERS}. */
type Cells = string;
const CALLERS = [...ROLES, null] as const;
const SIGNS: Readonly<Record<string, string>> = { NotEnabled: 'n', NotAllowed: '-', NotFound: '.' };

/** A key of the preset as its product makes them. */
function keyOf(profile: Profile): KeyState {
  const { state } = recordAll([created()]).key;
  if (!state) throw new Error('no key');
  const [type] = profile.types;
  return {
    ...state,
    keyspace: profile.slug,
    type: type?.id ?? '',
    environment: profile.environments[0]?.id ?? null,
    scopes: profile.permissions.scopes.slice(0, 1).map(({ id }) => id),
    unrestricted: type?.unrestricted === 'ALWAYS',
  };
}

function cells(profile: Profile, action: KeyAction): Cells {
  const state = keyOf(profile);
  return CALLERS.map((standing) => {
    const refusal = refusalOf(action, { state, profile, standing, now: NOW });
    return refusal === null ? '+' : (SIGNS[refusal.type] ?? refusal.type);
  }).join('');
}
type Table = Readonly<Record<KeyAction, Cells>>;

/** People write as admins and members, and history is for admins and auditors. */
const USUAL: Table = {
  //     admin member auditor viewer nobody
  VIEW: '++++.',
  UPDATE: '++--.',
  CHANGE_SCOPES: '++--.',
  CHANGE_RESTRICTIONS: '++--.',
  CHANGE_EXPIRY: '++--.',
  DISABLE: '++--.',
  ENABLE: '++--.',
  REGENERATE: '++--.',
  RETIRE_PREVIOUS_SECRET: '++--.',
  REVOKE: '++--.',
  DELETE: '++--.',
  FORGET: '+---.',
  SEE_HISTORY: '+-+-.',
  SEE_USAGE: '++++.',
};
const never = (...actions: readonly KeyAction[]) => Object.fromEntries(actions.map((action) => [action, 'nn--.']));

const TABLES: Readonly<Record<Preset, Table>> = {
  default: USUAL,
  dronahq: { ...USUAL, ...never('CHANGE_RESTRICTIONS', 'REGENERATE', 'REVOKE') },
  'voice-agent': { ...USUAL, ...never('CHANGE_EXPIRY', 'DISABLE', 'ENABLE', 'REGENERATE', 'REVOKE') },
  dagen: { ...USUAL, ...never('REVOKE') },
  ayra: { ...USUAL, ...never('CHANGE_RESTRICTIONS', 'DISABLE', 'ENABLE', 'DELETE') },
  'project-admin': {
    VIEW: '+....',
    UPDATE: '+....',
    CHANGE_SCOPES: 'n....',
    CHANGE_RESTRICTIONS: 'n....',
    CHANGE_EXPIRY: 'n....',
    DISABLE: 'n....',
    ENABLE: 'n....',
    REGENERATE: 'n....',
    RETIRE_PREVIOUS_SECRET: '+....',
    REVOKE: 'n....',
    DELETE: '+....',
    FORGET: '+....',
    SEE_HISTORY: '+....',
    SEE_USAGE: '+....',
  },
};

describe.each(PRESETS)('%s', (slug) => {
  const profile = preset(slug);

  test.each(KEY_ACTIONS)('%s is for whom the product says', (action) => {
    expect(cells(profile, action)).toBe(TABLES[slug][action]);
  });

  test('is made keys in by whom the product says', () => {
    const offered = [...ROLES, null].map((role) =>
      keyspaceActionsFor({
        profile,
        workspaceId: 'acme',
        standings: role === null ? [] : [role],
        operator: false,
      }).join(' '),
    );
    const all = 'CREATE VIEW SEE_USAGE';
    const look = 'VIEW SEE_USAGE';
    expect(offered).toEqual(slug === 'project-admin' ? [all, '', '', '', ''] : [all, all, look, look, '']);
  });
});
