// What a form holds of a key, before it is anything that the API takes: what was typed and chosen, be it right or wrong.
import type { KeyRow, KeyspaceView } from '../keys/keyspace-words.ts';
import { dayOf } from './calendar.ts';

export type KeyField = KeyspaceView['fields'][number];

export const NEVER = 'never';
export const ANY_DAY = 'day';

export interface Draft {
  /** Empty: not chosen yet; so `environment`. */
  readonly type: string;
  readonly environment: string;
  readonly name: string;
  readonly description: string;
  readonly unrestricted: boolean;
  readonly scopes: readonly string[];
  readonly flags: readonly string[];
  readonly resources: { readonly all: boolean; readonly ids: readonly string[] };
  readonly origins: readonly string[];
  readonly ipRanges: readonly string[];
  /** Calls in a window, as typed; empty: none. */
  readonly rateLimit: string;
  readonly expiresAt: {
    /** {@link NEVER}, {@link ANY_DAY}, a number of days, or empty: not chosen yet. */
    readonly choice: string;
    /** `YYYY-MM-DD` */
    readonly day: string;
  };
  readonly owner: {
    readonly whose: 'caller' | 'named' | 'nobody';
    readonly id: string;
    readonly email: string;
    /** The caller's id, where nobody but them can tell their e-mail address. */
    readonly self: string | null;
  };
  readonly tags: readonly string[];
  /** By name, where entries have fields of their own. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The whole of it as JSON, where it is one field. */
  readonly metadataText: string;
}

export type DraftChange = Partial<Draft>;

export const METADATA = 'metadata.';

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
const written = (value: unknown): string => (value == null ? '' : JSON.stringify(value, null, 2));

/** The only one that there is, else none. */
const only = (choices: readonly string[]): string => (choices.length === 1 ? (choices[0] ?? '') : '');

/** What a form to make a key begins with: what the keyspace says that a key has of itself. */
/** @param self whoever makes the key, if no sign-in has told their e-mail address */
export function newDraft(
  { fields, types, environments, expiry, rateLimit }: KeyspaceView,
  self: string | null = null,
): Draft {
  const byDefault = new Map(fields.map((field) => [field.id, field.default]));
  const text = (id: string): string => {
    const value = byDefault.get(id);
    return typeof value === 'string' ? value : '';
  };
  const list = (id: string): string[] => (byDefault.get(id) ?? []) as string[];
  const days = expiry?.defaultDays ?? null;
  const never = expiry?.noExpiry === true ? NEVER : '';
  return {
    type: text('type') || only(types.map(({ id }) => id)),
    environment: text('environment') || only(environments),
    name: '',
    description: '',
    unrestricted: byDefault.get('unrestricted') === true,
    scopes: list('scopes'),
    flags: list('flags'),
    resources: (byDefault.get('resources') ?? { all: true, ids: [] }) as Draft['resources'],
    origins: list('origins'),
    ipRanges: list('ipRanges'),
    rateLimit: rateLimit?.default == null ? '' : String(rateLimit.default),
    expiresAt: { choice: days === null ? never : String(days), day: '' },
    owner: { whose: 'caller', id: '', email: '', self },
    tags: list('tags'),
    metadata: Object.fromEntries(
      fields.flatMap(({ id, default: value }) =>
        id.startsWith(METADATA) && value != null ? [[id.slice(METADATA.length), value]] : [],
      ),
    ),
    metadataText: written(byDefault.get('metadata')),
  };
}

/** What a form to edit a key begins with: the key as it is. */
export function draftOf(row: KeyRow, { timeZone }: KeyspaceView): Draft {
  const { owner, expiresAt, rateLimit } = row;
  return {
    type: row.type,
    environment: row.environment ?? '',
    name: row.name,
    description: row.description ?? '',
    unrestricted: row.unrestricted,
    scopes: row.scopes,
    flags: row.flags,
    resources: { all: row.resources.all, ids: row.resources.ids },
    origins: row.origins,
    ipRanges: row.ipRanges,
    rateLimit: rateLimit == null ? '' : String(rateLimit.limit),
    expiresAt:
      expiresAt == null ? { choice: NEVER, day: '' } : { choice: ANY_DAY, day: dayOf(timeZone, Date.parse(expiresAt)) },
    owner:
      owner == null
        ? { whose: 'nobody', id: '', email: '', self: null }
        : { whose: 'named', id: owner.id, email: owner.email ?? '', self: null },
    tags: row.tags,
    metadata: object(row.metadata),
    metadataText: written(row.metadata),
  };
}

/** The member of a draft that a field is about. */
export function memberOf(field: KeyField): keyof Draft {
  if (field.id.startsWith(METADATA)) return 'metadata';
  return field.kind === 'METADATA' ? 'metadataText' : (field.id as keyof Draft);
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Whether a field is not what it was. */
export function isChanged(field: KeyField, before: Draft, now: Draft): boolean {
  if (!field.id.startsWith(METADATA)) return !same(before[memberOf(field)], now[memberOf(field)]);
  const name = field.id.slice(METADATA.length);
  return !same(before.metadata[name], now.metadata[name]);
}
