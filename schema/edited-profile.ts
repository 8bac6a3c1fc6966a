// editedProfile: the source of a profile with members changed, for forms. Nothing is kept: a form sends the source back
// until defineKeyspace takes it.
import { planKeyspace } from '../events/keyspaces/define.ts';
import { PROFILE_MEMBERS, withFallbackRows, type ProfileMember as MemberShape } from '../events/keyspaces/members.ts';
import { editSource, MAX_CHANGES } from '../events/keyspaces/source-edit.ts';
import { defineKeyspace } from '../events/key/commands.ts';
import { problemOf, type Problem } from '../events/problem.ts';
import { builder } from './builder.ts';
import { ProfileMemberKind } from './enums.ts';
import { Issue } from './errors.ts';
import { badInput } from './graphql-errors.ts';

interface Edited {
  readonly source: string;
  readonly profile: unknown;
  readonly problems: readonly Problem[];
}

const ProfileMember = builder.objectRef<MemberShape>('ProfileMember').implement({
  description: 'A member that a profile may have, as a form shows it.',
  fields: (t) => ({
    path: t.stringList({
      description: '`*` stands for any entry of a list, and for any name of a group whose names are free.',
      resolve: ({ path }) => path,
    }),
    label: t.exposeString('label'),
    description: t.exposeString('description', { nullable: true }),
    kind: t.expose('kind', { type: ProfileMemberKind }),
    required: t.exposeBoolean('required', { description: 'Whether it must be there.' }),
    fallback: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What holds where it is absent.',
      resolve: ({ fallback }) => fallback,
    }),
    instead: t.exposeString('instead', {
      nullable: true,
      description: 'JSON of the one value that may stand in its place, such as `null`; null: there is none.',
    }),
    choices: t.stringList({ resolve: ({ choices }) => choices }),
    minimum: t.exposeFloat('minimum', { nullable: true }),
    maximum: t.exposeFloat('maximum', { nullable: true }),
  }),
});

const ProfileChangeInput = builder.inputType('ProfileChangeInput', {
  fields: (t) => ({
    path: t.stringList({ required: true, description: 'Entries of a list by their place, from 0.' }),
    value: t.field({ type: 'JSON', description: 'Absent: the member, or the entry, is removed.' }),
  }),
});

const EditedProfile = builder.objectRef<Edited>('EditedProfile').implement({
  fields: (t) => ({
    source: t.string({
      description: 'With the changes made; as it was where it cannot be read. Comments and order stay.',
      resolve: ({ source }) => source,
    }),
    profile: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'What the source says, with the rows that hold where it names none; null where it cannot be read: `problems` say why.',
      resolve: ({ profile }) => profile,
    }),
    problems: t.field({
      type: [Issue],
      description: 'Everything that defineKeyspace would have against the source, by paths in the profile.',
      resolve: ({ problems }) => problems,
    }),
    members: t.field({
      type: [ProfileMember],
      description: 'Of any profile: each group before what is in it.',
      extensions: { entries: PROFILE_MEMBERS.length },
      resolve: () => PROFILE_MEMBERS,
    }),
  }),
});

builder.queryField('editedProfile', (t) =>
  t.field({
    type: EditedProfile,
    nullable: true,
    description: 'A profile’s source with members changed, and what is wrong with it then; null for all but operators.',
    // A large source is parsed, written and judged in a tenth of a second and more.
    extensions: { cost: 20_000 },
    authScopes: { operator: true },
    unauthorizedResolver: () => null,
    args: {
      source: t.arg.string({ required: true, description: 'The profile, as YAML or JSON.' }),
      changes: t.arg({
        type: [ProfileChangeInput],
        description: `In their order; at most ${MAX_CHANGES}. One that cannot be made is refused, and with it the others.`,
      }),
    },
    resolve: async (_, { source, changes }, context): Promise<Edited> => {
      const read = defineKeyspace.shape.source.safeParse(source);
      if (!read.success) throw badInput({ path: ['source'], message: problemOf(read.error).message });
      if (changes && changes.length > MAX_CHANGES)
        throw badInput({ path: ['changes'], message: `must have at most ${MAX_CHANGES} entries` });
      const edited = editSource(
        source,
        (changes ?? []).map(({ path, value }) => ({ path, value })),
      );
      if (edited.kind === 'refused') throw badInput(edited.problem);
      if (edited.kind === 'unreadable') return { source, profile: null, problems: edited.problems };
      const keyspaces = await context.read((view) => view.keyspaces());
      const { problems } = planKeyspace(edited.source, keyspaces);
      return { source: edited.source, profile: withFallbackRows(edited.profile), problems };
    },
  }),
);
