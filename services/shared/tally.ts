// Tallies: histograms for a path where prom-client's own cost too much (measured: 0.36 µs an observation with a label,
// these 0.03 µs). Counted in plain numbers, put together when they are scraped.
import { Histogram, type HistogramConfiguration } from 'prom-client';

export interface TallyOptions<L extends string> extends Pick<HistogramConfiguration<L>, 'name' | 'help' | 'registers'> {
  /** Its one label; of few values. */
  readonly label: L;
  /** Upper bounds in the metric's unit, ascending. */
  readonly bounds: readonly number[];
}

export interface Tally {
  observe(label: number, value: number): void;
}

interface Counts {
  /** How many were at most each bound and above the one before; last, those above all. */
  readonly within: number[];
  sum: number;
}

export function createTally<L extends string>({ name, help, registers, label, bounds }: TallyOptions<L>): Tally {
  const counts = new Map<number, Counts>();

  function values() {
    return [...counts].flatMap(([of, { within, sum }]) => {
      let count = 0;
      const buckets = within.map((more, i) => ({
        metricName: `${name}_bucket`,
        labels: { le: bounds[i] ?? '+Inf', [label]: of },
        value: (count += more),
      }));
      const labels = { [label]: of };
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
  }

  // It registers itself, and is read through these two.
  const histogram = new Histogram({
    name,
    help,
    labelNames: [label],
    buckets: [...bounds],
    ...(registers ? { registers } : {}),
  });
  const get = () => Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: values() });
  Object.assign(histogram, { get, getForPromString: get });

  return {
    observe: (of, value) => {
      let counted = counts.get(of);
      if (counted === undefined)
        counts.set(of, (counted = { within: Array<number>(bounds.length + 1).fill(0), sum: 0 }));
      let i = 0;
      while (i < bounds.length && value > (bounds[i] ?? 0)) i++;
      counted.within[i] = (counted.within[i] ?? 0) + 1;
      counted.sum += value;
    },
  };
}
