// The words of a keyspace: what things are called and what is said around them, with what stands for what the profile
// leaves out.
import type { OfferedAction } from '../events/key/access.ts';
import type { Profile } from '../events/keyspaces/profile.ts';
import { wordsOf, type Confirmation, type Words } from '../events/keyspaces/words.ts';
import { builder } from './builder.ts';
import { KeyStatus, OperationAction, WorkspaceRole } from './enums.ts';

const StatusLabel = builder
  .objectRef<{ readonly status: keyof Profile['labels']['statuses']; readonly label: string }>('StatusLabel')
  .implement({ fields: (t) => ({ status: t.expose('status', { type: KeyStatus }), label: t.exposeString('label') }) });

const ActionLabel = builder
  .objectRef<{ readonly action: string; readonly label: string }>('ActionLabel')
  .implement({ fields: (t) => ({ action: t.exposeString('action'), label: t.exposeString('label') }) });

const RevealLabels = builder.objectRef<Words['reveal']>('RevealLabels').implement({
  description: 'Of the dialog that shows a new secret once.',
  fields: (t) => ({
    title: t.exposeString('title', { description: 'Its heading.' }),
    copy: t.exposeString('copy', { description: 'The button that copies the key.' }),
    copied: t.exposeString('copied', { description: 'The same button once the key was copied.' }),
    done: t.exposeString('done', { description: 'The button that closes the dialog.' }),
  }),
});

const word = (name: keyof Words['labels']) => (profile: Profile) => wordsOf(profile).labels[name];

export const KeyspaceLabels = builder.objectRef<Profile>('KeyspaceLabels').implement({
  description: 'What things are called.',
  fields: (t) => ({
    title: t.string({ description: 'Heading of the section.', resolve: ({ labels }) => labels.title }),
    noun: t.string({ description: 'What one key is called.', resolve: ({ labels }) => labels.noun }),
    create: t.string({
      description: 'The button that opens the form to make a key.',
      resolve: ({ labels }) => labels.create,
    }),
    submit: t.string({
      description: 'The button below that form.',
      resolve: ({ labels }) => labels.actions.CREATE ?? labels.create,
    }),
    save: t.string({ description: 'The button below an edit.', resolve: word('save') }),
    cancel: t.string({ description: 'The button that leaves a form or a question.', resolve: word('cancel') }),
    statuses: t.field({
      type: [StatusLabel],
      resolve: ({ labels: { statuses } }) =>
        (Object.keys(statuses) as (keyof typeof statuses)[]).map((status) => ({ status, label: statuses[status] })),
    }),
    actions: t.field({
      type: [ActionLabel],
      description: 'Those that the profile names; `Keyspace.operations` has a label for each.',
      resolve: ({ labels: { actions } }) => Object.entries(actions).map(([action, label]) => ({ action, label })),
    }),
    empty: t.string({ description: 'What a list without keys says.', resolve: ({ labels }) => labels.empty }),
    noExpiry: t.string({ description: 'Stands for the end of a key that has none.', resolve: word('noExpiry') }),
    customExpiry: t.string({
      description: 'What choosing any other day of expiry is called.',
      resolve: word('customExpiry'),
    }),
    neverUsed: t.string({
      description: 'Stands for the last use of a key that was never used.',
      resolve: word('neverUsed'),
    }),
    unrestricted: t.string({
      description: 'What a key that may do everything is called.',
      resolve: word('unrestricted'),
    }),
    restricted: t.string({
      description: 'What a key that may not do everything is called.',
      resolve: word('restricted'),
    }),
    restrict: t.string({
      description: 'The choice in a form not to let a key do everything.',
      resolve: word('restrict'),
    }),
    reveal: t.field({ type: RevealLabels, resolve: (profile) => wordsOf(profile).reveal }),
  }),
});

const ActionText = builder.objectRef<{ readonly action: string; readonly text: string }>('ActionText').implement({
  fields: (t) => ({ action: t.exposeString('action'), text: t.exposeString('text') }),
});

const ReasonText = builder.objectRef<{ readonly reason: string; readonly text: string }>('ReasonText').implement({
  fields: (t) => ({ reason: t.exposeString('reason'), text: t.exposeString('text') }),
});

const Guidance = builder.objectRef<NonNullable<Profile['texts']['guidance']>[number]>('Guidance').implement({
  description: 'Advice on keys at large.',
  fields: (t) => ({
    title: t.exposeString('title'),
    text: t.string({
      nullable: true,
      description: 'Null: the heading says it.',
      resolve: ({ text }) => text ?? null,
    }),
  }),
});

