// How much a browser loads: what the list of keys needs, and everything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const DIST = join(import.meta.dirname, '..', '..', 'dist', 'console');
const KB = 1024;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

const manifest = JSON.parse(readFileSync(join(DIST, '.vite', 'manifest.json'), 'utf8')) as Readonly<
  Record<string, Chunk>
>;
const chunks = Object.values(manifest);
const size = (files: Iterable<string>, ending: string): number =>
  [...new Set(files)]
    .filter((file) => file.endsWith(ending))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);

/** A chunk and all that is loaded with it. */
function filesOf(chunk: Chunk): string[] {
  const imported = (chunk.imports ?? []).flatMap((name) => {
    const found = manifest[name];
    return found ? filesOf(found) : [];
  });
  return [chunk.file, ...(chunk.css ?? []), ...imported];
}

test('the list of keys loads at most 200 KB of scripts, the whole console 260, and 15 KB of styles', () => {
  const entry = chunks.filter(({ isEntry }) => isEntry === true).flatMap(filesOf);
  const all = chunks.flatMap(filesOf);
  const sizes = { list: size(entry, '.js'), all: size(all, '.js'), css: size(all, '.css') };
  console.log(`gzipped: list ${sizes.list}, all ${sizes.all}, styles ${sizes.css} bytes`);
  expect(sizes.list).toBeGreaterThan(50 * KB);
  expect(sizes.list).toBeLessThanOrEqual(200 * KB);
  expect(sizes.all).toBeLessThanOrEqual(260 * KB);
  expect(sizes.css).toBeLessThanOrEqual(15 * KB);
});
