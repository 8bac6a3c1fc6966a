// Kept events: what was tailed of keys above `base`, so that a record that is read later can be brought up to the tail (V1).
// Bounded: the oldest are thrown away first, which raises `base`.
import type { KeyEvent } from '../../events/catalogue.ts';
import type { LogRecord } from '../../events/log.ts';
import type { Position, RecordPosition } from '../../events/position.ts';

export interface KeptEvent extends RecordPosition {
  /** Without its sealed part: no fold of state reads it. */
  readonly event: KeyEvent;
}

export interface KeptEvents {
  /** All events of keys from here on are kept: a record counts that was read at this position or further (V1). */
  readonly base: Position;
  /** In the order of the log. */
  keep(record: LogRecord, event: KeyEvent): void;
  /** Of an event that needs not be kept. */
  pass(record: RecordPosition): void;
  /** Of one key, in order, from a position on. */
  of(keyId: string, from: Position): readonly KeptEvent[];
  /** V3: the key for which an event has introduced a hash. */
  keyOf(hash: string): string | null;
}

export interface KeptEventsOptions {
  /** Where the view begins. */
  readonly base: Position;
  readonly maxEvents?: number;
  /** Of the records that they came in. */
  readonly maxBytes?: number;
}

const MAX_EVENTS = 8192;
const MAX_BYTES = 8 * 2 ** 20;

/** The hash that an event introduces; `null`: none. */
export function introduced(event: KeyEvent): string | null {
  return event.type === 'KeyCreated' || event.type === 'KeyRegenerated' ? event.private.hash : null;
}

export function createKeptEvents(options: KeptEventsOptions): KeptEvents {
  const { maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES } = options;
  const base: Record<number, number> = { ...options.base };
  /** By the order in which they came. */
  const kept = new Map<number, { readonly event: KeptEvent; readonly bytes: number }>();
  const byKey = new Map<string, KeptEvent[]>();
  const byHash = new Map<string, string>();
  let first = 0;
  let next = 0;
  let bytes = 0;

  function pass({ partition, offset }: RecordPosition): void {
    base[partition] = Math.max(base[partition] ?? 0, offset + 1);
  }

  function dropFirst(): void {
    const oldest = kept.get(first);
    kept.delete(first++);
    if (oldest === undefined) return;
    const { event } = oldest.event;
    bytes -= oldest.bytes;
    pass(oldest.event);
    const { subject } = event.attributes;
    const others = byKey.get(subject)?.slice(1) ?? [];
    if (others.length > 0) byKey.set(subject, others);
    else byKey.delete(subject);
    const hash = introduced(event);
    if (hash !== null && !others.some((other) => introduced(other.event) === hash)) byHash.delete(hash);
  }

  return {
    base,
    keep: ({ partition, offset, value }, event) => {
      const slim: KeptEvent = { partition, offset, event: { ...event, sealed: '' } };
      const { subject } = event.attributes;
      kept.set(next++, { event: slim, bytes: value.byteLength });
      bytes += value.byteLength;
      const others = byKey.get(subject);
      if (others === undefined) byKey.set(subject, [slim]);
      else others.push(slim);
      const hash = introduced(event);
      if (hash !== null) byHash.set(hash, subject);
      while (kept.size > maxEvents || (bytes > maxBytes && kept.size > 1)) dropFirst();
    },
    pass,
    of: (keyId, from) => (byKey.get(keyId) ?? []).filter(({ partition, offset }) => offset >= (from[partition] ?? 0)),
    keyOf: (hash) => byHash.get(hash) ?? null,
  };
}
