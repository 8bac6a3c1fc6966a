// An access review as a file for spreadsheets (RFC 4180), with the columns of `keyfold audit access-review --csv`.
import type { AuditReviewQuery } from '../api/generated/graphql.ts';
import type { Access } from './access-words.ts';

export type ReviewRow = NonNullable<AuditReviewQuery['workspace']>['accessReview']['rows'][number];

const ENDS = ['status', 'scopes', 'resources', 'expires'] as const;
const TITLES = [
  ...['key', 'name', 'keyspace', 'owner', 'ownerEmail', 'lastUsedAt'],
  ...ENDS.map((name) => `${name}Before`),
  ...ENDS.map((name) => `${name}After`),
  'changes',
];

/** Nothing in a cell is a formula, whoever named the key. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

const line = (values: readonly string[]): string => values.map(cell).join(',');

function end(access: Access | null | undefined): string[] {
  if (!access) return ENDS.map(() => '');
  const { status, unrestricted, scopes, resources, expiresAt } = access;
  return [
    status,
    unrestricted ? '*' : scopes.join(' '),
    resources.all ? '*' : resources.ids.join(' '),
    expiresAt ?? '',
  ];
}

export function reviewCsv(rows: readonly ReviewRow[]): string {
  const lines = rows.map(({ key, before, after, changes }) => {
    const owner = (after ?? before)?.owner;
    const told = changes.map(({ time, type, actor }) =>
      [time, type, ...(actor ? [`${actor.kind.toLowerCase()}:${actor.id}`] : [])].join(' '),
    );
    return line([
      ...[key.keyId, key.name, key.keyspace.slug, owner?.id ?? '', owner?.email ?? '', key.lastUsedAt ?? ''],
      ...[...end(before), ...end(after), told.join('; ')],
    ]);
  });
  return [line(TITLES), ...lines, ''].join('\r\n');
}
