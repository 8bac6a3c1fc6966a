// The recorder of reading: what an operation has noted → one record in each workspace, in one insert. Nothing of a credential
// and nothing that tells of a key's owner is kept of the arguments, and of a record never more than about a kilobyte: whoever
// is shown nothing is on record, too, and must not fill the store.
import { randomUUID } from 'node:crypto';
import { formatActor } from '../../events/ids.ts';
import { canonical } from '../../events/canonical.ts';
import {
  READ_KINDS,
  READS_KEPT_DAYS,
  type ReadField,
  type ReadRecords,
  type ReadRow,
} from '../../projections/reads.ts';
import type { Caller, ReadNote } from '../../schema/context.ts';
import { holdsCredential, redact } from '../shared/redact.ts';

export interface ReadRecorderOptions {
  readonly reads: Pick<ReadRecords, 'add'>;
  /** ISO time. */
  readonly now: () => string;
}

/** One operation of a caller. */
export interface Reading {
  readonly caller: Pick<Caller, 'actor' | 'workspaces' | 'operator' | 'ip' | 'userAgent'>;
  readonly requestId: string;
  readonly notes: readonly ReadNote[];
}

export interface ReadRecorder {
  /** Durable once it resolves; rejects where it could not be recorded: then nothing of it may leave. */
  record(reading: Reading): Promise<void>;
}

const DAY_MS = 86_400_000;
/** In characters; `fields`: of all fields as JSON. */
const MAX = { fields: 700, keys: 8, items: 20, userAgent: 160 } as const;
const NOT_KEPT = '[not kept]';
/** In place of all arguments of a field. */
const NONE_KEPT = { all: NOT_KEPT } as const;
/** Members by which keys are found from what is personal about them, and cursors: these hold what was sorted by, names too. */
const PERSONAL: ReadonlySet<string> = new Set(['text', 'tags', 'ip', 'path', 'after', 'before']);
/**
 * All other texts are ids, scopes, times and names of the API's; what does not look like one may be anything, also an address.
 * Global ids are as long as a credential: of keys the record has the ids themselves.
 */
const OPAQUE = /^[\w:.*/=+-]{1,64}$/;

export function createReadRecorder({ reads, now }: ReadRecorderOptions): ReadRecorder {
  return {
    record: async (reading) => {
      if (reading.notes.length > 0) await reads.add(rowsOf(reading, now()));
    },
  };
}

function rowsOf({ caller, requestId, notes }: Reading, time: string): readonly ReadRow[] {
  const { actor, workspaces, ip, userAgent } = caller;
  return [...groups(notes, ({ workspaceId }) => workspaceId)].map(([workspaceId, own]): ReadRow => {
    const standing = workspaces.get(workspaceId);
    return {
      ...{ id: randomUUID(), workspaceId, time, actor: formatActor(actor), requestId, ip },
      role: standing === undefined ? 'operator' : typeof standing === 'string' ? standing : 'key',
      userAgent: userAgent === null ? null : redact(userAgent, MAX.userAgent),
      kinds: READ_KINDS.filter((kind) => own.some((note) => note.kind === kind)),
      fields: fieldsOf(own),
      expiresAt: new Date(Date.parse(time) + READS_KEPT_DAYS * DAY_MS).toISOString(),
    };
  });
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const group = found.get(keyOf(item));
    if (group) group.push(item);
    else found.set(keyOf(item), [item]);
  }
  return found;
}

/** What was read; where that is too much, each field once, without its arguments and in the end without its keys. */
function fieldsOf(notes: readonly ReadNote[]): readonly ReadField[] {
  const isShort = (fields: readonly ReadField[]): boolean => JSON.stringify(fields).length <= MAX.fields;
  const whole = grouped(notes, (note) => (note.arguments === null ? NONE_KEPT : argumentsOf(note.arguments)));
  if (isShort(whole)) return whole;
  const bare = grouped(notes, () => NONE_KEPT);
  return isShort(bare) ? bare : bare.map((field) => ({ ...field, keys: [] }));
}

/** The same field with the same arguments is one entry, however many keys it was read of. */
function grouped(notes: readonly ReadNote[], given: (note: ReadNote) => ReadField['arguments']): readonly ReadField[] {
  const kept = notes.map((note) => ({ note, given: given(note) }));
  const alike = groups(kept, ({ note, given }) => `${note.field} ${canonical(given)}`);
  // As they were noted says nothing: that is when each had its answer.
  const inOrder = [...alike].sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.flatMap(([, [first, ...more]]) => {
    if (first === undefined) return [];
    const keys = [first, ...more].flatMap(({ note: { keyId } }) => keyId ?? []);
    const { field } = first.note;
    return [{ field, arguments: first.given, keys: [...new Set(keys)].slice(0, MAX.keys), times: more.length + 1 }];
  });
}

function argumentsOf(given: Readonly<Record<string, unknown>>): ReadField['arguments'] {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, keptOf(name, value)]));
}

function keptOf(name: string, value: unknown): unknown {
  if (PERSONAL.has(name)) return NOT_KEPT;
  if (typeof value === 'string') return OPAQUE.test(value) && !holdsCredential(value) ? value : NOT_KEPT;
  if (Array.isArray(value)) return value.length > MAX.items ? NOT_KEPT : value.map((item) => keptOf('', item));
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'object' && value !== null ? argumentsOf(value as Readonly<Record<string, unknown>>) : null;
}
