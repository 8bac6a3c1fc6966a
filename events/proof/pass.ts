// One pass over the lines of a bundle: each where it belongs, keys checked as they go by, and all heads gathered, as of each
// checkpoint that the bundle names. What the checkpoints say of them is compared afterwards.
import type { OlderMember, SignedMember } from './bundle.ts';
import { createKeyChecker, type KeyDone } from './check-key.ts';
import { createHeads, type Heads } from './heads.ts';
import { readLine, type ReadLine } from './read-line.ts';
import { TamperedError, UntoldError } from './tampered.ts';

/** A signed checkpoint, where it stands, and the heads at its moment. */
export interface Moment {
  readonly line: number;
  readonly member: SignedMember;
  readonly heads: Heads;
  /** What keeps the heads from being known. */
  problem: string | null;
}

interface OlderMoment extends Moment {
  readonly behind: ReadonlyMap<string, number>;
  /** How many of the keys that are behind have gone by. */
  met: number;
}

export interface Passed {
  readonly from: Moment | null;
  readonly older: readonly Moment[];
  readonly last: Moment;
  /** Where the first line of each workspace is. */
  readonly workspaces: ReadonlyMap<string, { readonly line: number; readonly eventId: string | null }>;
  readonly keys: number;
  readonly events: number;
  readonly erased: number;
  readonly erasureRecorded: number;
}

export interface Pass {
  /** @throws TamperedError at the first line that is wrong. */
  add(line: Uint8Array): void;
  /** @throws TamperedError if the end is missing, {@link UntoldError} if this never was a bundle. */
  end(): Passed;
}

export function createPass(): Pass {
  let number = 0;
  /** The first line of which nothing tells that it belongs to a bundle, as long as no other does. */
  let alien: { readonly line: number; readonly problem: string } | null = null;
  let known = false;
  let from: Moment | null = null;
  let last: Moment | null = null;
  const older: OlderMoment[] = [];
  const heads = createHeads();
  const workspaces = new Map<string, { readonly line: number; readonly eventId: string | null }>();
  const totals = { keys: 0, events: 0, erased: 0, erasureRecorded: 0 };

  const keys = createKeyChecker({
    wanted: (key) => new Set(older.flatMap(({ behind }) => behind.get(key) ?? [])),
    done: (done) => {
      const { key, workspace, line, eventId, before } = done;
      totals.keys += 1;
      totals.events += done.events;
      totals.erased += done.erased;
      totals.erasureRecorded += done.erasureRecorded;
      if (!workspaces.has(workspace)) workspaces.set(workspace, { line, eventId });
      heads.add(workspace, { key, ...done.last });
      if (before.version > 0) from?.heads.add(workspace, { key, ...before });
      for (const moment of older) addOlder(moment, done);
    },
  });

  function add(bytes: Uint8Array): void {
    number += 1;
    const read = readLine(bytes);
    if (read.kind === 'bad' && read.alien && !known) {
      alien ??= { line: number, problem: read.problem };
      return;
    }
    known = true;
    if (alien) throw new TamperedError(alien.line, alien.problem);
    if (read.kind === 'bad') throw new TamperedError(number, read.problem, read.eventId);
    const problem = last ? 'it stands behind the line of the checkpoint' : take(read);
    if (problem !== null) throw new TamperedError(number, problem, read.kind === 'event' ? read.said.event.id : null);
  }

  function take(read: Exclude<ReadLine, { kind: 'bad' }>): string | null {
    switch (read.kind) {
      case 'from':
        if (number > 1) return '"from" is only in the first line';
        from = moment(read.said.from);
        return null;
      case 'older':
        if (number !== older.length + (from ? 2 : 1)) return '"older" stands before all keys';
        older.push({ ...moment(read.said.older), behind: new Map(Object.entries(read.said.older.behind)), met: 0 });
        return null;
      case 'event':
        return keys.event(read.said.event, number, from !== null);
      case 'head':
        return keys.head(read.said.head, number, from !== null);
      case 'checkpoint':
        keys.end();
        last = { ...moment(read.said), heads };
        return null;
    }
  }

  const moment = (member: SignedMember | OlderMember): Moment => ({
    line: number,
    member,
    heads: createHeads(),
    problem: null,
  });

  return {
    add,
    end() {
      if (number === 0) throw new UntoldError('there is nothing in it');
      if (!known) throw new UntoldError(`this is no bundle: ${alien?.problem ?? 'it has no lines'}`);
      if (!last) throw new TamperedError(number + 1, 'the line of the checkpoint is missing: the bundle was cut off');
      for (const each of older)
        if (each.met < each.behind.size) each.problem ??= 'it names keys that are not in the bundle';
      return { from, older, last, workspaces, ...totals };
    },
  };
}

/** Where a key stood at an older checkpoint: as it is now, unless it is named as behind. */
function addOlder(moment: OlderMoment, { key, workspace, before, last, wanted }: KeyDone): void {
  const version = moment.behind.get(key);
  if (version !== undefined) moment.met += 1;
  if (version === undefined) moment.heads.add(workspace, { key, ...last });
  else if (version === 0 && before.version === 0) return;
  else {
    const head = version === before.version ? before.head : wanted.get(version);
    if (head === undefined || version >= last.version)
      moment.problem ??= 'it names a version that nothing follows here';
    else moment.heads.add(workspace, { key, version, head });
  }
}
