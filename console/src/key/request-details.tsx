// All that is known of one call, and the event that made it a refusal, which its key's history tells.
import type { ReactNode } from 'react';
import { useQuery } from 'urql';
import { RequestDecisionDocument, type RequestDecisionQuery } from '../api/generated/graphql.ts';
import { failureText } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Foreign } from '../components/foreign.tsx';
import { Spinner } from '../components/spinner.tsx';
import { formatExact } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';
import { eventTitle } from './event-words.ts';
import styles from './key-page.module.css';
import type { RequestRow } from './key-requests.tsx';
import { requestSentence } from './request-sentence.ts';

const words = keyTexts.requests;

export interface RequestDetailsProps {
  readonly row: RequestRow;
  readonly onClose: () => void;
}

export function RequestDetails({ row, onClose }: RequestDetailsProps) {
  const [{ data, error, fetching }] = useQuery({
    query: RequestDecisionDocument,
    variables: { id: row.id },
  });
  const decision = data?.node?.__typename === 'Request' ? data.node : null;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [words.time, formatExact(row.time)],
    [words.method, row.method],
    [words.path, row.path && <Foreign key="path" text={row.path} />],
    [words.origin, row.origin],
    [words.ip, row.ip],
    [words.userAgent, row.userAgent && <Foreign key="agent" text={row.userAgent} />],
    [words.secret, row.secret && words.secrets[row.secret]],
    [words.asked, isAsked(row.asked) && <code>{JSON.stringify(row.asked)}</code>],
    [words.keyVersion, row.keyVersion],
    [words.keyspaceVersion, row.keyspaceVersion],
    [words.position, <code key="position">{row.position}</code>],
    ...(decision ? decisionFacts(row, decision) : []),
  ];
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={words.details(row.requestId)}
      description={requestSentence(row)}
      buttons={<Button onClick={onClose}>{texts.close}</Button>}
    >
      <dl className={styles.facts}>
        {facts.map(([label, value]) =>
          value == null || value === '' || value === false ? null : (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {fetching && <Spinner small />}
      {error && <p role="alert">{failureText(error)}</p>}
    </Dialog>
  );
}

type Decision = Extract<NonNullable<RequestDecisionQuery['node']>, { readonly __typename: 'Request' }>;

function decisionFacts(row: RequestRow, { decidedBy, recomputed }: Decision): (readonly [string, ReactNode])[] {
  return [
    [words.decidedBy, decidedBy && `${eventTitle(decidedBy)}, ${formatExact(decidedBy.time)}`],
    [
      words.recomputed,
      recomputed == null
        ? words.untold
        : recomputed === row.code
          ? words.agrees
          : words.differs(keyTexts.outcomes[recomputed]),
    ],
  ];
}

const isAsked = (asked: unknown): boolean =>
  typeof asked === 'object' && asked !== null && Object.keys(asked).length > 0;
