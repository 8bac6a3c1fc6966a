// Roles × operations, cell by cell: what each role may read and change, in a keyspace as it comes and in one for admins only.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import type { Role } from '../../events/keyspaces/profile.ts';
import { encodeRecord } from '../../events/record.ts';
import type { Caller } from '../../schema/context.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';
import { noted, regenerated } from '../fakes/author.ts';
import { caller, createInstallation, GUARDED, OPERATOR, type Installation } from './installation.ts';

const WHO = ['admin', 'member', 'auditor', 'viewer', 'stranger', 'operator'] as const;
type Who = (typeof WHO)[number];
const callers: Readonly<Record<Who, Caller>> = {
  ...(Object.fromEntries(
    (['admin', 'member', 'auditor', 'viewer'] as Role[]).map((role) => [role, caller({ acme: role })]),
  ) as Record<Role, Caller>),
  stranger: caller({ globex: 'admin' }),
  operator: OPERATOR,
};

/** `+` it is done or shown; `-` NotAllowed; `.` as if it did not exist (NotFound, null or empty). In the order of {@link WHO}. */
type Cells = string;

const CHANGES: Readonly<Record<string, { readonly default: Cells; readonly guarded: Cells }>> = {
  createKey: { default: '++--..', guarded: '+.....' },
  updateKey: { default: '++--..', guarded: '+.....' },
  changeScopes: { default: '++--..', guarded: '+.....' },
  changeRestrictions: { default: '++--..', guarded: '+.....' },
  changeExpiry: { default: '++--..', guarded: '+.....' },
  disableKey: { default: '++--..', guarded: '+.....' },
  enableKey: { default: '++--..', guarded: '+.....' },
  regenerateKey: { default: '++--..', guarded: '+.....' },
  retirePreviousSecret: { default: '++--..', guarded: '+.....' },
  revokeKey: { default: '++--..', guarded: '+.....' },
  deleteKey: { default: '++--..', guarded: '+.....' },
  defineKeyspace: { default: '-----+', guarded: '-----+' },
  discardRecord: { default: '-----+', guarded: '-----+' },
  retryParked: { default: '-----+', guarded: '-----+' },
  rebuildProjections: { default: '-----+', guarded: '-----+' },
};

const READS: Readonly<Record<string, { readonly default: Cells; readonly guarded: Cells }>> = {
  'Query.viewer': { default: '++++++', guarded: '++++++' },
  'Query.node': { default: '++++..', guarded: '+.....' },
  'Query.nodes': { default: '++++..', guarded: '+.....' },
  'Query.workspace': { default: '++++..', guarded: '++++..' },
  'Query.key': { default: '++++..', guarded: '+.....' },
  'Query.key, deleted': { default: '+.+...', guarded: '+.....' },
  'Query.keyspaces': { default: '++++++', guarded: '+...++' },
  'Query.health': { default: '.....+', guarded: '.....+' },
  'Workspace.position': { default: '++++..', guarded: '++++..' },
  'Workspace.keys': { default: '++++..', guarded: '+.....' },
  'Workspace.keys, deleted': { default: '+.+...', guarded: '+.....' },
  'Workspace.history': { default: '+.+...', guarded: '+.....' },
  'Workspace.keyspace': { default: '++++..', guarded: '+.....' },
  'Workspace.keyspaces': { default: '++++..', guarded: '+.....' },
  'ApiKey.history': { default: '+.+...', guarded: '+.....' },
  'ApiKey.requestCount': { default: '++++..', guarded: '+.....' },
  'Keyspace.history': { default: '.....+', guarded: '.....+' },
};

type KeyspaceName = 'default' | 'guarded';
const KEYSPACES: readonly KeyspaceName[] = ['default', 'guarded'];

