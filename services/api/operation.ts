// One operator's command that makes no event: planned once, carried out, and its first outcome kept under its commandId.
// What was begun and has no outcome yet is taken up again by the next who asks: its effects bear being repeated.
import { AppendUnknownError } from '../../events/log.ts';
import { StoreUnavailableError, type ReadStore } from '../../projections/read-store.ts';
import type { OperationOutcome, OperationRow } from '../../projections/rows.ts';
import { inTime, type Deadline } from './deadline.ts';
import * as outcomes from './outcomes.ts';

export interface Operation<T> {
  readonly commandId: string;
  readonly fingerprint: string;
  /** What it is about, decided once; or why it is refused. Changes nothing. */
  readonly plan: () => Promise<Planned>;
  readonly carryOut: (records: OperationRow['records']) => Promise<OperationOutcome>;
  /** What is answered once the outcome is kept; asked anew each time. `null`: not known in time. */
  readonly answer: (outcome: OperationOutcome, records: OperationRow['records']) => Promise<T | null>;
}

export type Planned = { readonly records: OperationRow['records'] } | { readonly refused: outcomes.Failed };

const LOOK_MS = 25;

/** Never rejects but for a defect. Whatever hangs, the answer comes by the deadline. */
export async function operate<T>(
  store: Pick<ReadStore, 'operations'>,
  { commandId, fingerprint, plan, carryOut, answer }: Operation<T>,
  deadline: Deadline,
): Promise<T | outcomes.Failed> {
  const { operations } = store;
  const soon = <R>(work: Promise<R>): Promise<R> => inTime(work, deadline.left());
  let mayHaveEffects = false;
  try {
    let row = await soon(operations.load(commandId));
    let begun = false;
    if (row === null) {
      const planned = await soon(plan());
      if ('refused' in planned) return planned.refused;
      const fresh = { commandId, fingerprint, records: planned.records, outcome: null };
      ({ row, begun } = await soon(operations.begin(fresh)));
    }
    if (row.fingerprint !== fingerprint) return outcomes.reused();
    mayHaveEffects = true;
    const { records } = row;
    const outcome = row.outcome ?? (begun ? null : await outcomeOfAnother()) ?? (await soon(carriedOut(records)));
    return (await soon(answer(outcome, records))) ?? outcomes.unknown(commandId);
  } catch (error) {
    if (error instanceof AppendUnknownError) return outcomes.unknown(commandId);
    if (mayHaveEffects && error instanceof StoreUnavailableError) return outcomes.unknown(commandId);
    const outcome = outcomes.fromFailure(error);
    if (outcome === null) throw error;
    return outcome;
  }

  async function carriedOut(records: OperationRow['records']): Promise<OperationOutcome> {
    return operations.finish(commandId, await carryOut(records));
  }

  /** Somebody else is at it, or stopped halfway: waited for with half of the time that is left. */
  async function outcomeOfAnother(): Promise<OperationOutcome | null> {
    const patience = deadline.left() / 2;
    while (deadline.left() > patience) {
      const outcome = (await soon(operations.load(commandId)))?.outcome;
      if (outcome) return outcome;
      await deadline.pause(LOOK_MS);
    }
    return null;
  }
}
