// The context of a request: who asks, and the functions that the schema works with. `services/api` provides them, so the
// schema knows no process, no log and no adapter.
import type { KeyCommand } from '../events/key/commands.ts';
import type { Refusal, Warning } from '../events/decision.ts';
import type { Actor } from '../events/ids.ts';
import type { Standing } from '../events/key/standing.ts';
import type { ProfileDiff } from '../events/keyspaces/diff.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { Position, RecordPosition } from '../events/position.ts';
import type { Secret } from '../events/secret.ts';
import type { FollowedPage, FollowOptions } from '../projections/follow.ts';
import type { CheckpointReads } from '../projections/checkpoints.ts';
import type { GenerationView } from '../projections/read-store.ts';
import type { HistoryRow, KeyRow, ParkedRow } from '../projections/rows.ts';
import type { ReadKind, ReadRecords } from '../projections/reads.ts';
import type { CheckCode, RequestRow, UsageReads } from '../projections/usage.ts';

/** A verified caller; everything about tenancy follows from it alone. */
export interface Caller {
  readonly actor: Actor;
  /** Workspace id → what the caller is there. A key has its own workspace only. */
  readonly workspaces: ReadonlyMap<string, Standing>;
  /** Of the installation: keyspaces, rebuilds, parked records. */
  readonly operator: boolean;
  /** The token's e-mail, if it has one: the default of `owner.email`. */
  readonly email: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /**
   * Of a caller that is an API key: whether it may still call, looked at in this very tick (L8), and its version. `settled` is
   * to be called once what is handed over now is decided or timed out.
   */
  readonly recheck?: () => Rechecked;
}

export type Rechecked =
  | {
      readonly ok: true;
      readonly version: number;
      /** Of the aggregate of all profiles, as the view has it: what the key may follows from them, too. */
      readonly keyspacesVersion: number;
      readonly settled: () => void;
    }
  | { readonly ok: false; readonly code: 'UNAUTHENTICATED' | 'UNAVAILABLE' };

/** A key command with the members that every mutation has. */
export interface CommandRequest {
  readonly command: KeyCommand;
  /** The key that it is about; `null` for `createKey`, and for `discardRecord`, whose position names it. */
  readonly keyId: string | null;
  /** Absent: made. */
  readonly commandId?: string;
  readonly ifVersion?: number;
  /** What the caller will wait for besides the outcome. */
  readonly waitFor?: 'VERIFIERS';
}

/** The rows that a command has changed, as they were read with its outcome: at its position at least. */
export interface Changed {
  /** The key that it changed or made; `null` for a discarded record of no key. */
  readonly key: KeyRow | null;
  /** Set when the edit made a successor of this key. */
  readonly predecessor: KeyRow | null;
  readonly keyspaces: KeyspacesState;
}

/** What became of a command (W1), in the words of the contract's unions. */
export type Outcome =
  | {
      readonly ok: true;
      /** Of the command's own event, or of the projection that was read where nothing was appended. */
      readonly position: Position;
      readonly changed: Changed;
      readonly secret: Secret | null;
      /** Of a profile that was defined, by this attempt or an earlier one of the same command. */
      readonly diff?: ProfileDiff;
      readonly warnings: readonly Warning[];
    }
  | { readonly ok: false; readonly error: Refusal | Failure };

/** Refusals that are not the decision's. */
export type Failure =
  | { readonly type: 'OutcomeUnknown'; readonly message: string; readonly commandId: string }
  | {
      readonly type: 'SecretAlreadyRevealed';
      readonly message: string;
      readonly keyId: string;
      readonly position: Position;
    }
  | { readonly type: 'StorageFull'; readonly message: string }
  | { readonly type: 'Unavailable'; readonly message: string; readonly retryAfterSeconds: number };

/** An operator's command that makes no event. The same commandId again gives the first outcome. */
export interface OperationRequest {
  /** Absent: made. */
  readonly commandId?: string;
  /** Of the live generation (`rebuildProjections`: its number), or of the record's aggregate (`retryParked`). */
  readonly ifVersion?: number;
}

export interface RetryRequest extends OperationRequest {
  /** `null`: all that are parked. */
  readonly position: RecordPosition | null;
}

/** What became of the forgetKey of one of an owner's keys. */
export interface ForgottenKey {
  readonly keyId: string;
  readonly outcome: Outcome;
}

/** How projections stand, for operators. */
export interface ProjectionHealth {
  readonly name: string;
  /** Records between the checkpoint and the log's end. */
  readonly lag: number;
  readonly generation: string;
  /** 0 … 1 while a rebuild runs. */
  readonly rebuildProgress: number | null;
  readonly parked: readonly ParkedRow[];
}

/** Which verifiers have folded a mutation. */
export interface Enforcement {
  readonly confirmed: number;
  readonly total: number;
  /** RFC 3339; `null`: not all have, or it is not known. */
  readonly confirmedAt: string | null;
  readonly verifiers: readonly {
    readonly id: string;
    readonly position: Position;
    readonly confirmedAt: string | null;
  }[];
}

/** A verifier that holds a lease, for operators. */
export interface VerifierHealth {
  readonly id: string;
  readonly asOf: string | null;
  readonly position: Position;
  /** By its own clock, for display only (L3). */
  readonly leaseUntil: string;
}

