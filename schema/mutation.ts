// Mutation: how a command becomes a field: one input, one payload, one union with every error.
import type { InputFieldMap } from '@pothos/core';
import type { Warning as WarningShape } from '../events/decision.ts';
import { NO_SUCH_KEY, NOT_ALLOWED } from '../events/key/subject.ts';
import type { KeyCommandName } from '../events/key/commands.ts';
import { changedKey } from './access.ts';
import { ApiKey } from './api-key.ts';
import { builder } from './builder.ts';
import { checkCommand } from './command-input.ts';
import type { Context, Enforcement, Outcome } from './context.ts';
import { enforcementField, withEnforcement } from './enforcement.ts';
import { WaitFor } from './enums.ts';
import { MUTATION_ERRORS, type MutationError } from './errors.ts';
import { decodeKeyId } from './global-ids.ts';

builder.mutationType({
  description: 'Each takes one input and answers its payload or one of the errors.',
});

export type InputBuilder = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** The members that every mutation's input has. */
export const commonFields = (t: InputBuilder) => ({
  commandId: t.string({
    description: '1–64 of `[A-Za-z0-9_-]`; the same one again gives the first outcome. Absent: made.',
  }),
  waitFor: t.field({
    type: WaitFor,
    defaultValue: 'PROJECTED',
    description: 'What must be reached before the answer comes.',
  }),
});

/** For mutations of the installation: everybody else is told so, whatever their input. */
export const OPERATORS_ONLY = {
  authScopes: { operator: true },
  unauthorizedResolver: (): MutationError => NOT_ALLOWED,
} as const;

export const Warning = builder.objectRef<WarningShape>('Warning').implement({
  description: 'Advice that comes with a success.',
  fields: (t) => ({ code: t.exposeString('code'), message: t.exposeString('message') }),
});

type Success = Extract<Outcome, { ok: true }> & { readonly enforcement: Enforcement | null };
type Input = Readonly<Record<string, unknown>>;

export interface KeyMutation {
  readonly description: string;
  /** The command's own members. */
  readonly fields?: (t: InputBuilder) => InputFieldMap;
  /** Members of its payload besides key, position and warnings. */
  readonly shows?: { readonly secret?: boolean; readonly predecessor?: boolean };
  /** Whether its input names a key. */
  readonly ofKey?: boolean;
  readonly ifVersion?: boolean;
  readonly operatorsOnly?: boolean;
  /** What the command has where it differs from the input. */
  readonly members?: (input: Input) => Input;
}

/** Adds the mutation of a command, with its input, payload and union: `CreateKeyInput`, `CreateKeyPayload`, `CreateKeyResult`; answers the union. */
export function keyMutation(name: KeyCommandName, options: KeyMutation) {
  const { description, fields, shows = {}, ofKey = true, ifVersion = true, operatorsOnly = false, members } = options;
  const title = name.charAt(0).toUpperCase() + name.slice(1);

  const InputType = builder.inputType(`${title}Input`, {
    fields: (t) => ({
      ...(ofKey ? { id: t.id({ required: true, description: 'The global id of the key.' }) } : {}),
      ...fields?.(t),
      ...commonFields(t),
      ...(ifVersion
        ? { ifVersion: t.int({ description: 'Refused with VersionConflict unless the key is at it.' }) }
        : {}),
    }),
  });

  const Payload = builder.objectRef<Success>(`${title}Payload`).implement({
    fields: (t) => ({
      key: t.field({
        type: ApiKey,
        nullable: true,
        resolve: ({ changed }, _, { caller }) => changed.key && changedKey(caller, changed.keyspaces, changed.key),
      }),
      ...(shows.secret
        ? {
            secret: t.string({
              nullable: true,
              description: 'Shown here, once, and nowhere else.',
              resolve: ({ secret }) => secret?.reveal() ?? null,
            }),
          }
        : {}),
      ...(shows.predecessor
        ? {
            predecessor: t.field({
              type: ApiKey,
              nullable: true,
              description: 'Set where the edit made a new key: the old one, unchanged.',
              resolve: ({ changed: { predecessor, keyspaces } }, _, { caller }) =>
                predecessor && changedKey(caller, keyspaces, predecessor),
            }),
          }
        : {}),
      position: t.expose('position', {
        type: 'Position',
        description: 'Just behind what was done: what `atLeast` takes.',
      }),
      enforcement: t.field({ ...enforcementField, resolve: ({ enforcement }) => enforcement }),
      warnings: t.field({ type: [Warning], resolve: ({ warnings }) => warnings }),
    }),
  });

  const Result = builder.unionType(`${title}Result`, {
    types: [Payload, ...MUTATION_ERRORS],
    resolveType: (result) => ('type' in result ? result.type : `${title}Payload`),
  });

  builder.mutationField(name, (t) =>
    t.field({
      type: Result,
      description,
      args: { input: t.arg({ type: InputType, required: true }) },
      ...(operatorsOnly ? OPERATORS_ONLY : {}),
      resolve: (_, { input }, context) => run(context, name, ofKey, { ...input, ...members?.(input) }),
    }),
  );
  return Result;
}

async function run(
  context: Context,
  name: KeyCommandName,
  ofKey: boolean,
  input: Input,
): Promise<Success | MutationError> {
  const checked = checkCommand(name, input);
  if (!checked.ok) return checked.error;
  const keyId = ofKey ? decodeKeyId(String(input.id)) : null;
  // The words that a random id and another workspace's get.
  if (ofKey && keyId === null) return NO_SUCH_KEY;
  const outcome = await context.execute({ ...checked.value, keyId });
  return outcome.ok ? withEnforcement(context, input.waitFor, outcome) : outcome.error;
}
