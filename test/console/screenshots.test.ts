// docs/screenshots and the README that shows two of them: all of them are there, small, and stay out of the package.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { MAX_BYTES, SCHEMES, SCREENSHOTS, SHOTS } from './shots.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('every page has its picture, light and dark, of at most 60 KB, and there are no others', () => {
  const wanted = Object.keys(SHOTS).flatMap((name) => SCHEMES.map((scheme) => `${name}-${scheme}.webp`));
  expect(readdirSync(SCREENSHOTS).toSorted()).toEqual(wanted.toSorted());
  for (const file of wanted) {
    const { size } = statSync(join(SCREENSHOTS, file));
    expect([file, size > 1024 && size <= MAX_BYTES]).toEqual([file, true]);
  }
});

test('the README shows two of them, and says in words what is to be seen', () => {
  const shown = [
    ...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/!\[([^\]]*)\]\(docs\/screenshots\/([^)]+)\)/g),
  ];
  expect(shown).toHaveLength(2);
  for (const [, words = '', file = ''] of shown) {
    expect(words.length).toBeGreaterThan(40);
    expect(readdirSync(SCREENSHOTS)).toContain(file);
  }
});

test('the package goes without them', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toContain('docs/verify-client.md');
  expect(paths.filter((path) => path.startsWith(relative(ROOT, SCREENSHOTS)))).toEqual([]);
});