let on: Installation;
let count = 0;
beforeAll(async () => {
  on = await createInstallation({
    profiles: [
      DEFAULT_PROFILE,
      {
        ...GUARDED,
        roles: Object.fromEntries(
          ['view', 'create', 'edit', 'disable', 'rotate', 'remove', 'seeHistory', 'seeUsage'].map((name) => [
            name,
            ['admin'],
          ]),
        ),
      },
    ],
  });
});
afterAll(() => on.stop());

async function plant(
  keyspace: KeyspaceName,
  ...events: readonly Parameters<Installation['author']['next']>[1][]
): Promise<string> {
  count += 1;
  const [id] = await on.plant([`key ${count}`], { keyspace });
  for (const event of events) await on.log.append([encodeRecord(await on.author.next(id!, event))]);
  await on.settle();
  return encodeGlobalId('ApiKey', id!);
}
const deleted = {
  type: 'KeyDeleted',
  data: { destroyedDataKey: null },
  personal: { note: null },
  private: {},
} as const;

async function inputOf(mutation: string, keyspace: KeyspaceName): Promise<object> {
  count += 1;
  switch (mutation) {
    case 'createKey':
      return { workspaceId: 'acme', keyspace, name: `made ${count}` };
    case 'updateKey':
      return { id: await plant(keyspace), name: 'renamed' };
    case 'changeScopes':
      return { id: await plant(keyspace), scopes: [] };
    case 'changeRestrictions':
      return { id: await plant(keyspace), ipRanges: ['192.0.2.1'] };
    case 'changeExpiry':
      return { id: await plant(keyspace), expiresAt: '2030-01-01T00:00:00Z' };
    case 'enableKey':
      return { id: await plant(keyspace, noted('KeyDisabled')) };
    case 'retirePreviousSecret':
      return { id: await plant(keyspace, regenerated(`key ${count}`, '2027-01-01T00:00:00.000Z')) };
    case 'discardRecord': {
      const at = on.log.put({ key: 'nobody', value: Buffer.from(`broken ${count}`) });
      await on.settle();
      return { position: `p1_${at.partition}-${at.offset}`, reason: 'by hand' };
    }
    case 'defineKeyspace':
      return { source: `slug: made-${count}\nname: Made\ntypes: [{ id: secret, label: Secret, prefix: m${count} }]` };
    case 'retryParked':
    case 'rebuildProjections':
      return {};
    default:
      return { id: await plant(keyspace) };
  }
}

async function change(mutation: string, who: Who, keyspace: KeyspaceName): Promise<string> {
  const title = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  const input = await inputOf(mutation, keyspace);
  const before = on.log.records().length;
  const { result } = await on.ask(
    `mutation ($input: ${title}Input!) { ${mutation}(input: $input) { __typename ... on Error { message } } }`,
    { input },
    callers[who],
  );
  expect(result.errors).toBeUndefined();
  const { __typename: type, message } = (result.data as Record<string, { __typename: string; message?: string }>)[
    mutation
  ]!;
  // What is refused is not in the log either.
  if (!type.endsWith('Payload')) expect(on.log.records()).toHaveLength(before);
  const sign = type === 'NotAllowed' ? '-' : type === 'NotFound' ? '.' : type === `${title}Payload` ? '+' : null;
  return sign ?? `${type}: ${message ?? ''}`;
}

