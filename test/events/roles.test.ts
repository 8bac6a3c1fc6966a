// Roles × operations, cell by cell, through decide: the tables below are what the documentation publishes.
import { describe, expect, test } from 'vitest';
import type { KeyCommandName } from '../../events/key/commands.ts';
import { keyspaceActionsFor } from '../../events/keyspaces/actions.ts';
import { mayDo, type Operation } from '../../events/key/subject.ts';
import type { InstallationCommand } from '../../events/key/access.ts';
import { ROLES, type Profile, type Role } from '../../events/keyspaces/profile.ts';
import { given } from './given.ts';
import { at, caller, created, disabled, profileOf, regenerated, WORKSPACE } from './world.ts';

const CALLERS = [...ROLES, 'nobody'] as const;
type CallerName = (typeof CALLERS)[number];

const COMMANDS: Record<Exclude<KeyCommandName, InstallationCommand>, { operation: Operation; input: object }> = {
  createKey: { operation: 'create', input: { workspaceId: WORKSPACE, keyspace: 'default', name: 'n' } },
  updateKey: { operation: 'edit', input: { name: 'Renamed' } },
  changeScopes: { operation: 'edit', input: { scopes: [] } },
  changeRestrictions: { operation: 'edit', input: { origins: [] } },
  changeExpiry: { operation: 'edit', input: { expiresAt: at(60) } },
  disableKey: { operation: 'disable', input: {} },
  enableKey: { operation: 'disable', input: {} },
  regenerateKey: { operation: 'rotate', input: {} },
  retirePreviousSecret: { operation: 'rotate', input: {} },
  revokeKey: { operation: 'remove', input: {} },
  deleteKey: { operation: 'remove', input: {} },
  forgetKey: { operation: 'forget', input: {} },
};

/** Cells: `+` may, `-` may not, `.` the key is not there. Columns in the order of {@link CALLERS}. */
interface Table {
  readonly profile: Profile;
  readonly cells: Record<Operation, string>;
}

const TABLES: Record<string, Table> = {
  'the default profile': {
    profile: profileOf(),
    //        admin member auditor viewer nobody
    cells: {
      view: '++++.',
      create: '++--.',
      edit: '++--.',
      disable: '++--.',
      rotate: '++--.',
      remove: '++--.',
      seeHistory: '+-+-.',
      seeUsage: '++++.',
      forget: '+---.',
    },
  },
  'a profile with other roles': {
    profile: profileOf({
      roles: {
        view: ['admin', 'auditor', 'viewer'],
        create: ['admin', 'member'],
        edit: ['viewer'],
        disable: ['admin', 'auditor'],
        rotate: ['admin'],
        remove: ['auditor'],
        seeHistory: ['viewer'],
        seeUsage: [],
        forget: ['member', 'viewer'],
      },
    }),
    cells: {
      view: '+.++.',
      create: '+.--.',
      edit: '-.-+.',
      disable: '+.+-.',
      rotate: '+.--.',
      remove: '-.+-.',
      seeHistory: '-.-+.',
      seeUsage: '-.--.',
      forget: '-.-+.',
    },
  },
};

const roleOf = (name: CallerName): Role | null => (name === 'nobody' ? null : name);

describe.each(Object.entries(TABLES))('%s', (_, { profile, cells }) => {
  const rows = Object.entries(COMMANDS).flatMap(([command, { operation }]) =>
    CALLERS.map((name, column) => [command as keyof typeof COMMANDS, name, cells[operation].charAt(column)] as const),
  );

  test.each(rows)('%s by %s: %s', (command, name, cell) => {
    const history =
      command === 'createKey' ? [] : [created(), regenerated(at(600)), ...(command === 'enableKey' ? [disabled] : [])];
    const { decision } = given(history, { profile, caller: caller(roleOf(name)) }).when(
      command,
      COMMANDS[command].input,
    );
    const outcome = decision.kind === 'refused' ? decision.refusal.type : decision.kind;
    expect(outcome).toBe({ '+': 'event', '-': 'NotAllowed', '.': 'NotFound' }[cell]);
  });

  test.each(Object.keys(cells) as Operation[])('%s is asked of the same table by everybody else', (operation) => {
    for (const [column, name] of CALLERS.entries())
      expect(mayDo(profile, roleOf(name), operation)).toBe(cells[operation].charAt(column) === '+');
  });
});

describe('actions on a keyspace', () => {
  const profile = profileOf();
  const actions = (roles: Role[], operator = false, workspaceId: string | null = WORKSPACE, of = profile) =>
    keyspaceActionsFor({ profile: of, workspaceId, standings: roles, operator });

  test('follow the roles; defining is the operators’', () => {
    expect(actions(['admin'])).toEqual(['CREATE', 'VIEW', 'SEE_USAGE']);
    expect(actions(['viewer'])).toEqual(['VIEW', 'SEE_USAGE']);
    expect(actions(['viewer', 'member'], false, null)).toEqual(['CREATE', 'VIEW', 'SEE_USAGE']);
    expect(actions([], true)).toEqual(['VIEW', 'DEFINE']);
    expect(actions([])).toEqual([]);
  });

  test('creating needs a keyspace that the workspace has', () => {
    expect(actions(['admin'], false, WORKSPACE, profileOf({ workspaces: ['other'] }))).toEqual(['VIEW', 'SEE_USAGE']);
  });
});
