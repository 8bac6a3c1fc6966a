// A command that a form sends: one attempt at a time, under one id until it is known what came of it, so that asking again
// never does it twice (F3).
import { useRef, useState } from 'react';
import { newCommandId } from './command-id.ts';
import type { Outcome } from './outcome.ts';

export type Send<Payload> = (commandId: string) => Promise<Outcome<Payload>>;

export interface Command {
  /** `unknown`: it may have been done; only asking again tells. */
  readonly state: 'idle' | 'busy' | 'unknown';
  readonly run: <Payload>(send: Send<Payload>) => Promise<Outcome<Payload>>;
}

const isUnknown = (outcome: Outcome<unknown>): boolean =>
  outcome.kind === 'unreached'
    ? outcome.unknown
    : outcome.kind === 'refused' && outcome.refusal.code === 'OUTCOME_UNKNOWN';

/** While a command is in `unknown`, `run` takes the very same input again. */
export function useCommand(): Command {
  const [state, setState] = useState<Command['state']>('idle');
  const id = useRef<string | null>(null);
  return {
    state,
    async run(send) {
      setState('busy');
      id.current ??= newCommandId();
      const outcome = await send(id.current);
      const unknown = isUnknown(outcome);
      if (!unknown) id.current = null;
      setState(unknown ? 'unknown' : 'idle');
      return outcome;
    },
  };
}
