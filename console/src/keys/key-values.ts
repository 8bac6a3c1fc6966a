// What a column says of a key, by the column's id: as text, as chips, as a time. A column may have any format.
import type { ChipProps } from '../components/chips.tsx';
import { formatNumber } from '../texts/format.ts';
import { texts } from '../texts/texts.ts';
import { optionLabel, statusLabel, typeLabel, type KeyRow, type KeyspaceView } from './keyspace-words.ts';

export const METADATA = 'metadata.';

type Text = (row: KeyRow, view: KeyspaceView) => string | null;

const TEXTS: Readonly<Record<string, Text>> = {
  name: ({ name }) => name,
  description: ({ description }) => description ?? null,
  keyId: ({ keyId }) => keyId,
  preview: ({ preview }) => preview,
  type: ({ type }, view) => typeLabel(view, type),
  environment: ({ environment }, view) => (environment == null ? null : optionLabel(view, 'environment', environment)),
  permissions: ({ unrestricted }, { labels }) => (unrestricted ? labels.unrestricted : labels.restricted),
  status: ({ status }, view) => statusLabel(view, status),
  enabled: ({ status }, view) => statusLabel(view, status),
  resources: ({ resources }, { resourceAll }) =>
    resources.all ? (resourceAll ?? texts.keys.allResources) : texts.keys.restrictedResources(resources.ids.length),
  rateLimit: ({ rateLimit }) => (rateLimit == null ? null : texts.units.rate(rateLimit.limit, rateLimit.windowSeconds)),
  requestCount: ({ requestCount }) => (requestCount === undefined ? null : formatNumber(requestCount)),
  owner: ({ owner }) => owner?.email ?? owner?.id ?? null,
  createdBy: ({ createdBy }) => createdBy.id,
};

const CHIPS: Readonly<Record<string, (row: KeyRow, view: KeyspaceView) => readonly ChipProps[]>> = {
  scopes: ({ scopes, unrestricted }, { permissions, labels }) =>
    unrestricted
      ? [{ label: labels.unrestricted }]
      : scopes.map((scope) => {
          const known = permissions.scopes.find(({ id }) => id === scope);
          return { label: known?.label ?? scope, tone: known?.tone ?? null };
        }),
  flags: ({ flags }, view) => flags.map((flag) => ({ label: optionLabel(view, 'flags', flag) })),
  origins: ({ origins }) => origins.map((label) => ({ label })),
  ipRanges: ({ ipRanges }) => ipRanges.map((label) => ({ label })),
  tags: ({ tags }) => tags.map((label) => ({ label })),
};

const TIMES: Readonly<Record<string, (row: KeyRow) => string | null | undefined>> = {
  createdAt: ({ createdAt }) => createdAt,
  expiresAt: ({ expiresAt }) => expiresAt,
  lastRotatedAt: ({ lastRotatedAt }) => lastRotatedAt,
  lastUsedAt: ({ lastUsedAt }) => lastUsedAt,
  lastSeenAt: ({ lastSeenAt }) => lastSeenAt,
};

const metadataOf = ({ metadata }: KeyRow, name: string): string | null => {
  const value =
    typeof metadata === 'object' && metadata !== null
      ? (metadata as Readonly<Record<string, unknown>>)[name]
      : undefined;
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** `null`: there is nothing to say. */
export function textOf(column: string, row: KeyRow, view: KeyspaceView): string | null {
  if (column.startsWith(METADATA)) return metadataOf(row, column.slice(METADATA.length));
  const text = TEXTS[column]?.(row, view);
  if (text !== undefined) return text;
  const chips = CHIPS[column]?.(row, view).map(({ label }) => label);
  return chips === undefined ? (TIMES[column]?.(row) ?? null) : chips.join(', ');
}

export function chipsOf(column: string, row: KeyRow, view: KeyspaceView): readonly ChipProps[] {
  const chips = CHIPS[column]?.(row, view);
  if (chips) return chips;
  const label = textOf(column, row, view);
  return label === null ? [] : [{ label }];
}

/** RFC 3339; `null`: it has no such time. */
export const timeOf = (column: string, row: KeyRow): string | null => TIMES[column]?.(row) ?? null;

/** Expiry is a day of the keyspace's calendar; everything else happens in the reader's. */
export const zoneOf = (column: string, { timeZone }: KeyspaceView): { readonly zone?: string } =>
  column === 'expiresAt' ? { zone: timeZone } : {};

/** What stands for a time that there is not. */
export function noTime(column: string, { labels }: KeyspaceView): string {
  if (column === 'expiresAt') return labels.noExpiry;
  return column === 'lastUsedAt' || column === 'lastSeenAt' ? labels.neverUsed : texts.nothing;
}