async function read(what: string, who: Who, keyspace: KeyspaceName): Promise<string> {
  const [path = '', state] = what.split(', ');
  const id = await plant(keyspace, ...(state === 'deleted' ? [deleted] : []));
  const slug = JSON.stringify(keyspace);
  const queries: Readonly<Record<string, string>> = {
    'Query.viewer': '{ is: viewer { operator } }',
    'Query.node': `{ is: node(id: "${id}") { id } }`,
    'Query.nodes': `{ is: nodes(ids: ["${id}"]) { id } }`,
    'Query.workspace': '{ is: workspace(id: "acme") { id } }',
    'Query.key': `{ is: key(id: "${id}") { id } }`,
    'Query.keyspaces': '{ keyspaces { slug } }',
    'Query.health': '{ is: health { verifiers { id } } }',
    'Workspace.position': '{ workspace(id: "acme") { is: position } }',
    'Workspace.keys': `{ workspace(id: "acme") { keys(first: 100, filter: { keyspace: ${slug}, status: ${state === 'deleted' ? '[DELETED]' : '[ACTIVE]'} }) { is: nodes { id } } } }`,
    'Workspace.history': `{ workspace(id: "acme") { history(first: 100, filter: { key: "${id}" }) { is: nodes { id } } } }`,
    'Workspace.keyspace': `{ workspace(id: "acme") { is: keyspace(slug: ${slug}) { id } } }`,
    'Workspace.keyspaces': '{ workspace(id: "acme") { keyspaces { slug } } }',
    'ApiKey.history': `{ key(id: "${id}") { history(first: 100) { is: nodes { id } } } }`,
    'ApiKey.requestCount': `{ key(id: "${id}") { is: requestCount } }`,
    'Keyspace.history': '{ keyspaces { slug history(first: 100) { nodes { id } } } }',
  };
  const { result } = await on.ask(queries[path]!, null, callers[who]);
  expect(result.errors).toBeUndefined();
  return shown(result.data, keyspace, path === 'Keyspace.history') ? '+' : '.';
}

/** Whether the member `is` holds anything, or the keyspace is among those listed. */
function shown(data: unknown, keyspace: KeyspaceName, withHistory: boolean): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { is, keyspaces } = data as {
    is?: unknown;
    keyspaces?: readonly { slug: string; history?: { nodes: readonly unknown[] } }[];
  };
  if (is !== undefined) return Array.isArray(is) ? is.some((item) => item !== null) : is !== null;
  if (keyspaces)
    return keyspaces.some(
      ({ slug, history }) => slug === keyspace && (!withHistory || (history?.nodes.length ?? 0) > 0),
    );
  return Object.values(data).some((member) => shown(member, keyspace, withHistory));
}

test('every mutation and every root query is in the table', () => {
  expect(Object.keys(CHANGES).sort()).toEqual(Object.keys(schema.getMutationType()!.getFields()).sort());
  const reads = new Set(Object.keys(READS).map((name) => name.split(',')[0]));
  for (const name of Object.keys(schema.getQueryType()!.getFields())) expect(reads).toContain(`Query.${name}`);
});

describe.each(KEYSPACES)('in the keyspace %s', (keyspace) => {
  test.each(Object.entries(CHANGES))('%s', async (mutation, cells) => {
    const found = [];
    for (const who of WHO) found.push(await change(mutation, who, keyspace));
    expect(found.join('')).toBe(cells[keyspace]);
  });

  test.each(Object.entries(READS))('%s', async (what, cells) => {
    const found = [];
    for (const who of WHO) found.push(await read(what, who, keyspace));
    expect(found.join('')).toBe(cells[keyspace]);
  });
});

test('actions offer exactly what is not refused', async () => {
  const ACTIONS: Readonly<Record<string, string>> = {
    ...{
      UPDATE: 'updateKey',
      CHANGE_SCOPES: 'changeScopes',
      CHANGE_RESTRICTIONS: 'changeRestrictions',
      CHANGE_EXPIRY: 'changeExpiry',
    },
    ...{ DISABLE: 'disableKey', REGENERATE: 'regenerateKey', REVOKE: 'revokeKey', DELETE: 'deleteKey' },
  };
  for (const who of ['admin', 'member', 'auditor', 'viewer'] as const) {
    const id = await plant('default');
    const { result } = await on.ask(`{ key(id: "${id}") { actions } }`, null, callers[who]);
    const offered = (result.data as unknown as { key: { actions: string[] } }).key.actions;
    for (const [action, mutation] of Object.entries(ACTIONS)) {
      expect([who, action, offered.includes(action)]).toEqual([
        who,
        action,
        CHANGES[mutation]!.default[WHO.indexOf(who)] === '+',
      ]);
    }
  }
});
