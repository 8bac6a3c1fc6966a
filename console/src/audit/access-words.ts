// What a key could do, in words, and what of it became different.
import type { ReviewedAccessFragment } from '../api/generated/graphql.ts';
import { statusLabel, type StatusLabels } from '../keys/keyspace-words.ts';
import { auditTexts } from '../texts/audit-texts.ts';
import { formatExact } from '../texts/format.ts';

export type Access = ReviewedAccessFragment;

const words = auditTexts.review;
const { columns } = auditTexts;
const listed = (values: readonly string[]): string => (values.length === 0 ? words.nothing : values.join(', '));

export const scopesText = ({ unrestricted, scopes }: Access): string =>
  unrestricted ? words.unrestricted : listed(scopes);

export const resourcesText = ({ resources }: Access): string => (resources.all ? words.all : listed(resources.ids));

/** Their address where it is known, else the id. */
export const ownerText = ({ owner }: Access): string => owner?.email ?? owner?.id ?? words.nothing;

const expiryText = ({ expiresAt }: Access): string => (expiresAt == null ? words.never : formatExact(expiresAt));

/** A sentence each; empty: nothing that a key may do, and nobody who answers for it, is another. */
export function differencesOf(before: Access, after: Access, labels: StatusLabels | undefined): readonly string[] {
  const status = (access: Access): string => (labels ? statusLabel(labels, access.status) : access.status);
  const told = [
    [columns.status, status],
    [columns.scopes, scopesText],
    [columns.resources, resourcesText],
    [columns.owner, ownerText],
    [columns.expires, expiryText],
  ] as const;
  return told.flatMap(([label, textOf]) => {
    const [was, is] = [textOf(before), textOf(after)];
    return was === is ? [] : [words.differs(label, was, is)];
  });
}
