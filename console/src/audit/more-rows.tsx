// The end of a list that is read page by page: the next page, or why it did not come.
import type { PageStore, Shown } from '../api/pages.ts';
import { failureText } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { auditTexts } from '../texts/audit-texts.ts';
import { texts } from '../texts/texts.ts';

export type MoreRowsProps = Pick<Shown<unknown, unknown>, 'error' | 'hasMore' | 'loading'> &
  Pick<PageStore<unknown, unknown>, 'more'>;

export function MoreRows({ error, hasMore, loading, more }: MoreRowsProps) {
  return (
    <>
      {error && <p role="alert">{failureText(error)}</p>}
      {(hasMore || error) && (
        <div>
          <Button busy={loading} onClick={more}>
            {error ? texts.retry : auditTexts.more}
          </Button>
        </div>
      )}
    </>
  );
}