/** A logged check, decided again from history. */
export interface RecomputedCheck {
  /** `null`: history does not tell it. */
  readonly code: CheckCode | null;
  /** The event that made it a refusal; `null`: it is none, no event made it so, or history does not tell. */
  readonly decidedBy: HistoryRow | null;
}

/** What an operation reads that is recorded. */
export interface ReadNote {
  readonly kind: ReadKind;
  readonly workspaceId: string;
  /** `null`: of the whole workspace. */
  readonly keyId: string | null;
  /** `Workspace.history`, or the path of an HTTP resource. */
  readonly field: string;
  /** As they were given; what of them is kept is the recorder's affair. `null`: it has shown nothing, so none is kept. */
  readonly arguments: Readonly<Record<string, unknown>> | null;
}

/** What a subscription has besides: it goes on for long, and its caller may lose what they had. */
export interface Subscribing {
  /** Where the client has come to, by its `Last-Event-ID`; `null`: not said. */
  readonly lastSeen: Position | null;
  /** The caller as they are now; rejects with what ends the stream, once their credential is over or cannot be checked. */
  caller(): Promise<Caller>;
  /** Entries of a workspace as they are projected, for as long as the stream goes on. */
  follow(
    options: Required<Pick<FollowOptions, 'from' | 'behind' | 'workspaceId' | 'pick'>>,
  ): AsyncIterable<FollowedPage>;
  /** The end of the log. */
  logEnd(): Promise<Position>;
  /** Has something looked at every two seconds; what it rejects with, if that has a code, ends the stream. */
  whileOpen(check: () => Promise<void>): void;
  /** Told where going on leaves nothing out and repeats nothing, though there was nothing to hand out. */
  reached(position: Position): void;
}

export interface Context {
  readonly caller: Caller;
  /** Of a subscription only. */
  readonly subscription?: Subscribing;
  readonly requestId: string;
  /** ISO time of this request. */
  readonly now: string;
  /** Reads on the live generation (P3). */
  read<T>(work: (view: GenerationView) => Promise<T>): Promise<T>;
  /** What was signed of all heads. */
  readonly checkpoints: Pick<CheckpointReads, 'list' | 'newest'>;
  /** What verifiers have decided. */
  readonly usage: UsageReads;
  /** The verdict of a logged check as history bears it. */
  recompute(row: RequestRow): Promise<RecomputedCheck>;
  /** Who has read what. */
  readonly reads: Pick<ReadRecords, 'list' | 'count'>;
  /** Notes that this operation reads something that is recorded. */
  noteRead(note: ReadNote): void;
  /** Records what was noted, durably: before the answer leaves. Rejects where it could not be. */
  recordReads(): Promise<void>;
  /** How far the live generation is, every partition named: where to follow from. */
  position(): Promise<Position>;
  /** The log's: a position that names others can never be reached. */
  readonly partitions: number;
  /** Waits (≤ 5 s) until the live generation has reached the position; `false` when time ran out. */
  reached(position: Position): Promise<boolean>;
  /** Waits (≤ 8 s, and no longer than an operation may take) for the receipt of a mutation; never rejects. */
  whenEnforced(position: Position): Promise<Enforcement>;
  /** The receipt as it is now. */
  enforcement(position: Position): Promise<Enforcement>;
  /** The opened personal parts of history rows, in order; `null` where they are erased. */
  openPersonal(rows: readonly HistoryRow[]): Promise<readonly (Readonly<Record<string, unknown>> | null)[]>;
  /** Told of every mutation that was answered: `ok`, or the type of the refusal; in seconds from its arrival. */
  readonly onMutation?: (mutation: string, outcome: string, seconds: number) => void;
  execute(request: CommandRequest): Promise<Outcome>;
  /** A forgetKey for each key that is or was an owner's, as many as time allows; the same commandId again goes on with the rest. */
  forgetOwner(request: {
    readonly workspaceId: string;
    readonly ownerId: string;
    /** Absent: made. Its scope is the workspace. */
    readonly commandId?: string;
  }): Promise<
    | {
        readonly ok: true;
        readonly commandId: string;
        readonly position: Position;
        /** Of all keys that were dealt with under this commandId, whichever call it was. */
        readonly results: readonly ForgottenKey[];
        readonly remaining: number;
      }
    | { readonly ok: false; readonly error: Refusal | Failure }
  >;
  /** Operators: appends parked records again, so that every reader folds them anew; answers those still parked. */
  retryParked(
    request: RetryRequest,
  ): Promise<
    | { readonly ok: true; readonly position: Position; readonly parked: readonly ParkedRow[] }
    | { readonly ok: false; readonly error: Refusal | Failure }
  >;
  /** Operators: starts a rebuild, or answers the one that is under way. */
  rebuildProjections(
    request: OperationRequest,
  ): Promise<
    | { readonly ok: true; readonly position: Position; readonly generation: string }
    | { readonly ok: false; readonly error: Refusal | Failure }
  >;
  parked(aggregateIds: readonly string[]): Promise<ReadonlySet<string>>;
  health(): Promise<{
    readonly projections: readonly ProjectionHealth[];
    readonly verifiers: readonly VerifierHealth[];
  }>;
}
