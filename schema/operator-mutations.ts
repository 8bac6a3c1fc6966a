// The mutations of the installation that are no command on a key: parked records and rebuilds.
import type { Position, RecordPosition } from '../events/position.ts';
import type { ParkedRow } from '../projections/rows.ts';
import { builder } from './builder.ts';
import { checkCommon } from './command-input.ts';
import type { Enforcement, OperationRequest } from './context.ts';
import { enforcementField, withEnforcement } from './enforcement.ts';
import { MUTATION_ERRORS, type MutationError } from './errors.ts';
import { ParkedRecord } from './health.ts';
import { commonFields, OPERATORS_ONLY, Warning, type InputBuilder } from './mutation.ts';

/** The members that both inputs have. */
const operationFields = (t: InputBuilder, ifVersion: string) => ({
  ...commonFields(t),
  ifVersion: t.int({ description: ifVersion }),
});

/** What the schema has checked, as the operation takes it. */
function operationRequest({ commandId, ifVersion }: Common): OperationRequest {
  return { ...(commandId ? { commandId } : {}), ...(ifVersion ? { ifVersion } : {}) };
}

type Common = Extract<ReturnType<typeof checkCommon>, { ok: true }>['value'];

interface Retried {
  readonly position: Position;
  readonly enforcement: Enforcement | null;
  readonly parked: readonly ParkedRow[];
}

const RetryParkedInput = builder.inputType('RetryParkedInput', {
  fields: (t) => ({
    position: t.field({ type: 'Position', description: 'Of one record, as health shows it. Absent: all.' }),
    ...operationFields(
      t,
      'Only with `position`: refused with VersionConflict unless what the record belongs to, a key mostly, is at this version.',
    ),
  }),
});

const RetryParkedPayload = builder.objectRef<Retried>('RetryParkedPayload').implement({
  fields: (t) => ({
    parked: t.field({
      type: [ParkedRecord],
      description: 'Those that still cannot be folded.',
      resolve: ({ parked }) => parked,
    }),
    position: t.expose('position', { type: 'Position' }),
    enforcement: t.field({ ...enforcementField, resolve: ({ enforcement }) => enforcement }),
    warnings: t.field({ type: [Warning], resolve: () => [] }),
  }),
});

const RetryParkedResult = builder.unionType('RetryParkedResult', {
  types: [RetryParkedPayload, ...MUTATION_ERRORS],
  resolveType: (result) => ('type' in result ? result.type : 'RetryParkedPayload'),
});

const NOT_ONE_RECORD: MutationError = {
  type: 'InvalidInput',
  message: 'position must be that of one record',
  path: ['position'],
};

/** `null` where a position does not name exactly one record. */
function recordAt(position: Position): RecordPosition | null {
  const [first, ...others] = Object.entries(position);
  return first && others.length === 0 ? { partition: Number(first[0]), offset: first[1] } : null;
}

builder.mutationField('retryParked', (t) =>
  t.field({
    type: RetryParkedResult,
    description:
      'For operators: hands parked records to every reader again, after a fix of the code. The same commandId again is about the same records.',
    args: { input: t.arg({ type: RetryParkedInput, required: true }) },
    ...OPERATORS_ONLY,
    resolve: async (_, { input }, context) => {
      const checked = checkCommon(input);
      if (!checked.ok) return checked.error;
      const record = input.position ? recordAt(input.position) : null;
      if (input.position && !record) return NOT_ONE_RECORD;
      const outcome = await context.retryParked({ position: record, ...operationRequest(checked.value) });
      return outcome.ok ? withEnforcement(context, input.waitFor, outcome) : outcome.error;
    },
  }),
);

interface Rebuilding {
  readonly position: Position;
  readonly enforcement: Enforcement | null;
  readonly generation: string;
}

const RebuildProjectionsInput = builder.inputType('RebuildProjectionsInput', {
  fields: (t) =>
    operationFields(
      t,
      'The number of the live generation, 3 for `g3`: refused with VersionConflict if another one is live.',
    ),
});

const RebuildProjectionsPayload = builder.objectRef<Rebuilding>('RebuildProjectionsPayload').implement({
  fields: (t) => ({
    generation: t.exposeString('generation', { description: 'The one that is being filled.' }),
    position: t.expose('position', { type: 'Position' }),
    enforcement: t.field({ ...enforcementField, resolve: ({ enforcement }) => enforcement }),
    warnings: t.field({ type: [Warning], resolve: () => [] }),
  }),
});

const RebuildProjectionsResult = builder.unionType('RebuildProjectionsResult', {
  types: [RebuildProjectionsPayload, ...MUTATION_ERRORS],
  resolveType: (result) => ('type' in result ? result.type : 'RebuildProjectionsPayload'),
});

builder.mutationField('rebuildProjections', (t) =>
  t.field({
    type: RebuildProjectionsResult,
    description:
      'For operators: fills new read models beside the live ones and switches to them; answers a rebuild under way.',
    args: { input: t.arg({ type: RebuildProjectionsInput, required: true }) },
    ...OPERATORS_ONLY,
    resolve: async (_, { input }, context) => {
      const checked = checkCommon(input);
      if (!checked.ok) return checked.error;
      const outcome = await context.rebuildProjections(operationRequest(checked.value));
      return outcome.ok ? withEnforcement(context, input.waitFor, outcome) : outcome.error;
    },
  }),
);
