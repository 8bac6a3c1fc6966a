// The check of a bundle, offline and in one pass: every event intact, in order, none missing, all of them what the signed
// checkpoint stands for. Holds a small tree for each workspace and what older checkpoints name, never the events.
import { canonical } from '../canonical.ts';
import { covers, decodePosition } from '../position.ts';
import { checkpointDigest, verifyCheckpoint, type Checkpoint, type Jwks, type SignedCheckpoint } from './checkpoint.ts';
import { LineTooLongError } from './lines.ts';
import { createPass, type Moment, type Passed } from './pass.ts';
import { TamperedError, UntoldError } from './tampered.ts';

export interface CheckOptions {
  /** Without their line feeds. */
  readonly lines: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** A checkpoint that somebody kept: the bundle must be consistent with it. */
  readonly kept?: SignedCheckpoint | undefined;
  /** Whose signatures count; without them any key's do, and the summary says so. */
  readonly keys?: Jwks | undefined;
}

export type CheckResult =
  | { readonly kind: 'intact'; readonly summary: Summary }
  /** Where and what: line from 1, and the event's id where the line is an event's. */
  | { readonly kind: 'tampered'; readonly line: number; readonly eventId: string | null; readonly problem: string }
  /** Whether anybody has tampered with it cannot be told. */
  | { readonly kind: 'untold'; readonly problem: string; readonly advice: string | null };

export interface Summary {
  /** `null`: everything. */
  readonly workspace: string | null;
  /** `keyspaces` among them. */
  readonly keys: number;
  readonly events: number;
  /** Personal parts that are not there; `unrecorded`: without their erasure among the events of the bundle. */
  readonly erased: { readonly parts: number; readonly unrecorded: number };
  readonly checkpoint: SignedSummary;
  /** What the bundle follows; `null`: it begins at the beginning. */
  readonly from: SignedSummary | null;
  /** Checkpoints in between that it is consistent with. */
  readonly older: readonly SignedSummary[];
  /** Of the checkpoint that was kept; `null`: none was given. */
  readonly kept: string | null;
}

export interface SignedSummary {
  readonly id: string;
  readonly time: string;
  readonly position: string;
  readonly kid: string;
  /** Whether the key is a known one: `keys` were given, and it is among them. */
  readonly known: boolean;
}

/** Checks a bundle. Never rejects but with what `lines` fails with. */
export async function checkBundle({ lines, kept, keys }: CheckOptions): Promise<CheckResult> {
  try {
    if (kept) await checkKept(kept, keys);
    const pass = createPass();
    for await (const line of lines) pass.add(line);
    return { kind: 'intact', summary: await conclude(pass.end(), kept, keys) };
  } catch (error) {
    if (error instanceof TamperedError)
      return { kind: 'tampered', line: error.line, eventId: error.eventId, problem: error.message };
    if (error instanceof UntoldError) return { kind: 'untold', problem: error.message, advice: error.advice };
    if (error instanceof LineTooLongError) return { kind: 'untold', problem: error.message, advice: null };
    throw error;
  }
}

async function checkKept(kept: SignedCheckpoint, keys: Jwks | undefined): Promise<void> {
  const verified = await verifyCheckpoint(kept, keys);
  if (!verified.ok) throw new UntoldError(`the checkpoint that was kept is none: ${verified.problem}`);
}

async function conclude(passed: Passed, kept: SignedCheckpoint | undefined, keys: Jwks | undefined): Promise<Summary> {
  const { from, older, last } = passed;
  const checkpoint = await checkMoment(last, keys);
  const scope = last.member.workspace?.id ?? null;
  for (const [workspace, { line, eventId }] of passed.workspaces)
    if (scope !== null && workspace !== scope)
      throw new TamperedError(line, 'it is not of the workspace that the bundle is of', eventId);
  const before: SignedSummary[] = [];
  const moments = [...(from ? [from] : []), ...older];
  for (const moment of moments) {
    if ((moment.member.workspace?.id ?? null) !== scope)
      throw new TamperedError(moment.line, 'it is not of what the bundle is of');
    before.push(await checkMoment(moment, keys));
  }
  for (const [index, moment] of moments.entries()) checkSequence(moment, moments[index + 1] ?? last);
  return {
    workspace: scope,
    keys: passed.keys,
    events: passed.events,
    erased: { parts: passed.erased, unrecorded: passed.erased - passed.erasureRecorded },
    checkpoint,
    from: from ? (before[0] ?? null) : null,
    older: from ? before.slice(1) : before,
    kept: kept ? keptAmong([...moments, last], kept) : null,
  };
}

/** The heads at its moment, then its signature. */
async function checkMoment({ line, member, heads, problem }: Moment, keys: Jwks | undefined): Promise<SignedSummary> {
  const wrong = problem ?? heads.compare(member);
  if (wrong !== null) throw new TamperedError(line, wrong);
  const verified = await verifyCheckpoint(member, keys);
  if (!verified.ok) throw new TamperedError(line, verified.problem);
  const { id, time, position } = member.checkpoint;
  return { id, time, position, kid: verified.kid, known: verified.known };
}

/** An older checkpoint and the next: number, time and position ascend, and a direct successor names its digest. */
function checkSequence(older: Moment, newer: Moment): void {
  const [a, b] = [older.member.checkpoint, newer.member.checkpoint];
  if (!ascends(a, b)) throw new TamperedError(older.line, `${a.id} and ${b.id} do not follow one another`);
}

function ascends(a: Checkpoint, b: Checkpoint): boolean {
  if (a.number >= b.number || a.time > b.time) return false;
  if (!covers(decodePosition(b.position) ?? {}, decodePosition(a.position) ?? {})) return false;
  return b.number > a.number + 1 || b.previous === checkpointDigest(a);
}

/** The id of the checkpoint that was kept, if the bundle is consistent with it. */
function keptAmong(moments: readonly Moment[], { checkpoint }: SignedCheckpoint): string {
  const found = moments.find(({ member }) => member.checkpoint.number === checkpoint.number);
  if (found && canonical(found.member.checkpoint) === canonical(checkpoint)) return checkpoint.id;
  if (found) throw new TamperedError(found.line, `it is not the ${checkpoint.id} that was kept`);
  const newest = Math.max(...moments.map(({ member }) => member.checkpoint.number));
  if (checkpoint.number > newest)
    throw new UntoldError(
      `${checkpoint.id}, which was kept, is newer than the bundle`,
      'export a bundle of now, with --checkpoint FILE',
    );
  throw new UntoldError(
    `the bundle does not tell what was at ${checkpoint.id}, which was kept`,
    'export it with --checkpoint FILE, and not from after it',
  );
}
