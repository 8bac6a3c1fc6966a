// The end of a list that is read page by page: the next page, or why it did not come.
import type { PageStore, Shown } from '../api/pages.ts';
import { Button } from '../components/button.tsx';
import { texts } from '../texts/texts.ts';
import { failureText } from './load-failure.tsx';

export interface MoreRowsProps
  extends Pick<Shown<unknown, unknown>, 'error' | 'hasMore' | 'loading'>, Pick<PageStore<unknown, unknown>, 'more'> {
  /** What the next page is called. */
  readonly label: string;
}

export function MoreRows({ error, hasMore, loading, more, label }: MoreRowsProps) {
  return (
    <>
      {error && <p role="alert">{failureText(error)}</p>}
      {(hasMore || error) && (
        <div>
          <Button busy={loading} onClick={more}>
            {error ? texts.retry : label}
          </Button>
        </div>
      )}
    </>
  );
}
