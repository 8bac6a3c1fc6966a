// docs/monitoring/: the board, the rules and the page name metrics that there are, by labels that they have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../services/shared/metrics.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs', 'monitoring');
const text = (file: string): string => readFileSync(join(DOCS, file), 'utf8');

/** Every series that Prometheus has of ours. */
const metrics = createMetrics({ defaults: false }).registry.getMetricsAsArray();
const names = metrics.map(({ name }) => name);
const PARTS: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };
const series = new Set(
  metrics.flatMap(({ name, type }) => (PARTS[String(type)] ?? ['']).map((part) => `${name}${part}`)),
);

interface Board {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
    readonly datasource?: unknown;
    readonly targets?: readonly { readonly expr: string; readonly datasource: unknown }[];
  }[];
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly description: string };
    }[];
  }[];
}

const board = JSON.parse(text('grafana-dashboard.json')) as Board;
const rules = (parse(text('alerts.yml')) as Rules).groups.flatMap((group) => group.rules);
const drawn = board.panels.filter(({ type }) => type !== 'row');
const exprs = [
  ...drawn.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...rules.map(({ expr }) => expr),
];

const OF_PROMETHEUS = ['job', 'instance', 'le'];
const labelsOf = (name: string): readonly string[] => {
  const found =
    metrics.find((metric) => metric.name === name.replace(/_(bucket|sum|count)$/, '')) ??
    metrics.find((metric) => metric.name === name);
  return (found as unknown as { labelNames?: readonly string[] } | undefined)?.labelNames ?? [];
};

test('the board and the rules ask for series that there are, by labels that these have', () => {
  expect(exprs.length).toBeGreaterThan(25);
  for (const expr of exprs) {
    const asked = [...expr.matchAll(/keyfold_\w+/g)].map(([name]) => name);
    expect(asked.length, expr).toBeGreaterThan(0);
    for (const name of asked) expect([...series], expr).toContain(name);
    const known = [...OF_PROMETHEUS, ...asked.flatMap(labelsOf)];
    const matched = [...expr.matchAll(/(\w+)=~?"/g), ...expr.matchAll(/by \(([^)]*)\)/g)];
    for (const label of matched.flatMap(([, list = '']) => list.split(/, */))) expect(known, expr).toContain(label);
    expect(expr.split('(').length, expr).toBe(expr.split(')').length);
  }
});

test('the board shows every metric, and no panel covers another', () => {
  const shown = drawn.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join(' ');
  for (const name of names) expect(shown, name).toContain(name);
  expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
  const cells = board.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: h * w }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

test('the board’s data source is chosen when it is imported', () => {
  expect(board.templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource' }));
  const own = { type: 'prometheus', uid: '${datasource}' };
  for (const { title, datasource, targets = [] } of drawn) {
    expect([title, datasource]).toEqual([title, own]);
    for (const target of targets) expect(target.datasource).toEqual(own);
  }
});

test('every alert says how bad it is, what it means and what to look at, once', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Keyfold[A-Z]/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\.$/);
    expect(annotations.description).toMatch(/[.?]$/);
  }
});

test('the page describes every metric and no other', () => {
  const described = [...text('README.md').matchAll(/^\| `(keyfold_\w+)`/gm)].map(([, name]) => name);
  expect([...described].sort()).toEqual([...names].sort());
});
