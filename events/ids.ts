// Ids: how a key's id follows from its creation (E3), an event's from its aggregate (E2), and who an actor is.
import { createHash } from 'node:crypto';
import { base62 } from './base62.ts';

/** The one aggregate that holds all profiles, so that its head decides when two of them clash. */
export const KEYSPACES = 'keyspaces';

/** Of an aggregate: a key's id, or {@link KEYSPACES}. */
export type AggregateId = string;

const KEY_ID_LENGTH = 22;
const KEY_ID = /^key_[0-9A-Za-z]{22}$/;

// E3: a retried create meets its own aggregate.
export function keyIdFor(workspaceId: string, commandId: string): string {
  const digest = createHash('sha256').update(`keyfold key\n${workspaceId}\n${commandId}`).digest();
  return `key_${base62(digest.subarray(0, 16), KEY_ID_LENGTH)}`;
}

/** Whether a record key is the id of an aggregate; anything else was not written by Keyfold. */
export function isAggregateId(id: string): boolean {
  return id === KEYSPACES || KEY_ID.test(id);
}

// E2
export function eventId(aggregateId: AggregateId, version: number): string {
  return `${aggregateId}@${version}`;
}

/** The id of an aggregate's n-th data key; a forgotten one is followed by the next number, never used again. */
export function dataKeyId(aggregateId: AggregateId, number: number): string {
  return `${aggregateId}.${number}`;
}

/** Who did it: `user:<subject of the token>`, `key:<key id>`, `system:<process>`. Opaque ids, no personal data. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'system';
  readonly id: string;
}

export function formatActor(actor: Actor): string {
  return `${actor.kind}:${actor.id}`;
}

export function parseActor(value: string): Actor {
  const at = value.indexOf(':');
  const kind = value.slice(0, at);
  if (kind !== 'user' && kind !== 'key' && kind !== 'system') throw new TypeError(`not an actor: ${kind}`);
  return { kind, id: value.slice(at + 1) };
}
