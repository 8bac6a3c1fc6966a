// What keys of a keyspace may do: its scopes, what each includes, and the sets that are offered.
import { Facts, Section, SmallTable } from '../app/section.tsx';
import { Chip, Chips } from '../components/chips.tsx';
import { formatNumber } from '../texts/format.ts';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import type { ProfileProps } from './profile-view.tsx';

const words = keyspaceTexts.scopes;
const yesNo = (value: boolean): string => (value ? keyspaceTexts.yes : keyspaceTexts.no);

export function ProfileScopes({ profile: { permissions } }: ProfileProps) {
  const { matrix, implications, presets, superScopes, scopes } = permissions;
  const labelled = (ids: readonly string[]) =>
    ids.length === 0 ? null : (
      <Chips
        chips={ids.map((id) => {
          const known = scopes.find((scope) => scope.id === id);
          return { label: known?.label ?? id, tone: known?.tone ?? null };
        })}
      />
    );
  return (
    <Section heading={words.heading}>
      <Facts
        facts={[
          [words.model, words.models[permissions.model]],
          [words.minimum, formatNumber(permissions.minimum)],
          [words.freeForm, yesNo(permissions.freeForm)],
          [words.unrestricted, yesNo(permissions.unrestrictedAllowed)],
          superScopes.length > 0 ? [words.superScopes, labelled(superScopes)] : null,
          matrix ? [words.levels, <Chips key="levels" chips={matrix.levels} />] : null,
          matrix ? [words.none, matrix.none] : null,
        ]}
      />
      {scopes.length === 0 ? (
        <p>{words.no}</p>
      ) : (
        <SmallTable
          label={words.heading}
          headings={[words.scope, words.label, words.group, words.description, words.includes]}
          rows={scopes.map(({ id, label, tone, group, description }) => ({
            id,
            cells: [
              <code key="id">{id}</code>,
              <Chip key="label" label={label} tone={tone ?? null} />,
              group,
              description,
              labelled(implications.filter(({ scope }) => scope === id).flatMap(({ implies }) => implies)),
            ],
          }))}
        />
      )}
      {presets.length > 0 && (
        <SmallTable
          label={words.presets}
          headings={[words.preset, words.description, words.scope]}
          rows={presets.map(({ label, description, scopes: included }) => ({
            id: label,
            cells: [label, description, labelled(included)],
          }))}
        />
      )}
    </Section>
  );
}
