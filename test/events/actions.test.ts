// What is offered and what is decided: `actionsFor` and `decide` cannot disagree, whatever profile, role, history and time.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTION_OF, actionsFor, type KeyAction } from '../../events/key/access.ts';
import type { KeyCommand } from '../../events/key/commands.ts';
import type { Standing } from '../../events/key/standing.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { anyCaller, anyProfile, anySteps, lenientProfile } from './arbitrary.ts';
import { decideOn } from './given.ts';
import { play } from './play.ts';
import {
  at,
  created,
  deleted,
  disabled,
  forgotten,
  NOW,
  profileOf,
  recordAll,
  regenerated,
  revoked,
  WORKSPACE,
  type Folded,
} from './world.ts';

function actions({ state }: Folded, standing: Standing | null, profile: Profile = profileOf(), now = NOW): KeyAction[] {
  if (!state) throw new Error('no key');
  return actionsFor({ state, profile, standing, now });
}

/** Inputs that nothing is wrong with, of every kind that an action can be carried out by. */
const INPUTS: Record<keyof typeof ACTION_OF, readonly object[]> = {
  updateKey: [
    { name: 'n-other' },
    { description: 'n-other' },
    { owner: { id: 'other' } },
    { tags: ['n-other'] },
    { metadata: { n: 1 } },
  ],
  changeScopes: [{ scopes: [] }, { resources: { all: true, ids: [] } }],
  changeRestrictions: [{ origins: [] }, { origins: [], ipRanges: [], rateLimit: null }],
  changeExpiry: [{ expiresAt: at(999_999) }],
  disableKey: [{}],
  enableKey: [{}],
  regenerateKey: [{}],
  retirePreviousSecret: [{}],
  revokeKey: [{}],
  deleteKey: [{}],
  forgetKey: [{}],
};

describe('what is offered', () => {
  const active = recordAll([created()]).key;

  test('to an admin, a member, an auditor, a viewer and a stranger, of an active key', () => {
    const writing = [
      'UPDATE',
      'CHANGE_SCOPES',
      'CHANGE_RESTRICTIONS',
      'CHANGE_EXPIRY',
      'DISABLE',
      'REGENERATE',
      'REVOKE',
      'DELETE',
    ];
    expect(actions(active, 'admin')).toEqual(['VIEW', ...writing, 'FORGET', 'SEE_HISTORY', 'SEE_USAGE']);
    expect(actions(active, 'member')).toEqual(['VIEW', ...writing, 'SEE_USAGE']);
    expect(actions(active, 'auditor')).toEqual(['VIEW', 'SEE_HISTORY', 'SEE_USAGE']);
    expect(actions(active, 'viewer')).toEqual(['VIEW', 'SEE_USAGE']);
    expect(actions(active, null)).toEqual([]);
  });

  test('is enabling or disabling, never both, and neither of an expired key that is enabled', () => {
    expect(actions(recordAll([created(), disabled]).key, 'admin')).toEqual(
      expect.arrayContaining(['ENABLE', 'DELETE']),
    );
    expect(actions(recordAll([created(), disabled]).key, 'admin')).not.toContain('DISABLE');
    const expired = recordAll([created({ expiresAt: at(60) })]).key;
    expect(actions(expired, 'admin', profileOf(), at(60))).toEqual(
      expect.not.arrayContaining(['ENABLE', 'REGENERATE']),
    );
  });

  test('is ending an overlap while there is one', () => {
    const overlapping = recordAll([created(), regenerated(at(600))]).key;
    expect(actions(overlapping, 'admin', profileOf(), at(599))).toContain('RETIRE_PREVIOUS_SECRET');
    expect(actions(overlapping, 'admin', profileOf(), at(600))).not.toContain('RETIRE_PREVIOUS_SECRET');
  });

  test('is reading once the key is revoked, and once it is deleted reading for those who see history', () => {
    const left = ['VIEW', 'FORGET', 'SEE_HISTORY', 'SEE_USAGE'];
    expect(actions(recordAll([created(), revoked]).key, 'admin')).toEqual(left);
    expect(actions(recordAll([created(), deleted]).key, 'admin')).toEqual(left);
    expect(actions(recordAll([created(), deleted]).key, 'member')).toEqual([]);
  });

  test('is no successor that would inherit what the keyspace does not take any more', () => {
    const expiring = recordAll([created({ expiresAt: at(60) })]).key;
    const profile = profileOf({ expiry: null, edit: { restrictions: { how: 'SUCCESSOR' } } });
    expect(actions(expiring, 'admin', profile)).not.toContain('CHANGE_RESTRICTIONS');
    expect(decideOn(expiring, { name: 'changeRestrictions', input: { origins: [] } }, { profile })).toMatchObject({
      kind: 'refused',
      refusal: { type: 'NotEnabled' },
    });
    expect(actions(active, 'admin', profile)).toContain('CHANGE_RESTRICTIONS');
  });

  test('is erasing in every status, for those who may and see the key', () => {
    const erased = recordAll([created(), forgotten]).key;
    for (const key of [active, erased, recordAll([created(), revoked]).key, recordAll([created(), deleted]).key]) {
      expect(actions(key, 'admin')).toContain('FORGET');
      for (const role of ['member', 'auditor', 'viewer'] as const) expect(actions(key, role)).not.toContain('FORGET');
    }
  });
});

test('an action is offered if and only if decide carries it out and it changes something', () => {
  fc.assert(
    fc.property(
      anySteps(6),
      lenientProfile,
      anyProfile,
      anyCaller,
      fc.integer({ min: 0, max: 5000 }),
      (steps, lived, profile, caller, seconds) => {
        const { key, now: then } = play(steps, lived);
        const now = [at(seconds), then].toSorted().at(-1) ?? NOW;
        const standing = caller.workspaces.get(WORKSPACE) ?? null;
        const offered = actions(key, standing, profile, now);
        for (const [name, action] of Object.entries(ACTION_OF) as [keyof typeof ACTION_OF, KeyAction][]) {
          const decisions = INPUTS[name].map((input) =>
            decideOn(key, { name, input } as KeyCommand, { profile, caller, now }),
          );
          const carriedOut = decisions.filter(({ kind }) => kind === 'event' || kind === 'successor');
          if (offered.includes(action)) expect(carriedOut.length, `${action} is offered`).toBeGreaterThan(0);
          else if (carriedOut.length > 0) {
            // W4: what removes access is appended though it is so already, and need not be offered.
            const { status, previousSecret } = key.state ?? {};
            const idle: Record<string, boolean> = {
              DISABLE: status === 'DISABLED',
              RETIRE_PREVIOUS_SECRET: !previousSecret || previousSecret.retiresAt <= now,
            };
            expect(idle[action], `${action} is not offered`).toBe(true);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