const byAction = (texts: Readonly<Record<string, string>> = {}) =>
  Object.entries(texts).map(([action, text]) => ({ action, text }));

export const KeyspaceTexts = builder.objectRef<Profile>('KeyspaceTexts').implement({
  description: 'Sentences around what can be done with a key.',
  fields: (t) => ({
    subtitle: t.string({ description: 'Below the heading.', resolve: ({ texts }) => texts.subtitle }),
    reveal: t.string({ description: 'Beside a new secret.', resolve: ({ texts }) => texts.reveal }),
    secrecy: t.string({
      nullable: true,
      description: 'A warning beside a new secret: how to keep it.',
      resolve: ({ texts }) => texts.secrecy ?? null,
    }),
    disable: t.string({
      description: 'Before a key is disabled, as those below before theirs.',
      resolve: ({ texts }) => texts.disable,
    }),
    regenerate: t.string({ resolve: ({ texts }) => texts.regenerate }),
    retirePreviousSecret: t.string({ resolve: (profile) => wordsOf(profile).texts.retirePreviousSecret }),
    revoke: t.string({ resolve: ({ texts }) => texts.revoke }),
    delete: t.string({ resolve: ({ texts }) => texts.delete }),
    unrestricted: t.string({
      description: 'What it means that a key may do everything.',
      resolve: (profile) => wordsOf(profile).texts.unrestricted,
    }),
    restricted: t.string({
      description: 'What it means that a key may not do everything.',
      resolve: (profile) => wordsOf(profile).texts.restricted,
    }),
    quickStart: t.string({
      nullable: true,
      description: 'Above the examples of the quick start: how a key is sent.',
      resolve: ({ texts }) => texts.quickStart ?? null,
    }),
    actions: t.field({
      type: [ActionText],
      description: 'What an action does, beside its button.',
      resolve: ({ texts }) => byAction(texts.actions),
    }),
    success: t.field({
      type: [ActionText],
      description:
        'What is told once an action is done; `SUCCESSOR` where an edit made a new key in place of changing the one that there is.',
      resolve: (profile) => byAction(wordsOf(profile).success),
    }),
    reasons: t.field({
      type: [ReasonText],
      description: 'When to choose a reason of `RemovalPolicy.reasons`.',
      resolve: ({ texts }) => Object.entries(texts.reasons ?? {}).map(([reason, text]) => ({ reason, text })),
    }),
    guidance: t.field({
      type: [Guidance],
      description: 'Advice on keys at large, such as good practice.',
      resolve: ({ texts }) => texts.guidance ?? [],
    }),
  }),
});

export const Naming = builder.objectRef<Profile['naming']>('Naming').implement({
  fields: (t) => ({
    discouraged: t.exposeStringList('discouraged', {
      description: 'Names that say nothing: a warning comes with them.',
    }),
    advice: t.exposeString('advice', { nullable: true, description: 'What the warning says.' }),
    examples: t.stringList({ description: 'Good names.', resolve: ({ examples }) => examples ?? [] }),
  }),
});

const OperationConfirmation = builder.objectRef<Confirmation>('OperationConfirmation').implement({
  description: 'What is asked before it is done.',
  fields: (t) => ({
    title: t.exposeString('title', { description: 'Heading of the question.' }),
    text: t.exposeString('text', { description: 'What it means.' }),
    button: t.exposeString('button', { description: 'The button that does it.' }),
  }),
});

/** Making keys, or an action of theirs, as a product calls it. */
export interface LabelledAction extends Omit<OfferedAction, 'action'> {
  readonly action: OfferedAction['action'] | 'CREATE';
  readonly label: string;
  readonly description: string | null;
  readonly inMenu: boolean;
  readonly confirmation: Confirmation | null;
}

export const KeyspaceOperation = builder.objectRef<LabelledAction>('KeyspaceOperation').implement({
  description: 'What can be done with keys of a keyspace, and by whom.',
  fields: (t) => ({
    action: t.expose('action', { type: OperationAction }),
    label: t.exposeString('label', { description: 'What its button says.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it does.' }),
    inMenu: t.exposeBoolean('inMenu', {
      description:
        'Whether the menu of a key in a list offers it; `CREATE` has a button of its own, the others are left to the API.',
    }),
    confirmation: t.expose('confirmation', {
      type: OperationConfirmation,
      nullable: true,
      description: 'Null: nothing is asked.',
    }),
    roles: t.field({ type: [WorkspaceRole], resolve: ({ roles }) => [...roles] }),
  }),
});
