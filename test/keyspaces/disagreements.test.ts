// Where the five products disagree, their keyspaces decide: every cell of that table, as a decision or an answer.
import { describe, expect, test } from 'vitest';
import type { KeyCommandName } from '../../events/key/commands.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { scopeCatalogue } from '../../events/keyspaces/permissions.ts';
import { secretPrefixes, tokenFormat } from '../../events/keyspaces/token-format.ts';
import type { Decision } from '../../events/decision.ts';
import { decideOn } from '../events/given.ts';
import { readCommand } from '../events/read-command.ts';
import { at, foldOne, NOTHING, recordOn, WORKSPACE, type Folded } from '../events/world.ts';
import { preset, PRESETS, type Preset } from './presets.ts';

/** What a key of the product is asked for with. */
const ASKED: Readonly<Record<Preset, object>> = {
  default: {},
  dronahq: { scopes: ['agent'] },
  'voice-agent': { type: 'private' },
  dagen: { scopes: ['agents'] },
  ayra: { environment: 'live', scopes: ['agents:read'] },
  'project-admin': { scopes: ['calls:write'] },
};

function decided(profile: Profile, before: Folded, name: KeyCommandName, input: object): Decision {
  const read = readCommand(name, input);
  if (!read.ok) return { kind: 'refused', refusal: read.refusal };
  return decideOn(before, read.command, { profile });
}

/** A key of the product, made as its people make them. */
function made(slug: Preset, more: object = {}) {
  const profile = preset(slug);
  const input = { workspaceId: WORKSPACE, keyspace: slug, name: 'Production', ...ASKED[slug], ...more };
  const decision = decided(profile, NOTHING, 'createKey', input);
  if (decision.kind !== 'event' || !decision.secret) throw new Error(JSON.stringify(decision));
  const key = foldOne(NOTHING, recordOn(NOTHING, decision.event));
  return { profile, key, state: key.state, secret: decision.secret.reveal() };
}

/** What comes of a command: the event, SUCCESSOR, or the refusal. */
function result(slug: Preset, name: KeyCommandName, input: object = {}): string {
  const { profile, key } = made(slug);
  const decision = decided(profile, key, name, input);
  switch (decision.kind) {
    case 'event':
      return decision.event.type;
    case 'successor':
      return 'SUCCESSOR';
    case 'refused':
      return decision.refusal.type;
    case 'unchanged':
      return 'unchanged';
  }
}

const per = (cells: Readonly<Record<Preset, unknown>>) => PRESETS.map((slug) => [slug, cells[slug]] as const);
const OVERLAP = 691_200;

describe('rotation', () => {
  test.each(
    per({
      default: 'KeyRegenerated',
      dronahq: 'NotEnabled',
      'voice-agent': 'NotEnabled',
      dagen: 'KeyRegenerated',
      ayra: 'KeyRegenerated',
      'project-admin': 'NotEnabled',
    }),
  )('%s: %s', (slug, cell) => expect(result(slug, 'regenerateKey')).toBe(cell));

  test('overlaps at most eight days for ayra, and not at all for dagen', () => {
    expect(result('ayra', 'regenerateKey', { overlapSeconds: OVERLAP })).toBe('KeyRegenerated');
    expect(result('ayra', 'regenerateKey', { overlapSeconds: OVERLAP + 1 })).toBe('InvalidInput');
    expect(result('dagen', 'regenerateKey', { overlapSeconds: 1 })).toBe('InvalidInput');
  });
});

