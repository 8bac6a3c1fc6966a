// Records: an event as bytes of the log and back. Reading checks form, schema, commitment and hash; what fails is
// unreadable, with the reason: it is parked by whoever reads (F1), never skipped. What is recorded can be read again.
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import {
  attributes,
  catalogue,
  schemaName,
  wireType,
  type AnyEvent,
  type AnyNewEvent,
  type Attributes,
  type EventType,
  type Personal,
  type RecordedEvent,
} from './catalogue.ts';
import { inCanonicalOrder, isSameJson } from './canonical.ts';
import { GENESIS, commitment, eventHash, withSalt, type Salted } from './chain.ts';
import { claimedFact, decodeFact } from './fact-record.ts';
import { formatActor, eventId, type Actor, type AggregateId } from './ids.ts';
import type { RecordedFact } from './key/facts.ts';
import type { LogRecord, NewRecord } from './log.ts';
import { MAX_RECORD_BYTES } from './logs/records.ts';
import { problemOf } from './problem.ts';
import { open, seal } from './sealing.ts';
import { readWireType, upcast } from './upcast.ts';

const SALT = /^[A-Za-z0-9_-]{22}$/;
const salt = z.string().regex(SALT, 'must be 16 bytes as base64url');
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Parts are kept as they came until their hash is checked: a parser would drop what it does not know. */
const part = z.custom<Record<string, unknown>>(isObject, 'must be an object');
const wire = z.strictObject({
  ...attributes.shape,
  data: part,
  personal: z.string().min(1),
  private: z.custom<Salted<object>>(
    (value) => isObject(value) && typeof value.salt === 'string' && SALT.test(value.salt),
    'must be a salted object',
  ),
});

/** The schemas that the parts of an event lie in the log by: the two that are not public have their salt in them. */
const parts = Object.fromEntries(
  Object.entries(catalogue).map(([type, { data, personal, private: hidden }]) => [
    type,
    { data, personal: personal.extend({ salt }), private: hidden.extend({ salt }) },
  ]),
) as unknown as Record<EventType, Record<'data' | 'personal' | 'private', z.ZodType<object>>>;

/** Where an event stands: the aggregate's head before it. */
export interface Place {
  readonly aggregateId: AggregateId;
  readonly version: number;
  readonly head: string;
  /** The time of the aggregate's last event; `null` before the first. */
  readonly time: string | null;
}

/** Who asked, for what, under which profile. */
export interface Circumstances {
  readonly commandId: string;
  readonly fingerprint: string;
  readonly requestId: string;
  readonly actor: Actor;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly workspaceId: string | null;
  readonly keyspaceVersion: number | null;
  /** ISO time of the decision. */
  readonly now: string;
}

/** The data key that the personal part is sealed under. */
export interface DataKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** The place before an aggregate's first event. */
export function genesis(aggregateId: AggregateId): Place {
  return { aggregateId, version: 0, head: GENESIS, time: null };
}

/** Whatever a client sent, as text that can be kept. */
const clip = (value: string | null, length: number): string | null =>
  value === null ? null : value.replaceAll('\u0000', '').slice(0, length).toWellFormed();

/**
 * Gives a decided event its place in the chain and seals its personal part.
 *
 * @throws TypeError if the event could not be read back: nothing that a reader would park is ever appended.
 */
export function recordEvent(
  event: AnyNewEvent,
  place: Place,
  circumstances: Circumstances,
  dataKey: DataKey,
  randomBytes: (size: number) => Uint8Array,
): AnyEvent {
  const { fingerprint } = circumstances;
  const caller = { ip: clip(circumstances.ip, 64), userAgent: clip(circumstances.userAgent, 512) };
  const data = inCanonicalOrder(event.data);
  const personal = inCanonicalOrder(withSalt({ ...caller, ...event.personal }, randomBytes));
  const hidden = inCanonicalOrder(withSalt({ fingerprint, ...event.private }, randomBytes));
  const type = wireType(event.type);
  const version = place.version + 1;
  const id = eventId(place.aggregateId, version);
  const covered: Omit<Attributes, 'hash'> = {
    id,
    source: '/keyfold',
    type,
    subject: place.aggregateId,
    // E5: time travel never runs backwards within a key.
    time: latest(circumstances.now, place.time),
    dataschema: schemaName(type),
    version,
    ...(circumstances.workspaceId === null ? {} : { workspaceid: circumstances.workspaceId }),
    commandid: circumstances.commandId,
    requestid: circumstances.requestId,
    actor: formatActor(circumstances.actor),
    ...(circumstances.keyspaceVersion === null ? {} : { keyspaceversion: circumstances.keyspaceVersion }),
    datakeyid: dataKey.id,
    personaldigest: commitment(personal),
    privatedigest: commitment(hidden),
    prev: place.head,
  };
  const complete = { ...covered, hash: eventHash(covered, data) };
  const schemas = parts[event.type];
  mustRead('attributes', attributes, complete);
  mustRead('data', schemas.data, data);
  mustRead('personal', schemas.personal, personal);
  mustRead('private', schemas.private, hidden);
  return {
    type: event.type,
    attributes: complete,
    data,
    sealed: seal(Buffer.from(JSON.stringify(personal)), dataKey.key, id, randomBytes),
    private: hidden,
  } as AnyEvent;
}

