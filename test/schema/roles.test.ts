// Roles × operations, cell by cell: what each role may read and change, in a keyspace as it comes and in one for admins only.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import type { Role } from '../../events/keyspaces/profile.ts';
import { encodeRecord } from '../../events/record.ts';
import type { Caller } from '../../schema/context.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';
import { createCheckpointer } from '../../services/api/checkpointer.ts';
import { at, noted, regenerated } from '../fakes/author.ts';
import { memoryLogger } from '../fakes/running.ts';
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
  forgetKey: { default: '+---..', guarded: '+.....' },
  forgetOwner: { default: '+---..', guarded: '+---..' },
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
  'Query.key, as of a time': { default: '+.+...', guarded: '+.....' },
  'Query.keyspaces': { default: '++++++', guarded: '+...++' },
  'Query.health': { default: '.....+', guarded: '.....+' },
  'Query.editedProfile': { default: '.....+', guarded: '.....+' },
  'Workspace.position': { default: '++++..', guarded: '++++..' },
  'Workspace.keys': { default: '++++..', guarded: '+.....' },
  'Workspace.keys, deleted': { default: '+.+...', guarded: '+.....' },
  'Workspace.keys, as of a time': { default: '+.+...', guarded: '+.....' },
  'Workspace.accessReview': { default: '+.+...', guarded: '+.....' },
  'Workspace.history': { default: '+.+...', guarded: '+.....' },
  'Subscription.keyEvents': { default: '+.+...', guarded: '+.....' },
  // What the lines above have read, whatever the keyspace says.
  'Workspace.reads': { default: '+.+...', guarded: '+.+...' },
  // They name no key: the roles of no keyspace matter.
  'Workspace.checkpoints': { default: '+.+...', guarded: '+.+...' },
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
  await createCheckpointer({
    ...{ store: on.memory, partitions: on.log.partitions, keys: [{ id: 'c1', key: Buffer.alloc(32, 1) }] },
    ...{ everyEvents: 1, intervalMs: 60_000, now: on.now, logger: memoryLogger() as never },
  }).sign();
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
    case 'forgetOwner':
      await plant(keyspace);
      return { workspaceId: 'acme', ownerId: 'u-17' };
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
  const past = state === 'as of a time' ? `, asOf: "${at(90_000)}"` : '';
  if (path === 'Workspace.accessReview') return (await reviewed(who)).has(keyspace) ? '+' : '.';
  if (path === 'Subscription.keyEvents') return (await followed(who)).has(id) ? '+' : '.';
  const queries: Readonly<Record<string, string>> = {
    'Query.viewer': '{ is: viewer { operator } }',
    'Query.node': `{ is: node(id: "${id}") { id } }`,
    'Query.nodes': `{ is: nodes(ids: ["${id}"]) { id } }`,
    'Query.workspace': '{ is: workspace(id: "acme") { id } }',
    'Query.key': `{ is: key(id: "${id}"${past}) { id } }`,
    'Query.keyspaces': '{ keyspaces { slug } }',
    'Query.health': '{ is: health { verifiers { id } } }',
    'Query.editedProfile': '{ is: editedProfile(source: "slug: x") { source } }',
    'Workspace.position': '{ workspace(id: "acme") { is: position } }',
    'Workspace.keys': `{ workspace(id: "acme") { keys(first: 100${past}, filter: { keyspace: ${slug}, status: ${state === 'deleted' ? '[DELETED]' : '[ACTIVE]'} }) { is: nodes { id } } } }`,
    'Workspace.history': `{ workspace(id: "acme") { history(first: 100, filter: { key: "${id}" }) { is: nodes { id } } } }`,
    'Workspace.reads': '{ workspace(id: "acme") { reads(first: 100) { is: nodes { id } } } }',
    'Workspace.checkpoints': '{ workspace(id: "acme") { checkpoints(first: 1) { is: nodes { id } } } }',
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

/** The keyspaces whose keys are in an access review of all. */
async function reviewed(who: Who): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let after: string | null = null; ;) {
    const { result } = await on.ask(
      `query ($after: String) { workspace(id: "acme") { accessReview(from: "${at(0)}", to: "${at(90_000)}", first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } rows { key { keyspace { slug } } } } } }`,
      { after },
      callers[who],
    );
    const { workspace } = result.data as unknown as { workspace: { accessReview: ReviewPage } | null };
    for (const { key } of workspace?.accessReview.rows ?? []) found.add(key.keyspace.slug);
    if (!workspace?.accessReview.pageInfo.hasNextPage) return found;
    after = workspace.accessReview.pageInfo.endCursor;
  }
}
/** The keys that somebody who follows a workspace from its beginning is told of. */
async function followed(who: Who): Promise<ReadonlySet<string>> {
  const beginning = `p1_${Array.from({ length: on.log.partitions }, (_, partition) => `${partition}-0`).join('_')}`;
  const answers = await on.follow(
    `subscription { keyEvents(workspaceId: "acme", after: "${beginning}") { subject } }`,
    null,
    callers[who],
  );
  // Who may not see anything of it is refused, as of a workspace that does not exist.
  const codes = answers.flatMap(({ result }) => result.errors ?? []).map(({ extensions }) => extensions.code);
  expect(codes).toEqual(codes.length === 0 ? [] : ['FORBIDDEN']);
  const events = answers.map(({ result }) => result.data as { keyEvents: { subject: string } } | null | undefined);
  return new Set(events.flatMap((data) => (data ? [encodeGlobalId('ApiKey', data.keyEvents.subject)] : [])));
}
interface ReviewPage {
  readonly rows: readonly { readonly key: { readonly keyspace: { readonly slug: string } } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
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

test('every mutation, every root query and every subscription is in the table', () => {
  expect(Object.keys(CHANGES).sort()).toEqual(Object.keys(schema.getMutationType()!.getFields()).sort());
  const reads = new Set(Object.keys(READS).map((name) => name.split(',')[0]));
  for (const name of Object.keys(schema.getQueryType()!.getFields())) expect(reads).toContain(`Query.${name}`);
  for (const name of Object.keys(schema.getSubscriptionType()!.getFields()))
    expect(reads).toContain(`Subscription.${name}`);
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
    ...{
      DISABLE: 'disableKey',
      REGENERATE: 'regenerateKey',
      REVOKE: 'revokeKey',
      DELETE: 'deleteKey',
      FORGET: 'forgetKey',
    },
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
