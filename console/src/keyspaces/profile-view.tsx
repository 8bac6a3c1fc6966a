// A profile in sections that can be read: what kinds of keys there are, what they may do, by which rules, in which words,
// and who may do what with them.
import type { ProfileViewFragment } from '../api/generated/graphql.ts';
import { Facts, Section, SmallTable } from '../app/section.tsx';
import { Chip, Chips } from '../components/chips.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import { ProfileRules } from './profile-rules.tsx';
import { ProfileScopes } from './profile-scopes.tsx';

export interface ProfileProps {
  readonly profile: ProfileViewFragment;
}

const yesNo = (value: boolean): string => (value ? keyspaceTexts.yes : keyspaceTexts.no);
const chips = (labels: readonly string[]) =>
  labels.length === 0 ? null : <Chips chips={labels.map((label) => ({ label }))} />;

export function ProfileView({ profile }: ProfileProps) {
  return (
    <>
      <General profile={profile} />
      <Types profile={profile} />
      <ProfileScopes profile={profile} />
      <ProfileRules profile={profile} />
      <Fields profile={profile} />
      <Labels profile={profile} />
      <Roles profile={profile} />
      <Columns profile={profile} />
    </>
  );
}

function General({ profile }: ProfileProps) {
  const words = keyspaceTexts.general;
  const { labels, credential, keyManagement } = profile;
  const headers = credential.headers.map(({ name, bearer }) => (bearer ? `${name}: Bearer` : name));
  return (
    <Section heading={words.heading}>
      <Facts
        facts={[
          [words.slug, <code key="slug">{profile.slug}</code>],
          [words.name, profile.name],
          [words.title, labels.title],
          [words.subtitle, profile.texts.subtitle],
          [words.noun, labels.noun],
          [words.create, labels.create],
          [words.headers, chips(headers)],
          [words.prefixes, chips(credential.prefixes)],
          [words.environments, chips(profile.environments)],
          [words.flags, chips(profile.flags)],
          [words.timeZone, profile.timeZone],
          [words.requestLog, keyspaceTexts.days(profile.requestLogDays)],
          keyManagement ? [words.manages, chips([keyManagement.view, keyManagement.change])] : null,
        ]}
      />
    </Section>
  );
}

function Types({ profile }: ProfileProps) {
  const words = keyspaceTexts.types;
  return (
    <Section heading={words.heading}>
      <SmallTable
        label={words.heading}
        headings={[words.type, words.description, words.public, words.origins, words.scopes, words.unrestricted]}
        rows={profile.types.map(({ id, label, description, originsRequired, scopes, unrestricted, ...type }) => ({
          id,
          cells: [
            keyspaceTexts.labelled(label, id),
            description,
            yesNo(type.public),
            yesNo(originsRequired),
            scopes == null ? keyspaceTexts.all : chips(scopes),
            words.rules[unrestricted],
          ],
        }))}
      />
    </Section>
  );
}

function Fields({ profile }: ProfileProps) {
  const words = keyspaceTexts.fields;
  return (
    <Section heading={words.heading}>
      <SmallTable
        label={words.heading}
        headings={[words.field, words.id, words.create, words.edit, words.advice]}
        rows={profile.fields.map(({ id, label, description, required, inCreateForm, edit, reason }) => ({
          id,
          cells: [
            label,
            <code key="id">{id}</code>,
            words.creates[required ? 'required' : inCreateForm ? 'optional' : 'hidden'],
            edit === 'FORBIDDEN' && reason != null ? reason : words.edits[edit],
            description,
          ],
        }))}
      />
    </Section>
  );
}

function Labels({ profile: { labels, texts } }: ProfileProps) {
  const words = keyspaceTexts.labels;
  const statuses = labels.statuses.map(({ status, label }) => keyspaceTexts.labelled(label, status.toLowerCase()));
  return (
    <Section heading={words.heading}>
      <Facts
        facts={[
          [words.submit, labels.submit],
          [words.statuses, chips(statuses)],
          [words.noExpiry, labels.noExpiry],
          [words.neverUsed, labels.neverUsed],
          [words.unrestricted, labels.unrestricted],
          [words.restricted, labels.restricted],
          [words.empty, labels.empty],
          [words.reveal, texts.reveal],
        ]}
      />
    </Section>
  );
}

function Roles({ profile }: ProfileProps) {
  const words = keyspaceTexts.roles;
  return (
    <Section heading={words.heading} text={words.text}>
      <SmallTable
        label={words.heading}
        headings={[words.label, words.action, words.roles]}
        rows={profile.operations.map(({ action, label, roles }) => ({
          id: action,
          cells: [label, <code key="action">{action}</code>, chips(roles.map((role) => words.names[role]))],
        }))}
      />
    </Section>
  );
}

function Columns({ profile }: ProfileProps) {
  const words = keyspaceTexts.columns;
  return (
    <Section heading={words.heading}>
      <SmallTable
        label={words.heading}
        headings={[words.label, words.id, words.format, words.description]}
        rows={profile.columns.map(({ id, label, format, description }) => ({
          id,
          cells: [label, <code key="id">{id}</code>, <Chip key="format" label={format} />, description],
        }))}
      />
    </Section>
  );
}
