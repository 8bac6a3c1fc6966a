// What stands where something could not be loaded, and the way to try again.
import type { CombinedError } from 'urql';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { texts } from '../texts/texts.ts';

export interface LoadFailureProps {
  readonly error: CombinedError;
  readonly onRetry: () => void;
}

/** What the server has against a filter, at the field of which {@link filterProblem} tells it. */
const filterProblems = (error: CombinedError | null) =>
  (error?.graphQLErrors ?? []).flatMap(({ extensions: { path }, message }) =>
    Array.isArray(path) && path[0] === 'filter'
      ? [{ member: path[1] as unknown, message: message.slice(path.join('.').length + 1) }]
      : [],
  );

export const failureText = (error: CombinedError): string =>
  error.networkError
    ? texts.failure.network
    : filterProblems(error).length > 0
      ? texts.failure.filter
      : texts.failure.server(error.graphQLErrors.map(({ message }) => message).join(' '));

/** What is wrong with a member of the filter that was asked by; `null`: nothing. */
export const filterProblem = (error: CombinedError | null, name: string): string | null =>
  filterProblems(error).find(({ member }) => member === name)?.message ?? null;

export function LoadFailure({ error, onRetry }: LoadFailureProps) {
  return (
    <div role="alert">
      <EmptyState text={failureText(error)}>
        <Button onClick={onRetry}>{texts.retry}</Button>
      </EmptyState>
    </div>
  );
}
