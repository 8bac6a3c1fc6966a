// Errors of mutations: tagged values, one type each, that implement `Error`. The code is the type's name.
import type { Refusal } from '../events/decision.ts';
import type { Problem } from '../events/problem.ts';
import { ApiKey } from './api-key.ts';
import { builder } from './builder.ts';
import type { Failure } from './context.ts';
import { KeyStatus, upperSnakeCase } from './enums.ts';
import { keyRef } from './loaders.ts';

export type MutationError = Refusal | Failure;
type Tagged<T extends MutationError['type']> = Extract<MutationError, { type: T }>;

const ErrorInterface = builder.interfaceRef<MutationError>('Error').implement({
  description: 'Why a mutation did nothing, or what is not known of it.',
  fields: (t) => ({
    code: t.string({
      description: 'The type’s name in upper snake case.',
      resolve: ({ type }) => upperSnakeCase(type),
    }),
    message: t.exposeString('message', { description: 'For people; programs go by `code`.' }),
    path: t.stringList({
      nullable: true,
      description: 'The member of the input that it is about.',
      resolve: (error) => ('path' in error ? error.path : null),
    }),
  }),
});

export const Issue = builder.objectRef<Problem>('InputIssue').implement({
  fields: (t) => ({ path: t.stringList({ resolve: ({ path }) => path }), message: t.exposeString('message') }),
});

const InvalidInput = builder.objectRef<Tagged<'InvalidInput'>>('InvalidInput').implement({
  description: 'The input is not what it must be; nothing was done.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.field({
      type: [Issue],
      description: 'Everything that is wrong; `path` and `message` are the first.',
      resolve: ({ issues, path, message }) => issues ?? [{ path, message }],
    }),
  }),
});

const NotFound = builder.objectRef<Tagged<'NotFound'>>('NotFound').implement({
  description: 'There is no such thing, or not for this caller.',
  interfaces: [ErrorInterface],
});

const NotAllowed = builder.objectRef<Tagged<'NotAllowed'>>('NotAllowed').implement({
  description: 'The caller’s role may not, or the calling key would go beyond itself.',
  interfaces: [ErrorInterface],
});

const NotEnabled = builder.objectRef<Tagged<'NotEnabled'>>('NotEnabled').implement({
  description: 'The keyspace forbids it.',
  interfaces: [ErrorInterface],
});

const InvalidState = builder.objectRef<Tagged<'InvalidState'>>('InvalidState').implement({
  description: 'The key’s status forbids it.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ status: t.expose('status', { type: KeyStatus, description: 'The one that the key is in.' }) }),
});

const VersionConflict = builder.objectRef<Tagged<'VersionConflict'>>('VersionConflict').implement({
  description: 'The key has changed meanwhile: read it again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    expected: t.exposeInt('expected', { description: '`ifVersion`.' }),
    actual: t.exposeInt('actual', { description: 'Where the key is now.' }),
  }),
});

const OutcomeUnknown = builder.objectRef<Tagged<'OutcomeUnknown'>>('OutcomeUnknown').implement({
  description: 'Send it again with this commandId to learn what became of it.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ commandId: t.exposeString('commandId', { description: 'The one that was given, or made.' }) }),
});

const SecretAlreadyRevealed = builder.objectRef<Tagged<'SecretAlreadyRevealed'>>('SecretAlreadyRevealed').implement({
  description:
    'The command was carried out before. Its secret was handed out with the first answer, if that arrived; it is nowhere else.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    key: t.field({
      type: ApiKey,
      nullable: true,
      resolve: ({ keyId }, _, { caller }) => keyRef(caller.workspaces.keys(), keyId),
    }),
    position: t.expose('position', { type: 'Position', description: 'Of the first outcome.' }),
  }),
});

const StorageFull = builder.objectRef<Tagged<'StorageFull'>>('StorageFull').implement({
  description: 'The disk is full; nothing was changed.',
  interfaces: [ErrorInterface],
});

const Unavailable = builder.objectRef<Tagged<'Unavailable'>>('Unavailable').implement({
  description: 'Nothing was changed: try again.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'How long to wait before it is tried again.' }),
  }),
});

/** The errors that every mutation's union has. */
export const MUTATION_ERRORS = [
  InvalidInput,
  NotFound,
  NotAllowed,
  NotEnabled,
  InvalidState,
  VersionConflict,
  OutcomeUnknown,
  SecretAlreadyRevealed,
  StorageFull,
  Unavailable,
] as const;