describe('edits', () => {
  const EDITS = {
    name: ['updateKey', { name: 'Renamed' }],
    permissions: ['changeScopes', { scopes: ['agents:write'] }],
    expiry: ['changeExpiry', { expiresAt: at(9 * 86_400) }],
  } as const;
  const scopes: Readonly<Record<Preset, readonly string[]>> = {
    default: ['a'],
    dronahq: ['data_agent'],
    'voice-agent': [],
    dagen: ['workflows'],
    ayra: ['agents:write'],
    'project-admin': ['calls:read'],
  };
  test.each(
    per({
      default: ['KeyDetailsChanged', 'ScopesChanged', 'ExpiryChanged'],
      dronahq: ['KeyDetailsChanged', 'ScopesChanged', 'ExpiryChanged'],
      'voice-agent': ['KeyDetailsChanged', 'ScopesChanged', 'NotEnabled'],
      dagen: ['KeyDetailsChanged', 'ScopesChanged', 'ExpiryChanged'],
      ayra: ['SUCCESSOR', 'SUCCESSOR', 'SUCCESSOR'],
      'project-admin': ['KeyDetailsChanged', 'NotEnabled', 'NotEnabled'],
    }),
  )('%s: %s', (slug, cells) => {
    const came = [
      result(slug, EDITS.name[0], EDITS.name[1]),
      result(slug, EDITS.permissions[0], { scopes: scopes[slug] }),
      result(slug, EDITS.expiry[0], EDITS.expiry[1]),
    ];
    expect(came).toEqual(cells);
  });
});

describe('disable', () => {
  test.each(
    per({
      default: 'KeyDisabled',
      dronahq: 'KeyDisabled',
      'voice-agent': 'NotEnabled',
      dagen: 'KeyDisabled',
      ayra: 'NotEnabled',
      'project-admin': 'NotEnabled',
    }),
  )('%s: %s', (slug, cell) => expect(result(slug, 'disableKey')).toBe(cell));
});

describe('removal', () => {
  test.each(
    per({
      default: ['KeyDeleted', 'KeyRevoked'],
      dronahq: ['KeyDeleted', 'NotEnabled'],
      'voice-agent': ['KeyRevoked', 'NotEnabled'],
      dagen: ['KeyDeleted', 'NotEnabled'],
      ayra: ['NotEnabled', 'InvalidInput'],
      'project-admin': ['KeyDeleted', 'NotEnabled'],
    }),
  )('%s: deleteKey and revokeKey are %s', (slug, cells) => {
    expect([result(slug, 'deleteKey'), result(slug, 'revokeKey')]).toEqual(cells);
  });

  test('ayra revokes with one of its five reasons', () => {
    const { reasons } = preset('ayra').removal;
    expect(reasons).toEqual(['Compromised', 'Replaced', 'Unused', 'Employee Departure', 'Project Ended']);
    for (const reason of reasons) expect(result('ayra', 'revokeKey', { reason })).toBe('KeyRevoked');
  });

  test('is to erase the personal data with a key of dronahq, of no other', () => {
    expect(PRESETS.filter((slug) => preset(slug).removal.erase)).toEqual(['dronahq']);
  });
});

describe('refusals', () => {
  test('are mapped as the products answer', () => {
    expect(preset('dronahq').errors.DISABLED).toMatchObject({ code: 'disabled' });
    expect(preset('dagen').errors.DISABLED).toMatchObject({ status: 403 });
    expect(preset('ayra').errors.REVOKED).toMatchObject({ status: 401 });
  });
});

