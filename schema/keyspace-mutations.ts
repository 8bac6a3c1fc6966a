// defineKeyspace: an operator's profile, applied or only looked at. What the source says wrong is told all at once.
import { versionConflict, type Warning as WarningShape } from '../events/decision.ts';
import type { Effect } from '../events/keyspaces/effects.ts';
import type { ProfileChange, ProfileDiff } from '../events/keyspaces/diff.ts';
import { planKeyspace } from '../events/keyspaces/define.ts';
import { entryOf } from '../events/keyspaces/state.ts';
import type { Problem } from '../events/problem.ts';
import type { Position } from '../events/position.ts';
import { slugOf } from '../events/keyspaces/source.ts';
import { keyspaceAnywhere, type VisibleKeyspace } from './access.ts';
import { builder } from './builder.ts';
import { checkCommand } from './command-input.ts';
import type { Context, Enforcement } from './context.ts';
import { enforcementField, withEnforcement } from './enforcement.ts';
import { EffectKind } from './enums.ts';
import { Issue, MUTATION_ERRORS, type MutationError } from './errors.ts';
import { Keyspace } from './keyspace.ts';
import { commonFields, OPERATORS_ONLY, Warning } from './mutation.ts';

interface Defined {
  readonly keyspace: VisibleKeyspace | null;
  readonly diff: ProfileDiff;
  readonly problems: readonly Problem[];
  readonly warnings: readonly WarningShape[];
  readonly position: Position;
  readonly enforcement: Enforcement | null;
}

const NO_DIFF: ProfileDiff = { changes: [], effects: [] };

const DefineKeyspaceInput = builder.inputType('DefineKeyspaceInput', {
  fields: (t) => ({
    source: t.string({ required: true, description: 'The profile, as YAML or JSON.' }),
    dryRun: t.boolean({ description: 'Tells what would change, and changes nothing.' }),
    allowWidening: t.boolean({ description: 'Needed for a change after which keys that exist may do more.' }),
    ...commonFields(t),
    ifVersion: t.int({ description: 'Refused with VersionConflict unless the keyspace is at it.' }),
  }),
});

const KeyspaceChange = builder.objectRef<ProfileChange>('KeyspaceChange').implement({
  description: 'A member of a profile that differs.',
  fields: (t) => ({
    path: t.stringList({ description: 'Entries of a list by their id.', resolve: ({ path }) => path }),
    before: t.field({ type: 'JSON', nullable: true, resolve: ({ before }) => before }),
    after: t.field({ type: 'JSON', nullable: true, resolve: ({ after }) => after }),
  }),
});

const KeyspaceEffect = builder.objectRef<Effect>('KeyspaceEffect').implement({
  description: 'What a change means for keys that exist.',
  fields: (t) => ({
    kind: t.expose('kind', { type: EffectKind }),
    path: t.stringList({ resolve: ({ path }) => path }),
    message: t.exposeString('message'),
  }),
});

const KeyspaceDiff = builder.objectRef<ProfileDiff>('KeyspaceDiff').implement({
  fields: (t) => ({
    changes: t.field({ type: [KeyspaceChange], resolve: ({ changes }) => changes }),
    effects: t.field({ type: [KeyspaceEffect], resolve: ({ effects }) => effects }),
  }),
});

const DefineKeyspacePayload = builder.objectRef<Defined>('DefineKeyspacePayload').implement({
  fields: (t) => ({
    keyspace: t.field({
      type: Keyspace,
      nullable: true,
      description: 'As it is now; null where a dry run is about a new one.',
      resolve: ({ keyspace }) => keyspace,
    }),
    diff: t.field({
      type: KeyspaceDiff,
      description: 'Against the version before the one that the command made.',
      resolve: ({ diff }) => diff,
    }),
    problems: t.field({
      type: [Issue],
      description: 'Of a dry run: everything that is wrong with the source. Else empty: InvalidInput tells them.',
      resolve: ({ problems }) => problems,
    }),
    warnings: t.field({ type: [Warning], resolve: ({ warnings }) => warnings }),
    position: t.expose('position', { type: 'Position' }),
    enforcement: t.field({ ...enforcementField, resolve: ({ enforcement }) => enforcement }),
  }),
});

const DefineKeyspaceResult = builder.unionType('DefineKeyspaceResult', {
  types: [DefineKeyspacePayload, ...MUTATION_ERRORS],
  resolveType: (result) => ('type' in result ? result.type : 'DefineKeyspacePayload'),
});

builder.mutationField('defineKeyspace', (t) =>
  t.field({
    type: DefineKeyspaceResult,
    description: 'For operators: makes a keyspace, or changes it, by its whole profile.',
    args: { input: t.arg({ type: DefineKeyspaceInput, required: true }) },
    ...OPERATORS_ONLY,
    resolve: (_, { input }, context) => {
      const { dryRun, ...command } = input;
      return define(context, command, dryRun === true);
    },
  }),
);

async function define(
  context: Context,
  input: Readonly<Record<string, unknown>>,
  dryRun: boolean,
): Promise<Defined | MutationError> {
  const checked = checkCommand('defineKeyspace', input);
  if (!checked.ok) return checked.error;
  const { command } = checked.value;
  if (command.name !== 'defineKeyspace') throw new TypeError('another command was read');
  const { source } = command.input;
  if (dryRun) return look(context, source, checked.value.ifVersion);

  const outcome = await context.execute({ ...checked.value, keyId: null });
  if (!outcome.ok) return outcome.error;
  const { position, warnings, changed, diff = NO_DIFF } = outcome;
  const entry = entryOf(changed.keyspaces, slugOf(source) ?? '');
  const keyspace = entry ? keyspaceAnywhere(context.caller, entry) : null;
  return withEnforcement(context, input.waitFor, { keyspace, diff, problems: [], warnings, position });
}

async function look(context: Context, source: string, ifVersion: number | undefined): Promise<Defined | MutationError> {
  const { keyspaces, position } = await context.read(async (view) => ({
    keyspaces: await view.keyspaces(),
    position: view.checkpoint,
  }));
  const { entry, diff, problems, warnings } = planKeyspace(source, keyspaces);
  const version = entry?.version ?? 0;
  if (problems.length === 0 && ifVersion !== undefined && ifVersion !== version)
    return versionConflict(ifVersion, version);
  const keyspace = entry && keyspaceAnywhere(context.caller, entry);
  return { keyspace, diff, problems, warnings, position, enforcement: null };
}
