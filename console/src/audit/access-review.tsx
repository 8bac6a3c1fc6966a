// What each key could do at two times, and what became different between them.
import { useState } from 'react';
import { Link } from 'wouter';
import { AuditReviewDocument, type AuditReviewQuery } from '../api/generated/graphql.ts';
import { useClients } from '../api/clients-context.tsx';
import { usePages } from '../api/pages.ts';
import { MoreRows } from '../app/more-rows.tsx';
import { NoRows } from '../app/no-rows.tsx';
import { paths } from '../app/paths.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { RelativeTime } from '../components/time.tsx';
import keyStyles from '../key/key-page.module.css';
import { nameOf } from '../keys/keyspace-words.ts';
import { auditTexts } from '../texts/audit-texts.ts';
import { DAY, formatExact, formatNumber, localTime } from '../texts/format.ts';
import { texts } from '../texts/texts.ts';
import { differencesOf, ownerText, scopesText } from './access-words.ts';
import { timeOf, type AuditAddressState } from './audit-address.ts';
import type { AuditKeyspaces } from './audit-page.tsx';
import styles from './audit.module.css';
import type { ReviewRow } from './csv.ts';
import { useReviewCsv, type ReviewTimes } from './use-review-csv.ts';

const words = auditTexts.review;
const { columns } = auditTexts;
const PAGE_SIZE = 50;
const QUARTER = 90;
const HEADINGS = [columns.name, columns.owner, columns.scopes, columns.lastUsed, columns.differences, columns.changes];

function reviewOf(data: AuditReviewQuery) {
  const review = data.workspace?.accessReview;
  return review && { ...review, nodes: review.rows };
}

export interface AccessReviewProps extends AuditAddressState {
  readonly workspace: string;
  readonly keyspaces: AuditKeyspaces;
}

export function AccessReview({ workspace, keyspaces, address, change }: AccessReviewProps) {
  const { since, until } = address;
  const [form, setForm] = useState(() => ({
    from: localTime(since === null ? Date.now() - QUARTER * DAY : Date.parse(since)),
    to: until === null ? '' : localTime(Date.parse(until)),
  }));
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <div className={styles.panel}>
      <p className={keyStyles.muted}>{words.help}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          const from = timeOf(form.from, since, localTime);
          const to = timeOf(form.to, until, localTime) ?? new Date().toISOString();
          const ordered = from !== null && from < to;
          setProblem(ordered ? null : words.order);
          if (ordered) change({ since: from, until: to });
        }}
      >
        <TextField
          label={words.from}
          type="datetime-local"
          value={form.from}
          onChange={(from) => setForm({ ...form, from })}
          error={problem}
          control={{ step: 1, required: true }}
        />
        <TextField
          label={words.to}
          hint={words.now}
          type="datetime-local"
          value={form.to}
          onChange={(to) => setForm({ ...form, to })}
          control={{ step: 1 }}
        />
        <Button type="submit" kind="primary">
          {words.ask}
        </Button>
      </form>
      {since !== null && until !== null && (
        <Review key={`${since} ${until}`} workspace={workspace} keyspaces={keyspaces} from={since} to={until} />
      )}
    </div>
  );
}

function Review({ keyspaces, ...times }: ReviewTimes & { readonly keyspaces: AuditKeyspaces }) {
  const { workspace, from, to } = times;
  const { uncached } = useClients();
  const pages = usePages({
    client: uncached,
    document: AuditReviewDocument,
    variables: { workspace, from, to, first: PAGE_SIZE },
    select: reviewOf,
  });
  const [csv, downloadCsv] = useReviewCsv(times);
  const { rows, total } = pages;
  if (rows.length === 0) return <NoRows {...pages} none={words.none} />;
  return (
    <>
      <div className={keyStyles.row}>
        <p role="status">
          {words.between(formatExact(from), formatExact(to))}: {auditTexts.access.count(total ?? rows.length)}
        </p>
        <Button busy={csv.kind === 'loading'} onClick={downloadCsv}>
          {words.csv}
        </Button>
        {csv.kind === 'loading' && <span className={keyStyles.muted}>{words.loading(csv.count, csv.total)}</span>}
        {csv.kind === 'failed' && <span role="alert">{csv.message}</span>}
      </div>
      <div className={keyStyles.wide} role="region" aria-label={words.label} tabIndex={0}>
        <table className={keyStyles.plain}>
          <thead>
            <tr>
              {HEADINGS.map((heading) => (
                <th key={heading} scope="col">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.key.id} row={row} workspace={workspace} keyspaces={keyspaces} />
            ))}
          </tbody>
        </table>
      </div>
      <MoreRows {...pages} label={auditTexts.more} />
    </>
  );
}

interface RowProps {
  readonly row: ReviewRow;
  readonly workspace: string;
  readonly keyspaces: AuditKeyspaces;
}

function Row({ row: { key, before, after, changes }, workspace, keyspaces }: RowProps) {
  const access = after ?? before;
  const differences = before && after ? differencesOf(before, after, keyspaces.get(key.keyspace.id)) : [words.made];
  return (
    <tr>
      <td>
        <Link href={paths.key(workspace, key.id)}>{nameOf(key)}</Link>{' '}
        <code className={keyStyles.muted}>{key.keyId}</code>
      </td>
      <td>{access ? ownerText(access) : texts.nothing}</td>
      <td>{access ? scopesText(access) : texts.nothing}</td>
      <td>{key.lastUsedAt == null ? words.never : <RelativeTime time={key.lastUsedAt} />}</td>
      <td className={styles.differences}>{differences.length === 0 ? words.unchanged : differences.join('\n')}</td>
      <td>{formatNumber(changes.length)}</td>
    </tr>
  );
}
