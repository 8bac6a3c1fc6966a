// What stands in the place of a list that is read page by page while it has no rows: why it could not be read, alone; that
// it is being read; or that it is empty, which is said of no list that was not read.
import type { PageStore, Shown } from '../api/pages.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { LoadFailure } from './load-failure.tsx';

export interface NoRowsProps
  extends
    Pick<Shown<unknown, unknown>, 'ready' | 'rows' | 'error' | 'loading'>,
    Pick<PageStore<unknown, unknown>, 'refresh'> {
  /** Says that it is empty. */
  readonly none: string;
}

export function NoRows({ ready, rows, error, loading, refresh, none }: NoRowsProps) {
  if (rows.length > 0) return null;
  if (error) return <LoadFailure error={error} onRetry={refresh} />;
  if (!ready) return <LoadingPage />;
  return loading ? null : <EmptyState text={none} />;
}
