// The whole review as a file: its pages are asked for one after the other, and nothing is given before the last one came.
import { useEffect, useRef, useState } from 'react';
import { AuditReviewDocument } from '../api/generated/graphql.ts';
import { useClients } from '../api/clients-context.tsx';
import { failureText } from '../app/load-failure.tsx';
import { download } from '../components/download.ts';
import { reviewCsv, type ReviewRow } from './csv.ts';

const PAGE_SIZE = 100;

export interface ReviewTimes {
  readonly workspace: string;
  readonly from: string;
  readonly to: string;
}

export type CsvState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading'; readonly count: number; readonly total: number }
  | { readonly kind: 'failed'; readonly message: string };

export function useReviewCsv({ workspace, from, to }: ReviewTimes): readonly [CsvState, () => void] {
  const { uncached } = useClients();
  const [state, setState] = useState<CsvState>({ kind: 'idle' });
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => void (left.current = true);
  }, []);

  const ask = (after: string | null) =>
    uncached.query(AuditReviewDocument, { workspace, from, to, first: PAGE_SIZE, after }).toPromise();
  const start = async (): Promise<void> => {
    const rows: ReviewRow[] = [];
    let after: string | null = null;
    setState({ kind: 'loading', count: 0, total: 0 });
    for (let more = true; more;) {
      const { data, error } = await ask(after);
      if (left.current) return;
      const review = data?.workspace?.accessReview;
      if (error || !review) {
        setState({ kind: 'failed', message: error ? failureText(error) : '' });
        return;
      }
      rows.push(...review.rows);
      setState({ kind: 'loading', count: rows.length, total: review.totalCount });
      after = review.pageInfo.endCursor ?? null;
      more = review.pageInfo.hasNextPage;
    }
    const days = [from, to].map((time) => time.slice(0, 10)).join('-to-');
    download(`access-review-${workspace}-${days}.csv`, new Blob([reviewCsv(rows)], { type: 'text/csv;charset=utf-8' }));
    setState({ kind: 'idle' });
  };
  return [state, () => void start()];
}
