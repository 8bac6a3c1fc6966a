// How a key is used: bars of an hour or a day each, by what its calls came to, and the same as a table.
import { useEffect, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { KeyUsageDocument, type KeyUsageQuery, type VerifyCode } from '../api/generated/graphql.ts';
import { LoadFailure } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { Spinner } from '../components/spinner.tsx';
import { DAY, formatDate, formatDateTime, formatNumber, HOUR } from '../texts/format.ts';
import { useNow } from '../texts/now.ts';
import { keyTexts } from '../texts/key-texts.ts';
import styles from './key-page.module.css';
import chart from './usage-chart.module.css';

type Point = NonNullable<KeyUsageQuery['key']>['usage'][number];

const words = keyTexts.usage;
const RANGES = {
  day: { bucket: 'HOUR', length: HOUR, count: 24 },
  week: { bucket: 'DAY', length: DAY, count: 7 },
  month: { bucket: 'DAY', length: DAY, count: 30 },
} as const;
type Range = keyof typeof RANGES;
const NAMES = Object.keys(RANGES) as Range[];

/** What calls come to, from the best to the worst; each bar is stacked in this order. */
const KINDS: readonly { readonly className: string | undefined; readonly has: (code: VerifyCode) => boolean }[] = [
  { className: chart.valid, has: (code) => code === 'VALID' },
  { className: chart.limited, has: (code) => code === 'RATE_LIMITED' || code === 'STALE' },
  { className: chart.refused, has: (code) => code !== 'VALID' && code !== 'RATE_LIMITED' && code !== 'STALE' },
];
const WIDTH = 720;
const HEIGHT = 140;

export function UsageChart({ id }: { readonly id: string }) {
  const [range, setRange] = useState<Range>('day');
  const { bucket, length, count } = RANGES[range];
  const now = useNow();
  const end = (Math.floor(now / length) + 1) * length;
  const variables = useMemo(
    () => ({ id, bucket, from: new Date(end - count * length).toISOString(), to: new Date(end).toISOString() }),
    [id, bucket, length, count, end],
  );
  const [{ data, error, fetching }, again] = useQuery({
    query: KeyUsageDocument,
    variables,
    requestPolicy: 'cache-and-network',
  });
  useEffect(() => {
    if (document.visibilityState === 'visible') again({ requestPolicy: 'network-only' });
  }, [now, again]);
  const points = data?.key?.usage ?? null;
  return (
    <section className={styles.section} aria-label={words.heading}>
      <div className={styles.row}>
        <h2>{words.heading}</h2>
        <span role="group" aria-label={words.range} className={styles.row}>
          {NAMES.map((name) => (
            <Button key={name} aria-pressed={name === range} onClick={() => setRange(name)}>
              {words.ranges[name]}
            </Button>
          ))}
        </span>
        {fetching && !points && <Spinner small />}
      </div>
      {error && !points && <LoadFailure error={error} onRetry={() => again({ requestPolicy: 'network-only' })} />}
      {points && <Bars points={points} span={words.ranges[range]} hours={bucket === 'HOUR'} />}
    </section>
  );
}

interface BarsProps {
  readonly points: readonly Point[];
  readonly span: string;
  readonly hours: boolean;
}

function Bars({ points, span, hours }: BarsProps) {
  const sum = points.reduce((total, point) => total + point.total, 0);
  const codes = [...new Set(points.flatMap(({ outcomes }) => outcomes.map(({ code }) => code)))];
  if (sum === 0) return <p className={styles.muted}>{words.none(span)}</p>;
  const most = Math.max(...points.map(({ total }) => total));
  const step = WIDTH / points.length;
  const told = (point: Point): string =>
    words.bar(
      timeOf(point.start, hours),
      point.outcomes.map(({ code, count }) => words.count(count, keyTexts.outcomes[code])).join(', '),
    );
  return (
    <>
      <svg
        className={chart.chart}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.chart(sum, span)}
      >
        {points.map((point, index) => (
          <Bar key={point.start} point={point} x={index * step} width={step} most={most} title={told(point)} />
        ))}
      </svg>
      <ul className={styles.row}>
        {codes.map((code) => (
          <li key={code} className={chart.key}>
            <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" rx="2" className={KINDS.find(({ has }) => has(code))?.className} />
            </svg>
            {words.count(countOf(points, code), keyTexts.outcomes[code])}
          </li>
        ))}
      </ul>
      <details>
        <summary>{words.table}</summary>
        <div className={styles.wide} role="region" aria-label={words.table} tabIndex={0}>
          <table className={styles.plain}>
            <caption className={styles.muted}>{words.chart(sum, span)}</caption>
            <thead>
              <tr>
                <th scope="col">{words.from}</th>
                <th scope="col">{words.total}</th>
                {codes.map((code) => (
                  <th key={code} scope="col">
                    {keyTexts.outcomes[code]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.start}>
                  <th scope="row">{timeOf(point.start, hours)}</th>
                  <td>{formatNumber(point.total)}</td>
                  {codes.map((code) => (
                    <td key={code}>{formatNumber(countOf([point], code))}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

interface BarProps {
  readonly point: Point;
  readonly x: number;
  readonly width: number;
  /** Of all bars. */
  readonly most: number;
  readonly title: string;
}

function Bar({ point, x, width, most, title }: BarProps) {
  const heights = KINDS.map(
    ({ has }) =>
      (point.outcomes.filter(({ code }) => has(code)).reduce((sum, { count }) => sum + count, 0) / most) * HEIGHT,
  );
  return (
    <g>
      <title>{title}</title>
      <rect x={x} y={0} width={width} height={HEIGHT} className={chart.space} />
      {KINDS.map(({ className }, at) => {
        const height = heights[at] ?? 0;
        const below = heights.slice(0, at).reduce((sum, each) => sum + each, 0);
        return height === 0 ? null : (
          <rect
            key={at}
            x={x + 1}
            y={HEIGHT - below - height}
            width={width - 2}
            height={height}
            className={className}
          />
        );
      })}
    </g>
  );
}

/** Days are of UTC, as they are counted. */
const timeOf = (start: string, hours: boolean): string =>
  hours ? formatDateTime(start) : formatDate(`${start.slice(0, 10)}T12:00:00`);

const countOf = (points: readonly Point[], code: VerifyCode): number =>
  points.flatMap(({ outcomes }) => outcomes).reduce((sum, each) => (each.code === code ? sum + each.count : sum), 0);
