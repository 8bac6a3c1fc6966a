// A key's row as it is stored: the columns that lists filter and order by, and everything else as JSON text, byte-exact.
import type { StoredStatus } from '../../events/key/state.ts';
import type { KeyRow } from '../rows.ts';
import { readStored, type Damaged } from './stored-json.ts';

/** What is read back. */
export interface StoredKey {
  /** JSON of the row without its usage. */
  readonly row: string;
  readonly lastUsedAt: string | null;
  readonly lastSeenAt: string | null;
  readonly requestCount: number;
  readonly noticeAt: string | null;
}

/** What is written. `id` and `version` are what the guard looks at (P1). */
export interface KeyRecord extends StoredKey {
  readonly id: string;
  readonly version: number;
  readonly workspaceId: string;
  readonly keyspace: string;
  readonly status: StoredStatus;
  readonly type: string;
  readonly environment: string | null;
  readonly owner: string | null;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly predecessor: string | null;
  /** When the previous secret retires, while there is one. */
  readonly retiresAt: string | null;
  /** What can be searched for in lists of texts; see {@link term}. Distinct, in order. */
  readonly terms: readonly string[];
}

export const STORED_KEY_COLUMNS = ['row', 'lastUsedAt', 'lastSeenAt', 'requestCount', 'noticeAt'] as const;
/** Written when a row is made and left alone by later versions: they have a writer of their own (P6). */
export const USAGE_COLUMNS = ['lastUsedAt', 'lastSeenAt', 'requestCount'] as const;

/** Members of the row's lists, with what they are in front; and the two markers that stand for any scope and resource. */
export const term = {
  word: (word: string) => `w:${word}`,
  tag: (tag: string) => `t:${tag}`,
  scope: (scope: string) => `s:${scope}`,
  resource: (id: string) => `r:${id}`,
  anyScope: 'S',
  anyResource: 'R',
} as const;

function terms({ state, details, search }: KeyRow): string[] {
  const all = new Set<string>();
  for (const word of search.words) all.add(term.word(word));
  for (const tag of details.tags) all.add(term.tag(tag));
  for (const scope of state.scopes) all.add(term.scope(scope));
  for (const id of state.resources.ids) all.add(term.resource(id));
  if (state.unrestricted) all.add(term.anyScope);
  if (state.resources.all) all.add(term.anyResource);
  return [...all].sort();
}

/** What lists filter and order by. */
export function keyColumns(row: KeyRow): Omit<KeyRecord, 'row'> {
  const { state, search, usage } = row;
  return {
    id: state.keyId,
    version: state.version,
    workspaceId: state.workspaceId,
    keyspace: state.keyspace,
    status: state.status,
    type: state.type,
    environment: state.environment,
    owner: state.ownerId,
    name: search.name,
    createdAt: state.createdAt,
    expiresAt: state.expiresAt,
    predecessor: state.predecessor,
    retiresAt: state.previousSecret?.retiresAt ?? null,
    noticeAt: row.noticeAt,
    terms: terms(row),
    lastUsedAt: usage.lastUsedAt,
    lastSeenAt: usage.lastSeenAt,
    requestCount: usage.requestCount,
  };
}

export function toKeyRecord(row: KeyRow): KeyRecord {
  const { state, details, search } = row;
  return { ...keyColumns(row), row: JSON.stringify({ state, details, search }) };
}

export function fromStoredKey({ row, noticeAt, ...usage }: StoredKey, damaged: Damaged): KeyRow {
  const parts = ['state', 'details', 'search'] as const;
  const { state, details, search } = readStored<Omit<KeyRow, 'usage'>>(row, parts, 'keys', damaged);
  const { lastUsedAt, lastSeenAt, requestCount } = usage;
  return { state, details, search, noticeAt, usage: { lastUsedAt, lastSeenAt, requestCount } };
}
