// The documents keep to the repository: links lead somewhere, and every test that they name exists under that name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../services/shared/metrics.ts';
import { ROLES_PAGE, rolesPage } from './tools/roles-page.ts';

const root = join(import.meta.dirname, '..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/protocol.md',
  'docs/roles.md',
  'docs/keyspaces.md',
  'docs/operations.md',
  'docs/verify-client.md',
  'docs/events.md',
  'docs/subscriptions.md',
];
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
);
const suites = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** Whether a file has a test of this name, where … stands for what is counted there. */
function holds(file: string, name: string): boolean {
  const parts = name.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*')).test(file.replace(/\\'/g, "'"));
}

/** Headings as the anchors that GitHub gives them. */
function anchors(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  const plain = headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, ''));
  return new Set(plain.map((heading) => heading.replace(/ /g, '-')));
}

describe.each(documents)('%s', (document) => {
  const prose = text(document).replace(/^```[\s\S]*?^```$/gm, '');

  it('links only to files and headings that exist', () => {
    const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : relative(root, join(root, dirname(document), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(text(target)).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('docs/protocol.md', () => {
  const protocol = text('docs/protocol.md');
  const inForce = [
    ...['E1', 'E2', 'E3', 'E4', 'E5', 'E6'],
    'F1',
    ...['W1', 'W2', 'W3', 'W4', 'W5', 'W6'],
    ...['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7'],
    ...['V1', 'V2', 'V3', 'V4'],
    ...['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7', 'L8', 'L9', 'L10', 'L11'],
    ...['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9'],
    ...['D1', 'D2', 'D3'],
    'T',
  ];

  it.each(inForce)('names a test of rule %s, by the name that it has', (rule) => {
    const cited = [...protocol.matchAll(/^- Test: “(protocol [^”]+)” in \[[^\]]+\]\(\.\.\/([^)]+)\)$/gm)];
    const ofRule = cited.filter(([, name = '']) => new RegExp(`^protocol [^:]*\\b${rule}\\b[^:]*:`).test(name));
    expect(ofRule.length, `docs/protocol.md names no test of ${rule}`).toBeGreaterThan(0);
    for (const [, name = '', file = ''] of ofRule) {
      expect(holds(text(file), name), `${file} has no test “${name}”`).toBe(true);
    }
  });
});

describe('what docs/protocol.md cites', () => {
  const protocol = text('docs/protocol.md');
  const cited = [...protocol.matchAll(/^- Test: “([^”]+)”[^\n]*? in \[[^\]]+\]\(\.\.\/([^)]+)\)/gm)];

  it('is there under that name, be it a test of a rule or not', () => {
    const all = protocol.match(/^- Tests?: /gm) ?? [];
    expect(cited.length).toBeGreaterThan(all.length - 5);
    expect(cited.filter(([, name = '', file = '']) => !holds(text(file), name)).map(([, name]) => name)).toEqual([]);
  });
});

describe('docs/roles.md', () => {
  it('is what the code says now (npm run codegen)', async () => {
    expect(text(ROLES_PAGE)).toBe(await rolesPage());
  });
});

describe('CONTRIBUTING.md', () => {
  it('names only files and folders that exist', () => {
    const folders = 'events|projections|schema|services|bench|test|docs|bin';
    const named = [...text('CONTRIBUTING.md').matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g'))];
    expect(named.length).toBeGreaterThan(20);
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('the README', () => {
  it('names test files that exist', () => {
    const named = [...text('README.md').matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, file = '']) => file);
    const existing = [...tests, ...suites].map((file) => `test/${file}`);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((file) => !existing.includes(file))).toEqual([]);
  });

  it('lists exactly the settings that there are', () => {
    const sources = ['settings.ts', 'secret-files.ts'].map((file) => text(`services/shared/${file}`)).join('\n');
    const read = [...sources.matchAll(/'([A-Z]+(?:_[A-Z]+)+|HOST)'/g)].map(([, name = '']) => name);
    const table = /^## Settings$([\s\S]*?)^## /m.exec(text('README.md'))?.[1] ?? '';
    const firstCells = [...table.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = '']) => cell);
    const listed = firstCells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name));
    expect([...listed].sort()).toEqual([...new Set(read)].sort());
  });

  it('lists exactly the metrics that there are, in their own words', () => {
    const { registry } = createMetrics({ defaults: false });
    const ours = registry.getMetricsAsArray().map(({ name, help }) => `${name} ${help}`);
    const table = /^## Health and metrics$([\s\S]*?)^## /m.exec(text('README.md'))?.[1] ?? '';
    const listed = [...table.matchAll(/^\| `(keyfold_\w+)`\s*\|[^|]*\| (.*?)\s*\|$/gm)];
    expect(listed.map(([, name = '', help = '']) => `${name} ${help}`)).toEqual(ours);
  });
});
