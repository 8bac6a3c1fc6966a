// docs/roles.md, made from the code that decides: who may do what, in which status, and what is the operators' alone.
// `npm run codegen` writes it; `npm run check:generated` and test/docs.test.ts find it stale.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { isObjectType } from 'graphql';
import { format, resolveConfig } from 'prettier';
import { KEY_ACTIONS, refusalOf, type KeyAction } from '../../events/key/access.ts';
import { KEYSPACE_ACTIONS, keyspaceActionsFor } from '../../events/keyspaces/actions.ts';
import { mayDo, type Operation } from '../../events/key/subject.ts';
import { settingsOf } from '../../events/key/settings.ts';
import type { ManagingKey, Standing } from '../../events/key/standing.ts';
import type { KeyState, KeyStatus } from '../../events/key/state.ts';
import { ROLES, type Profile, type Role } from '../../events/keyspaces/profile.ts';
import { schema } from '../../schema/index.ts';
import { created, disabled, enabled, NOW, profileOf, recordAll, revoked, deleted, WORKSPACE } from '../events/world.ts';

export const ROLES_PAGE = 'docs/roles.md';

const YES = '✓';
const NO = '–';
const MARKS: ReadonlySet<string | undefined> = new Set([YES, NO]);
const DEFAULT = profileOf();

const state = (...events: Parameters<typeof recordAll>[0]): KeyState => {
  const { key } = recordAll([created(), ...events]);
  if (!key.state) throw new Error('a key that was created has a state');
  return key.state;
};
const STATES: Readonly<Record<KeyStatus, KeyState>> = {
  ACTIVE: state(enabled),
  DISABLED: state(disabled),
  EXPIRED: { ...state(), expiresAt: NOW },
  REVOKED: state(revoked),
  DELETED: state(deleted),
};

/** A key that manages keys like itself. */
const managing = (may: ManagingKey['may']): ManagingKey => ({
  ...{ keyId: STATES.ACTIVE.keyId, ownerId: null, keyspace: DEFAULT.slug, may },
  settings: settingsOf(STATES.ACTIVE),
});
/** The columns of the tables: people by their role, keys by what their scopes let them do. */
const CALLERS: readonly (readonly [string, Standing])[] = [
  ...ROLES.map((role) => [role, role] as const),
  ['a key that views', managing('view')],
  ['a key that changes', managing('change')],
];
const TITLES = CALLERS.map(([title]) => title);

function refusal(action: KeyAction, standing: Standing, profile: Profile = DEFAULT, status: KeyStatus = 'ACTIVE') {
  return refusalOf(action, { state: STATES[status], profile, standing, now: NOW })?.type ?? null;
}
const isRefused = (type: string | null): boolean => type === 'NotAllowed' || type === 'NotFound';

/** The entry of a profile's `roles` that an action is allowed by: alone in it, a role may do it. */
function operationOf(action: KeyAction): Operation {
  const operations = Object.keys(DEFAULT.roles) as Operation[];
  const nobody = Object.fromEntries(operations.map((operation) => [operation, [] as Role[]])) as Profile['roles'];
  const only = (operation: Operation): Profile => ({
    ...DEFAULT,
    roles: { ...nobody, view: ['admin'], [operation]: ['admin'] },
  });
  if (!isRefused(refusal(action, 'admin', only('view')))) return 'view';
  const found = operations.find((operation) => !isRefused(refusal(action, 'admin', only(operation))));
  if (!found) throw new Error(`no role of a profile allows ${action}`);
  return found;
}

/** CHANGE_SCOPES → changeScopes, DISABLE → disableKey; `null`: no mutation. */
function mutationOf(action: string): string | null {
  const name = action.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const fields = schema.getMutationType()?.getFields() ?? {};
  return [name, `${name}Key`].find((candidate) => candidate in fields) ?? null;
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(...titles),
  row(...titles.map((_, column) => (rows.every((cells) => MARKS.has(cells[column])) ? ':-:' : '---'))),
  ...rows.map((cells) => row(...cells)),
  '',
];
const code = (text: string): string => `\`${text}\``;
const mark = (allowed: boolean): string => (allowed ? YES : NO);

const byCaller = (allowed: (standing: Standing) => boolean): string[] =>
  CALLERS.map(([, standing]) => mark(allowed(standing)));

function keyRows(): string[][] {
  const creating = [code('CREATE'), code('createKey'), code('create')];
  const rows = KEY_ACTIONS.map((action) => {
    const mutation = mutationOf(action);
    const names = [code(action), mutation === null ? '' : code(mutation), code(operationOf(action))];
    return [...names, ...byCaller((standing) => !isRefused(refusal(action, standing)))];
  });
  return [[...creating, ...byCaller((standing) => mayDo(DEFAULT, standing, 'create'))], ...rows];
}

