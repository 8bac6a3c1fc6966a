// The chain, as far as a page can tell it: whether each event names the hash of the one before it of the same key. What an
// event says is not hashed here: its salts are in no answer, and the CLI proves it.
export interface ChainedEvent {
  readonly id: string;
  readonly subject: string;
  readonly version?: number | null;
  readonly hash?: string | null;
  /** Zeros in the first of a key. */
  readonly prev?: string | null;
}

/** `untold`: the event before is not loaded. */
export type Link = 'joins' | 'broken' | 'untold';

const FIRST = '0'.repeat(64);

/** By the events' ids, in whatever order they come; facts about time are in no chain. */
export function linksOf(events: readonly ChainedEvent[]): ReadonlyMap<string, Link> {
  const place = (subject: string, version: number): string => `${subject}@${version}`;
  const hashes = new Map(
    events.flatMap(({ subject, version, hash }) =>
      version == null || hash == null ? [] : [[place(subject, version), hash] as const],
    ),
  );
  return new Map(
    events.flatMap(({ id, subject, version, hash, prev }): [string, Link][] => {
      if (version == null || hash == null) return [];
      const before = version === 1 ? FIRST : hashes.get(place(subject, version - 1));
      return [[id, before === undefined ? 'untold' : before === prev ? 'joins' : 'broken']];
    }),
  );
}

export function countLinks(links: ReadonlyMap<string, Link>): Readonly<Record<Link, number>> {
  const count = { joins: 0, broken: 0, untold: 0 };
  for (const link of links.values()) count[link]++;
  return count;
}
