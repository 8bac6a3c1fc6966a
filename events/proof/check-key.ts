// The lines of keys, one after the other: order, identity, chain, time, hash and commitments of each event.
// Holds one key at a time; whoever asks for the head of an earlier version says so when the key begins.
import { schemaName, type Attributes } from '../catalogue.ts';
import { commitment, eventHash, GENESIS } from '../chain.ts';
import { eventId, KEYSPACES } from '../ids.ts';
import { compareLines, type BundledEvent, type BundledHead } from './bundle.ts';

/** What the lines of one key came to. */
export interface KeyDone {
  readonly key: string;
  /** The empty text for `keyspaces`. */
  readonly workspace: string;
  /** Where the first line of the key is. */
  readonly line: number;
  readonly eventId: string | null;
  /** Of the event before the first of the bundle; 0: the bundle begins with the key's first. */
  readonly before: { readonly version: number; readonly head: string };
  readonly last: { readonly version: number; readonly head: string };
  /** The heads after the versions that were asked for. */
  readonly wanted: ReadonlyMap<number, string>;
  readonly events: number;
  /** Personal parts that are not there, and those of them whose erasure is among the events. */
  readonly erased: number;
  readonly erasureRecorded: number;
}

export interface KeyCheckerOptions {
  /** Versions of a key whose heads are needed. */
  readonly wanted: (key: string) => ReadonlySet<number>;
  readonly done: (key: KeyDone) => void;
}

export interface KeyChecker {
  /** What is wrong with it; `null`: nothing. `range`: keys may have events before the bundle. */
  event(event: BundledEvent, line: number, range: boolean): string | null;
  head(head: BundledHead, line: number, range: boolean): string | null;
  /** Nothing follows. */
  end(): void;
}

interface Open extends Omit<KeyDone, 'wanted' | 'erased' | 'erasureRecorded'> {
  events: number;
  last: { version: number; head: string };
  time: string;
  readonly asked: ReadonlySet<number>;
  readonly wanted: Map<number, string>;
  /** Data key → personal parts that are not there. */
  readonly erased: Map<string, number>;
  readonly destroyed: Set<string>;
}

export function createKeyChecker({ wanted, done }: KeyCheckerOptions): KeyChecker {
  let open: Open | null = null;
  let last: { readonly key: string; readonly version: number } | null = null;

  function close(): void {
    if (!open) return;
    const { erased, destroyed, ...key } = open;
    const sum = (counts: readonly (readonly [string, number])[]): number => counts.reduce((all, [, n]) => all + n, 0);
    const all = [...erased];
    const recorded = sum(all.filter(([dataKey]) => destroyed.has(dataKey)));
    done({ ...key, erased: sum(all), erasureRecorded: recorded });
    open = null;
  }

  function misplaced(key: string, version: number): string | null {
    if (last === null || compareLines(last, { key, version }) < 0) return null;
    return last.key === key && last.version === version
      ? 'it is there a second time'
      : `it is out of order: it stands behind ${eventId(last.key, last.version)}`;
  }

  function begin(event: BundledEvent, line: number): Open {
    close();
    const { subject: key, workspaceid: workspace = '', version, prev: head, time } = event;
    return {
      ...{ key, workspace, line, eventId: event.id, before: { version: version - 1, head }, events: 0, time },
      ...{ last: { version: version - 1, head }, asked: wanted(key), wanted: new Map<number, string>() },
      ...{ erased: new Map<string, number>(), destroyed: new Set<string>() },
    };
  }

  return {
    event(event, line, range) {
      const { subject, version, data, personal, ...rest } = event;
      const problem = misplaced(subject, version) ?? identityProblem(event);
      if (problem !== null) return problem;
      if (last?.key === subject && open?.key !== subject) return 'a line before it says that it has no events here';
      last = { key: subject, version };
      if (open?.key !== subject) {
        if (version > 1 && !range) return `the events before version ${version} are missing`;
        if (version === 1 && event.prev !== GENESIS) return 'prev of the first event must be zeros';
        open = begin(event, line);
      }
      if (version !== open.last.version + 1) return `events between version ${open.last.version} and it are missing`;
      if (event.prev !== open.last.head) return 'prev is not the hash of the event before';
      if ((event.workspaceid ?? '') !== open.workspace) return 'workspaceid is another than in the event before';
      if (event.time < open.time) return 'time is before that of the event before';
      const { hash, ...covered }: Attributes = { ...rest, subject, version };
      if (eventHash(covered, data) !== hash) return 'hash does not match the content';
      if (personal && commitment(personal) !== event.personaldigest)
        return 'personaldigest does not match the personal part';
      open.last = { version, head: hash };
      open.time = event.time;
      open.events += 1;
      if (open.asked.has(version)) open.wanted.set(version, hash);
      if (!personal) open.erased.set(event.datakeyid, (open.erased.get(event.datakeyid) ?? 0) + 1);
      if (typeof data.destroyedDataKey === 'string') open.destroyed.add(data.destroyedDataKey);
      return null;
    },
    head({ key, version, head, workspace }, line, range) {
      if (!range) return 'a key without its events is only in bundles of a range';
      const problem = misplaced(key, version);
      if (problem !== null) return problem;
      if (last?.key === key) return 'its events are in the bundle';
      last = { key, version };
      close();
      const stood = { version, head };
      done({
        ...{ key, workspace, line, eventId: null, before: stood, last: stood, wanted: new Map() },
        ...{ events: 0, erased: 0, erasureRecorded: 0 },
      });
      return null;
    },
    end: close,
  };
}

function identityProblem({ id, subject, version, type, dataschema, workspaceid }: BundledEvent): string | null {
  if (id !== eventId(subject, version)) return 'id is not subject@version';
  if (dataschema !== schemaName(type)) return 'dataschema is not that of type';
  if ((subject === KEYSPACES) !== (workspaceid === undefined))
    return 'workspaceid must be given for every key, and for "keyspaces" not';
  return null;
}
