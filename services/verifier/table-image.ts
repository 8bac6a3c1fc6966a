// The image of a key table: what a snapshot is written from, and what a table goes on from.
import type { InternedImage } from './interned.ts';
import type { FrozenKeyedRecords, KeyedRecordsImage } from './keyed-records.ts';
import type { PeppersImage } from './peppers.ts';
import type { FrozenRecords, RecordsImage } from './records.ts';

interface Shared {
  readonly policies: InternedImage;
  readonly holders: InternedImage;
  readonly peppers: PeppersImage;
  readonly formerPeppers: readonly string[];
}

export interface TableImage extends Shared {
  readonly rows: KeyedRecordsImage;
  readonly secrets: KeyedRecordsImage;
  readonly overlaps: RecordsImage;
}

/** The same at one moment, with arrays that are still to be copied. */
export interface FrozenTable extends Shared {
  readonly rows: FrozenKeyedRecords;
  readonly secrets: FrozenKeyedRecords;
  readonly overlaps: FrozenRecords;
}
