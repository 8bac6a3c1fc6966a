// Who calls with a key, or still with the secret before its current one: addresses and user agents, of its newest calls.
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { KeyCallersDocument, type KeyCallersQuery, type SecretUsed } from '../api/generated/graphql.ts';
import { RelativeTime } from '../components/time.tsx';
import { Foreign } from '../components/foreign.tsx';
import { DAY, formatNumber } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import styles from './key-page.module.css';

const words = keyTexts.callers;
const DAYS = 7;
const SHOWN = 10;

type Call = NonNullable<KeyCallersQuery['key']>['requests']['nodes'][number];

interface Caller {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly count: number;
  readonly last: string;
}

/** The one that called last comes first. @param calls newest first. */
function callersOf(calls: readonly Call[]): Caller[] {
  const callers = new Map<string, Caller>();
  for (const { ip = null, userAgent = null, time } of calls) {
    const id = JSON.stringify([ip, userAgent]);
    const before = callers.get(id);
    callers.set(id, { ip, userAgent, count: (before?.count ?? 0) + 1, last: before?.last ?? time });
  }
  return [...callers.values()];
}

export interface CallersProps {
  readonly id: string;
  /** Only of calls with it. */
  readonly secret?: SecretUsed;
  /** RFC 3339; absent: of the last seven days. */
  readonly since?: string;
  readonly heading?: string;
}

export function Callers({ id, secret, since, heading = words.heading(DAYS) }: CallersProps) {
  const [week] = useState(() => new Date(Date.now() - DAYS * DAY).toISOString());
  const variables = useMemo(
    () => ({ id, filter: { from: since ?? week, ...(secret === undefined ? {} : { secret }) } }),
    [id, since, week, secret],
  );
  const [{ data, error }] = useQuery({
    query: KeyCallersDocument,
    variables,
    requestPolicy: 'cache-and-network',
  });
  const requests = data?.key?.requests;
  if (error && !requests) return <p className={styles.muted}>{words.failed}</p>;
  if (!requests) return null;
  const callers = callersOf(requests.nodes).slice(0, SHOWN);
  if (callers.length === 0) return since === undefined ? <p className={styles.muted}>{words.none(DAYS)}</p> : null;
  return (
    <div className={styles.wide}>
      <table className={styles.plain} aria-label={heading}>
        <caption className={styles.muted}>{heading}</caption>
        <thead>
          <tr>
            <th scope="col">{keyTexts.requests.ip}</th>
            <th scope="col">{keyTexts.requests.userAgent}</th>
            <th scope="col">{words.calls}</th>
            <th scope="col">{words.last}</th>
          </tr>
        </thead>
        <tbody>
          {callers.map(({ ip, userAgent, count, last }) => (
            <tr key={JSON.stringify([ip, userAgent])}>
              <td>
                <code>{ip ?? words.unknown}</code>
              </td>
              <td>
                <Foreign text={userAgent ?? words.unknown} />
              </td>
              <td>{formatNumber(count)}</td>
              <td>
                <RelativeTime time={last} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {requests.totalCount > requests.nodes.length && (
        <p className={styles.muted}>{words.more(requests.nodes.length, requests.totalCount)}</p>
      )}
    </div>
  );
}
