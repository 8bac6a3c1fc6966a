// Usage over time: how often a key, or the keys of a workspace, were checked in each hour or day, and what came of it.
import type { UsageBucketSize, UsageSum } from '../projections/usage.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { VerifyCode } from './enums.ts';
import { badInput } from './graphql-errors.ts';

interface Point {
  readonly start: string;
  readonly sums: readonly UsageSum[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How many buckets there are at most: 31 days of hours, 400 days. */
const BUCKETS = { HOUR: { ms: HOUR_MS, most: 31 * 24 }, DAY: { ms: DAY_MS, most: 400 } } as const;

const total = (sums: readonly UsageSum[]): number => sums.reduce((sum, { count }) => sum + count, 0);

const OutcomeCount = builder
  .objectRef<{ readonly code: UsageSum['code']; readonly count: number }>('OutcomeCount')
  .implement({
    fields: (t) => ({
      code: t.field({ type: VerifyCode, resolve: ({ code }) => code }),
      count: t.exposeFloat('count'),
    }),
  });

export const UsagePoint = builder.objectRef<Point>('UsagePoint').implement({
  description: 'The checks of an hour or of a day, UTC.',
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    total: t.float({ resolve: ({ sums }) => total(sums) }),
    previousSecret: t.float({
      description: 'Those that were made with the secret before the current one.',
      resolve: ({ sums }) => total(sums.filter(({ secret }) => secret === 'PREVIOUS')),
    }),
    outcomes: t.field({
      type: [OutcomeCount],
      description: 'The most frequent first; outcomes that there were none of are left out.',
      resolve: ({ sums }) => {
        const codes = [...new Set(sums.map(({ code }) => code))];
        const counts = codes.map((code) => ({ code, count: total(sums.filter((sum) => sum.code === code)) }));
        return counts.sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
      },
    }),
  }),
});

/** What fields of usage cost: as many buckets as there can be. */
export const USAGE_FIELD = {
  description:
    'Every hour or day, UTC, from the one that holds `from` to the last one that begins before `to`, whole and without gaps: at most 31 days of hours or 400 days.',
  extensions: { cost: 50, entries: BUCKETS.HOUR.most },
} as const;
interface UsageArguments {
  readonly from: string;
  readonly to: string;
  readonly bucket: UsageBucketSize;
}

/** The usage of all `scopes` together. */
export async function usageOf(
  { usage }: Pick<Context, 'usage'>,
  scopes: readonly string[],
  { from, to, bucket }: UsageArguments,
): Promise<readonly Point[]> {
  const { ms, most } = BUCKETS[bucket];
  const first = Math.floor(Date.parse(from) / ms) * ms;
  const count = Math.ceil((Date.parse(to) - first) / ms);
  if (to < from) throw badInput({ path: ['to'], message: 'must not be before from' });
  if (count > most)
    throw badInput({ path: ['to'], message: `must be at most ${most} ${bucket.toLowerCase()}s after from` });
  const starts = Array.from({ length: count }, (_, n) => new Date(first + n * ms).toISOString());
  const [begin] = starts;
  if (begin === undefined) return [];
  const sums = await usage.sums({ scopes, from: begin, to: new Date(first + count * ms).toISOString(), bucket });
  const byStart = new Map<string, UsageSum[]>(starts.map((start) => [start, []]));
  for (const sum of sums) byStart.get(sum.start)?.push(sum);
  return [...byStart].map(([start, own]) => ({ start, sums: own }));
}
