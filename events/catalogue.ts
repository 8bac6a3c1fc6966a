// The catalogue: every event of both kinds of aggregate, the attributes that all carry, and the types that follow.
// zod is the one source: types, validation and JSON Schema are derived from here and from nowhere else.
import { z } from 'zod';
import * as fields from './fields.ts';
import { keyEvents } from './key/events.ts';
import { keyspaceEvents } from './keyspaces/events.ts';

export const catalogue = { ...keyEvents, ...keyspaceEvents } as const;

export type EventType = keyof typeof catalogue;
export type KeyEventType = keyof typeof keyEvents;
export type KeyspaceEventType = keyof typeof keyspaceEvents;

/** The public data of an event. */
export type Data<T extends EventType> = z.infer<(typeof catalogue)[T]['data']>;
/** The personal part without its salt: sealed in the log, readable until its data key is destroyed. */
export type Personal<T extends EventType> = z.infer<(typeof catalogue)[T]['personal']>;
/** The private part without its salt: never leaves Keyfold. */
export type Private<T extends EventType> = z.infer<(typeof catalogue)[T]['private']>;

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const count = z.int().min(1);

/**
 * The attributes of every event, under their names on the wire: CloudEvents 1.0 and Keyfold's extensions.
 * All of them but `hash` itself are what `hash` covers (E2).
 */
export const attributes = z.strictObject({
  id: z.string().min(1).max(120),
  source: z.literal('/keyfold'),
  type: z.string().regex(/^keyfold\.[A-Za-z]{1,40}\.v[1-9]\d{0,3}$/, 'must name an event and its version'),
  subject: z.string().min(1).max(64),
  time: fields.instant,
  dataschema: fields.text(120),
  version: count,
  workspaceid: fields.workspaceId.optional(),
  commandid: fields.commandId,
  requestid: fields.text(128).min(1),
  actor: fields.text(264).regex(/^(?:user|key|system):.{1,256}$/su, 'must be an actor'),
  keyspaceversion: count.optional(),
  datakeyid: fields.text(80).min(1),
  personaldigest: digest,
  privatedigest: digest,
  prev: digest,
  hash: digest,
});

export type Attributes = z.infer<typeof attributes>;

/** An event as the log has it: attributes, public data, the sealed personal part and the private part. */
export interface RecordedEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly attributes: Attributes;
  readonly data: Data<T>;
  /** The data as the log has it, where it was written otherwise, by an older version: what the hash covers. */
  readonly written?: Readonly<Record<string, unknown>>;
  /** base64 of nonce ‖ ciphertext ‖ tag; see events/sealing.ts. */
  readonly sealed: string;
  readonly private: Private<T>;
}

/** {@link RecordedEvent} as a union that narrows by `type`. */
export type AnyEvent<T extends EventType = EventType> = { [K in T]: RecordedEvent<K> }[T];
export type KeyEvent = AnyEvent<KeyEventType>;
export type KeyspaceEvent = AnyEvent<KeyspaceEventType>;

/** What a decision asks to be recorded, before it has its place in the chain. */
export interface NewEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly data: Data<T>;
  /** Without the caller's address and user agent, which the recorder adds. */
  readonly personal: Omit<Personal<T>, 'ip' | 'userAgent'>;
  /** Without the fingerprint, which the recorder adds. */
  readonly private: Omit<Private<T>, 'fingerprint'>;
}
export type AnyNewEvent<T extends EventType = EventType> = { [K in T]: NewEvent<K> }[T];

export function isEventType(name: string): name is EventType {
  return Object.hasOwn(catalogue, name);
}

/** `keyfold.KeyCreated.v1` for `KeyCreated` at its current version. */
export function wireType(type: EventType): string {
  return `keyfold.${type}.v${catalogue[type].version}`;
}

/** The name of the schema that an event's data follows. */
export function schemaName(wire: string): string {
  return `urn:keyfold:schema:${wire.slice('keyfold.'.length)}`;
}