/** E5: the time of what happens next to an aggregate. */
export function latest(now: string, last: string | null): string {
  return last !== null && last > now ? last : now;
}

function mustRead(what: string, schema: z.ZodType, value: unknown): void {
  const read = schema.safeParse(value);
  if (!read.success) throw new TypeError(`an event cannot be recorded: ${describe(what, read.error)}`);
}

function describe(what: string, error: z.ZodError): string {
  const { path, message } = problemOf(error);
  return `${[what, ...path].join('.')} ${message}`;
}

/** The record of an event: one JSON object, keyed by the aggregate (E2). */
export function encodeRecord(event: AnyEvent): NewRecord {
  const value = { ...event.attributes, data: event.data, personal: event.sealed, private: event.private };
  return { key: event.attributes.subject, value: Buffer.from(JSON.stringify(value)), headers: {} };
}

export type Decoded =
  | { readonly ok: true; readonly event: AnyEvent; readonly fact?: never }
  /** E6: about time, of no chain. */
  | { readonly ok: true; readonly event?: never; readonly fact: RecordedFact }
  | { readonly ok: false; readonly reason: string };

const unreadable = (reason: string): Decoded => ({ ok: false, reason });

/** Reads a record; never throws. Reasons name what is wrong and never quote values. */
export function decodeRecord(record: Pick<LogRecord, 'key' | 'value'>): Decoded {
  try {
    return read(record);
  } catch {
    // Lone surrogates, nesting without end: nothing that has a canonical form.
    return unreadable('not a JSON object that can be hashed');
  }
}

function read({ key, value }: Pick<LogRecord, 'key' | 'value'>): Decoded {
  // None that was ever appended is larger; what is read whole is parsed in one piece.
  if (value.byteLength > MAX_RECORD_BYTES) return unreadable('larger than any event');
  const json = parseJson(value);
  if (json === undefined) return unreadable('not JSON');
  const claimed = claimedFact(json);
  if (claimed !== null) return decodeFact(claimed, json, key);
  const parsed = wire.safeParse(json);
  if (!parsed.success) return unreadable(describe('record', parsed.error));
  const { data, personal, private: hidden, ...attributes } = parsed.data;
  const known = readWireType(attributes.type);
  if (!known) return unreadable(`unknown type ${attributes.type}`);
  if (attributes.subject !== key) return unreadable('subject is not the record key');
  if (attributes.id !== eventId(attributes.subject, attributes.version)) return unreadable('id is not subject@version');
  const { hash, ...covered } = attributes;
  if (commitment(hidden) !== attributes.privatedigest)
    return unreadable('privatedigest does not match the private part');
  if (eventHash(covered, data) !== hash) return unreadable('hash does not match the content');

  const current = upcast(known.type, known.version, { data, personal: null, private: hidden });
  const schemas = parts[known.type];
  const readData = schemas.data.safeParse(current.data);
  if (!readData.success) return unreadable(describe('data', readData.error));
  const readPrivate = schemas.private.safeParse(current.private);
  if (!readPrivate.success) return unreadable(describe('private', readPrivate.error));
  const event = { type: known.type, attributes, data: readData.data, sealed: personal, private: readPrivate.data };
  const same = isSameJson(data, readData.data);
  return { ok: true, event: (same ? event : { ...event, written: data }) as AnyEvent };
}

/** `undefined` for bytes that are not JSON in UTF-8. */
function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What {@link openPersonal} needs of an event; history rows have it too. */
export type SealedEvent<T extends EventType = EventType> = Pick<RecordedEvent<T>, 'type' | 'sealed'> & {
  readonly attributes: Pick<Attributes, 'id' | 'type' | 'personaldigest'>;
};

/**
 * Opens the personal part with its data key, checks it against its commitment and upcasts it.
 * `null` when it cannot be opened with that key: whoever holds another key or other bytes learns nothing.
 */
export function openPersonal<T extends EventType>(event: SealedEvent<T>, key: Uint8Array): Personal<T> | null {
  const known = readWireType(event.attributes.type);
  const sealed = openSealed(event, key);
  if (!known || !sealed) return null;
  try {
    const current = upcast(known.type, known.version, { data: null, personal: sealed, private: null });
    const personal = parts[known.type].personal.parse(current.personal);
    return Object.fromEntries(Object.entries(personal).filter(([member]) => member !== 'salt')) as Personal<T>;
  } catch {
    return null;
  }
}

/** The personal part as it was sealed, with its salt: what its commitment covers. `null` as {@link openPersonal} has it. */
export function openSealed({ sealed, attributes }: SealedEvent, key: Uint8Array): Salted<object> | null {
  try {
    const part = JSON.parse(open(sealed, key, attributes.id).toString('utf8')) as Salted<object>;
    return commitment(part) === attributes.personaldigest ? part : null;
  } catch {
    return null;
  }
}
