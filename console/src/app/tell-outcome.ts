// Tells in a snackbar what came of something that was done in place: success, or why not and what to do about it.
import type { Outcome, Refusal, Unreached } from '../api/outcome.ts';
import { snackbar } from '../components/snackbar.tsx';
import { texts } from '../texts/texts.ts';

const problems: Readonly<Record<string, string>> = texts.failure.problems;

/** A refusal in words: the console's own where it has any, else the server's. */
export function refusalText(refusal: Refusal): string {
  if (refusal.__typename === 'InvalidState') return texts.failure.state(refusal.status.toLowerCase());
  return problems[refusal.code] ?? refusal.message;
}

/** Why nothing came back; `null`: it is not known whether it was done, which its form says and asks about. */
export const unreachedText = ({ network, unknown, message }: Unreached): string | null =>
  network ? texts.failure.network : unknown ? null : message;

/** The same of anything that was not done, and whether that is decided: else it is sent again under its own id. */
export function failedText(outcome: Exclude<Outcome<unknown>, { readonly kind: 'done' }>): {
  readonly text: string;
  readonly decided: boolean;
} {
  if (outcome.kind === 'unreached')
    return {
      text: outcome.network ? texts.failure.network : texts.failure.server(outcome.message),
      decided: false,
    };
  return { text: refusalText(outcome.refusal), decided: outcome.refusal.code !== 'OUTCOME_UNKNOWN' };
}

/** @param attempt sends the command; again under the same id where it is not known what came of it. */
export async function tellOutcome<Result extends Outcome<unknown>>(
  attempt: () => Promise<Result>,
  success: string,
): Promise<Result> {
  const outcome = await attempt();
  const known: Outcome<unknown> = outcome;
  const again = { onSelect: () => void tellOutcome(attempt, success) };
  switch (known.kind) {
    case 'done':
      if (success !== '') snackbar.success(success);
      break;
    case 'refused': {
      const unknown = known.refusal.code === 'OUTCOME_UNKNOWN';
      snackbar.failure(refusalText(known.refusal), unknown ? { label: texts.failure.checkAgain, ...again } : undefined);
      break;
    }
    case 'unreached':
      snackbar.failure(known.network ? texts.failure.network : texts.failure.server(known.message), {
        label: texts.retry,
        ...again,
      });
      break;
  }
  return outcome;
}
