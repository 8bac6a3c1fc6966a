// A snapshot: a view as it was at one moment. V4: the position is taken with the records, and the log is tailed from there.
// Arrays lie in it as they are in memory; what keys share, and everything small, as JSON.
import { sha256 } from '../../events/canonical.ts';
import type { KeyspacesState } from '../../events/keyspaces/state.ts';
import type { Position } from '../../events/position.ts';
import type { QuarantineEntry } from '../../events/quarantine.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import type { FrozenBlocks } from './copy-on-write.ts';
import type { InternedImage } from './interned.ts';
import { createKeyTable } from './key-table.ts';
import { ROW_WORDS } from './key-row.ts';
import type { KeyedRecordsImage } from './keyed-records.ts';
import type { PeppersImage } from './peppers.ts';
import type { RecordsImage } from './records.ts';
import { SECRET_WORDS } from './secret-index.ts';
import { SnapshotRefusedError } from './snapshot-file.ts';
import type { Beginning, View } from './view.ts';

/** A record that the log must still hold at its place: by it another log is told. */
export interface Mark {
  readonly partition: number;
  readonly offset: number;
  /** SHA-256 of the record's bytes. */
  readonly digest: string;
}

/** What tells whether a snapshot is of this log and this installation. */
export interface Origin {
  readonly partitions: number;
  readonly marks: readonly Mark[];
  /** What the installation's secrets are recognised by, by name. */
  readonly checks: readonly (readonly [string, string])[];
}

export interface Restored {
  readonly beginning: Beginning;
  readonly origin: Origin;
}

interface RecordsHead {
  readonly limit: number;
  readonly blocks: number;
}
interface KeyedHead {
  readonly size: number;
  readonly records: RecordsHead;
  readonly slots: number;
}

/** The first section. */
interface Head {
  readonly layout: readonly number[];
  readonly origin: Origin;
  readonly position: Position;
  readonly keyspaces: KeyspacesState;
  readonly quarantine: { readonly open: readonly QuarantineEntry[]; readonly closed: readonly string[] };
  readonly complete: boolean;
  /** VERIFIER_MAX_KEYS then; `null`: no bound. */
  readonly maxKeys: number | null;
  readonly wanted: readonly string[];
  readonly peppers: PeppersImage;
  readonly formerPeppers: readonly string[];
  /** Sections of each. */
  readonly policies: number;
  readonly holders: number;
  readonly rows: KeyedHead;
  readonly secrets: KeyedHead;
  readonly overlaps: RecordsHead;
}

/** Words that arrays of another build may have others of. */
const LAYOUT = [ROW_WORDS, SECRET_WORDS];
/** Of what keys share, in one section. */
const TEXTS_AT_ONCE = 5000;

/** The marks of a view; of partitions of which it has folded nothing, those that it began with. */
export function marksOf(view: View, before: readonly Mark[]): readonly Mark[] {
  const marks = new Map(before.map((mark) => [mark.partition, mark]));
  for (const { partition, offset, value } of view.lastRecords.values()) {
    marks.set(partition, { partition, offset, digest: sha256(value) });
  }
  return [...marks.values()];
}

/** The sections of a view as it is now, whatever becomes of it until the last one is asked for. */
export function sectionsOf(view: View, origin: Origin, maxKeys: number): Iterable<Uint8Array> & { end(): void } {
  const { rows, secrets, overlaps, policies, holders, peppers, formerPeppers } = view.keys.freeze();
  const keyed = ({ size, records, slots }: typeof rows): KeyedHead => ({
    ...{ size, slots: slots.lengths.length },
    records: { limit: records.limit, blocks: records.blocks.lengths.length },
  });
  const texts = [policies, holders].map(chunksOf);
  const head: Head = {
    ...{ layout: LAYOUT, origin, position: { ...view.position }, keyspaces: view.keyspaces, complete: view.complete },
    quarantine: { open: [...view.quarantine.open.values()], closed: [...view.quarantine.closed] },
    ...{ wanted: [...view.wanted], peppers, formerPeppers, maxKeys: Number.isFinite(maxKeys) ? maxKeys : null },
    ...{ policies: texts[0]?.length ?? 0, holders: texts[1]?.length ?? 0 },
    ...{ rows: keyed(rows), secrets: keyed(secrets) },
    overlaps: { limit: overlaps.limit, blocks: overlaps.blocks.lengths.length },
  };
  const first = json(head);
  const blocks = [rows.records.blocks, rows.slots, secrets.records.blocks, secrets.slots, overlaps.blocks];
  return {
    *[Symbol.iterator]() {
      yield first;
      for (const chunk of texts.flat()) yield json(chunk);
      for (const each of blocks) yield* bytesOf(each);
    },
    end: () => {
      for (const each of blocks) each.thaw();
    },
  };
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function* bytesOf(blocks: FrozenBlocks): Generator<Uint8Array> {
  for (const index of blocks.lengths.keys()) yield new Uint8Array(blocks.take(index).buffer);
}

function chunksOf({ texts, users }: InternedImage): readonly InternedImage[] {
  return Array.from({ length: Math.ceil(texts.length / TEXTS_AT_ONCE) }, (_, chunk) => {
    const [from, to] = [chunk * TEXTS_AT_ONCE, (chunk + 1) * TEXTS_AT_ONCE];
    return { texts: texts.slice(from, to), users: users.slice(from, to) };
  });
}

/** @throws {@link SnapshotRefusedError} @param maxKeys VERIFIER_MAX_KEYS */
export function restore(sections: readonly ArrayBuffer[], maxKeys: number): Restored {
  const next = sections.values();
  const take = (): ArrayBuffer => next.next().value ?? new ArrayBuffer(0);
  const takeAll = (count: number): ArrayBuffer[] => Array.from({ length: count }, take);
  const head = parse(take()) as Head;
  if (JSON.stringify(head.layout) !== JSON.stringify(LAYOUT)) throw new SnapshotRefusedError('its layout is another');
  if (head.rows.size > maxKeys && maxKeys < (head.maxKeys ?? Infinity))
    throw new SnapshotRefusedError('it holds more keys than VERIFIER_MAX_KEYS');
  const texts = (count: number): InternedImage => {
    const chunks = takeAll(count).map((bytes) => parse(bytes) as InternedImage);
    return { texts: chunks.flatMap((chunk) => chunk.texts), users: chunks.flatMap((chunk) => chunk.users) };
  };
  const blocks = (count: number) => takeAll(count).map((bytes) => new Uint32Array(bytes));
  const records = ({ limit, blocks: count }: RecordsHead): RecordsImage => ({ limit, blocks: blocks(count) });
  const keyed = ({ size, records: inner, slots }: KeyedHead): KeyedRecordsImage => ({
    ...{ size, records: records(inner), slots: blocks(slots) },
  });
  const { origin, position, keyspaces, complete, wanted, peppers, formerPeppers } = head;
  const image = {
    ...{ policies: texts(head.policies), holders: texts(head.holders), peppers, formerPeppers },
    ...{ rows: keyed(head.rows), secrets: keyed(head.secrets), overlaps: records(head.overlaps) },
  };
  const quarantine = {
    open: new Map(head.quarantine.open.map((entry) => [encodeRecordPosition(entry.position), entry])),
    closed: new Set(head.quarantine.closed),
  };
  const keys = createKeyTable({ maxKeys, image });
  return { origin, beginning: { position, keys, keyspaces, quarantine, complete, wanted, maxKeys } };
}

const parse = (bytes: ArrayBuffer): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));
