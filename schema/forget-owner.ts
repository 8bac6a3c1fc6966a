// forgetOwner: one forgetKey for each key that is an owner's or once was, with a result each.
import { z } from 'zod';
import * as fields from '../events/fields.ts';
import type { Position } from '../events/position.ts';
import { problemsOf } from '../events/problem.ts';
import { builder } from './builder.ts';
import { checkCommon } from './command-input.ts';
import type { Enforcement, ForgottenKey } from './context.ts';
import { enforcementField, withEnforcement } from './enforcement.ts';
import { MUTATION_ERRORS, type MutationError } from './errors.ts';
import { ForgetKeyResult } from './key-mutations.ts';
import { commonFields, Warning } from './mutation.ts';

interface Forgotten {
  readonly commandId: string;
  readonly position: Position;
  readonly results: readonly ForgottenKey[];
  readonly remaining: number;
  readonly enforcement: Enforcement | null;
}

const named = z.object({ workspaceId: fields.workspaceId, ownerId: fields.ownerId });

const ForgetOwnerInput = builder.inputType('ForgetOwnerInput', {
  fields: (t) => ({
    workspaceId: t.string({ required: true, description: 'Where the keys are: one of the caller’s.' }),
    ownerId: t.string({ required: true, description: 'The opaque id of your directory. It stays in the history.' }),
    ...commonFields(t),
  }),
});

const ForgetOwnerPayload = builder.objectRef<Forgotten>('ForgetOwnerPayload').implement({
  fields: (t) => ({
    results: t.field({
      type: [ForgetKeyResult],
      description: 'Of all keys that were dealt with under this commandId until now, in the order of `keyIds`.',
      extensions: { entries: 100 },
      resolve: ({ results }) =>
        results.map(({ outcome }) => (outcome.ok ? { ...outcome, enforcement: null } : outcome.error)),
    }),
    keyIds: t.stringList({
      description: 'The keys that `results` are of.',
      resolve: ({ results }) => results.map(({ keyId }) => keyId),
    }),
    remaining: t.exposeInt('remaining', {
      description: 'Keys that are not dealt with yet: send it again with the same commandId until there are none.',
    }),
    commandId: t.exposeString('commandId', { description: 'To be sent again while keys remain.' }),
    position: t.expose('position', { type: 'Position', description: 'Just behind all of it: what `atLeast` takes.' }),
    enforcement: t.field({ ...enforcementField, resolve: ({ enforcement }) => enforcement }),
    warnings: t.field({ type: [Warning], resolve: ({ remaining }) => (remaining === 0 ? [] : [remain(remaining)]) }),
  }),
});

const remain = (count: number) => ({
  code: 'KEYS_REMAIN',
  message: `${count} keys are not dealt with yet: send it again with the same commandId`,
});

const ForgetOwnerResult = builder.unionType('ForgetOwnerResult', {
  types: [ForgetOwnerPayload, ...MUTATION_ERRORS],
  resolveType: (result) => ('type' in result ? result.type : 'ForgetOwnerPayload'),
});

builder.mutationField('forgetOwner', (t) =>
  t.field({
    type: ForgetOwnerResult,
    description:
      'Erases the personal data of every key that an owner has or ever had in a workspace, deleted ones too: a `forgetKey` each.',
    args: { input: t.arg({ type: ForgetOwnerInput, required: true }) },
    resolve: async (_, { input }, context): Promise<Forgotten | MutationError> => {
      const common = checkCommon(input);
      const read = named.safeParse(input);
      if (!read.success) {
        const issues = problemsOf(read.error);
        const { path = [], message = 'must be valid' } = issues[0] ?? {};
        return { type: 'InvalidInput', message: `${path.join('.')} ${message}`, path, issues };
      }
      if (!common.ok) return common.error;
      const { commandId } = common.value;
      const outcome = await context.forgetOwner({ ...read.data, ...(commandId ? { commandId } : {}) });
      return outcome.ok ? withEnforcement(context, input.waitFor, outcome) : outcome.error;
    },
  }),
);