describe('credentials', () => {
  const header = (slug: Preset) =>
    preset(slug).credential.headers.map(({ name, bearer }) => `${name}${bearer ? ' Bearer' : ''}`);
  test.each(
    per({
      default: [['kf'], ['Authorization Bearer', 'X-API-Key']],
      dronahq: [['sk'], ['api-key']],
      'voice-agent': [['va_private', 'va_public'], ['Authorization Bearer']],
      dagen: [['dg'], ['X-API-Key']],
      ayra: [['sk_live', 'sk_test'], ['Authorization Bearer']],
      'project-admin': [['pa'], ['X-API-Key']],
    }),
  )('%s: %s', (slug, cells) => {
    expect([secretPrefixes(tokenFormat(preset(slug))), header(slug)]).toEqual(cells);
  });

  test('begin alike for no two keyspaces, although sk_ and sk_live_ are close', () => {
    const all = PRESETS.flatMap((slug) => secretPrefixes(tokenFormat(preset(slug))));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('previews', () => {
  test.each(
    per({
      default: /^kf_\.\.\.[0-9A-Za-z]{4}$/,
      dronahq: /^••••••••[0-9A-Za-z]{4}$/,
      'voice-agent': /^va_private_\.\.\.$/,
      dagen: /^dg_[0-9A-Za-z]{4}…$/,
      ayra: /^sk_live_[0-9A-Za-z]{6}\.\.\.[0-9A-Za-z]{4}$/,
      'project-admin': /^•••••••• key_[0-9A-Za-z]{22}$/,
    }),
  )('%s: %s', (slug, cell) => {
    const { state } = made(slug);
    expect(state.preview).toMatch(cell as RegExp);
  });

  test('hold no character of the secret but those that are shown', () => {
    for (const slug of PRESETS) {
      const { profile, state, secret } = made(slug);
      const { prefix, first, last } = profile.credential.preview;
      const randomAt = secret.lastIndexOf('_') + 1;
      const shown =
        (prefix ? secret.slice(0, randomAt) : '') +
        secret.slice(randomAt, randomAt + first) +
        secret.slice(secret.length - last);
      const kept = state.preview.replace(profile.credential.preview.mask, '').replace(/ ?key_[0-9A-Za-z]{22}$/, '');
      expect(kept).toBe(shown);
    }
  });
});

describe('permissions', () => {
  test.each(
    per({
      default: ['FLAT', 0, 0, true],
      dronahq: ['FLAT', 3, 1, false],
      'voice-agent': ['FLAT', 0, 0, true],
      dagen: ['FLAT', 2, 1, false],
      ayra: ['RESOURCE_ACTION', 9, 0, false],
      'project-admin': ['MATRIX', 38, 0, true],
    }),
  )('%s: model, scopes, minimum and unrestricted are %s', (slug, cells) => {
    const { permissions } = preset(slug);
    const { model, minimum, unrestrictedAllowed } = permissions;
    expect([model, scopeCatalogue(permissions).scopes.length, minimum, unrestrictedAllowed]).toEqual(cells);
  });

  test('write includes read for project-admin, not for ayra; admin:full is everything', () => {
    expect(scopeCatalogue(preset('project-admin').permissions).implications).toContainEqual({
      scope: 'calls:write',
      implies: ['calls:read'],
    });
    expect(scopeCatalogue(preset('ayra').permissions).implications).toEqual([]);
    expect(preset('ayra').permissions.superScopes).toEqual(['admin:full']);
  });
});

describe('expiry and limits', () => {
  test('keys of voice-agent and project-admin do not expire', () => {
    expect(PRESETS.filter((slug) => preset(slug).expiry === null)).toEqual(['voice-agent', 'project-admin']);
  });

  test('dagen expires after today', () => {
    expect(PRESETS.filter((slug) => preset(slug).expiry?.afterToday)).toEqual(['dagen']);
  });

  test('dagen has 1 to 600 calls a minute, 60 unless it is said', () => {
    expect(preset('dagen').rateLimit).toEqual({ min: 1, max: 600, default: 60, windowSeconds: 60 });
    expect(made('dagen').state.rateLimit).toEqual({ limit: 60, windowSeconds: 60 });
    expect(PRESETS.filter((slug) => preset(slug).rateLimit === null)).toEqual([
      'dronahq',
      'voice-agent',
      'ayra',
      'project-admin',
    ]);
  });
});

test('last used is a column of the last success for dronahq, of the last attempt for dagen', () => {
  const shown = (slug: Preset) =>
    preset(slug)
      .columns.map(({ id }) => id)
      .filter((id) => id.startsWith('last'));
  expect([shown('dronahq'), shown('dagen')]).toEqual([['lastUsedAt'], ['lastSeenAt']]);
});