function statusRows(): string[][] {
  const statuses = Object.keys(STATES) as KeyStatus[];
  return KEY_ACTIONS.map((action) => [
    code(action),
    ...statuses.map((status) => mark(refusal(action, 'admin', DEFAULT, status) !== 'InvalidState')),
  ]);
}

function keyspaceRows(): string[][] {
  const of = (standings: readonly Standing[], operator = false) =>
    keyspaceActionsFor({ profile: DEFAULT, workspaceId: WORKSPACE, standings, operator });
  return KEYSPACE_ACTIONS.map((action) => [
    code(action),
    ...byCaller((standing) => of([standing]).includes(action)),
    mark(of([], true).includes(action)),
  ]);
}

/** The schema's own mark on what is the operators' alone. */
function operatorFields(): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    !isObjectType(type)
      ? []
      : Object.values(type.getFields()).flatMap(({ name, description, extensions }) => {
          const { authScopes } = (extensions.pothosOptions ?? {}) as { authScopes?: { operator?: boolean } };
          const said = (description ?? '').replace(/^For operators[:.] ?/, '');
          return authScopes?.operator === true ? [`- \`${type.name}.${name}\`${said && `: ${said}`}`] : [];
        }),
  );
}

/** The page's text. */
export async function rolesPage(): Promise<string> {
  const text = [
    '# Who may do what',
    '',
    '<!-- Generated by `npm run codegen` (test/tools/roles-page.ts) from the code that decides. Do not edit. -->',
    '',
    "A token names one role per workspace, and whether its holder operates the installation ([the claim](../README.md#settings)). What a role may do with keys is part of their keyspace's profile (`roles`); these tables are those of the keyspace `default`. [`events/key/access.ts`](../events/key/access.ts) is asked both when a command is decided and for every field `actions`, so that what is offered and what is refused cannot disagree.",
    '',
    '## With keys, by caller',
    '',
    '✓ may, – is answered with `NotAllowed`. Who may not `VIEW` gets `NotFound` for everything, like a stranger to the workspace. Making a successor, where the keyspace says that an edit makes one, also needs `create`.',
    '',
    'A key views or changes keys where its keyspace says so (`managesKeys`) and its scopes let it: those of its own workspace, keyspace and environment, whatever `roles` says. What it makes, edits, enables or regenerates never goes beyond it, and has no other owner than its own; it may rename and remove any of them ([`events/key/limits.ts`](../events/key/limits.ts)); what does is `NotAllowed`, too.',
    '',
    ...table(['action', 'mutation', 'in `roles`', ...TITLES], keyRows()),
    'The field `history` of a key or a workspace needs `SEE_HISTORY`, and so do `asOf`, `accessReview` and the subscription `keyEvents`; a deleted key is there for those only; so are `decidedBy` and `recomputed` of a logged check. The `reads` of a workspace, who has read its history, and its `checkpoints`, what was signed of all keys, are for `admin` and `auditor`, whatever `roles` says; nobody changes or removes them. `requestCount` and `lastUsedAt` need `SEE_USAGE`. `forgetOwner` is a `forgetKey` for each key that the caller sees: whoever may forget none of any keyspace is answered with `NotAllowed`.',
    '',
    '## With keys, by status',
    '',
    '✓ can be done, – is answered with `InvalidState`. The keyspace may have more against it (`NotEnabled`, with its reason).',
    '',
    ...table(['action', ...Object.keys(STATES).map(code)], statusRows()),
    '## With keyspaces',
    '',
    ...table(['action', ...TITLES, 'operator'], keyspaceRows()),
    "`DEFINE` is `defineKeyspace`. A keyspace's `history` is empty for all but operators.",
    '',
    "## The operators' alone",
    '',
    'A query is answered with `null` for everybody else, a mutation with `NotAllowed`. Operating the installation opens no key of any workspace.',
    '',
    ...operatorFields(),
    '',
    '## Where this is shown',
    '',
    'Cell by cell through the decisions in `test/events/roles.test.ts` (keys: `test/events/managing-key.test.ts`), and through the API, reads and the subscription included, in `test/schema/roles.test.ts`, each in a second keyspace with other roles, too.',
    '',
  ].join('\n');
  return format(text, { ...(await resolveConfig(ROLES_PAGE)), parser: 'markdown' });
}

type Preset = NonNullable<Extract<CodegenConfig['generates'][string], { readonly preset?: unknown }>['preset']>;

/** A text of our own as an output of code generation. */
export const pageOf = (name: string, text: () => Promise<string>): Exclude<Preset, string> => ({
  buildGeneratesSection: ({ baseOutputDir, schema: document }) =>
    Promise.resolve([
      {
        filename: baseOutputDir,
        schema: document,
        documents: [],
        config: {},
        plugins: [{ [name]: {} }],
        pluginMap: { [name]: { plugin: text } },
      },
    ]),
});

/** The page as an output of code generation. */
export const rolesPreset = pageOf('roles-page', rolesPage);
