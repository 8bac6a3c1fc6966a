// What two products need differently is a setting with a name: no code knows a product.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PRESETS } from './presets.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CODE = ['bin', 'events', 'projections', 'schema', 'services'];
/** The one that every installation has. */
const OF_EVERYBODY = 'default';
const PRODUCTS = [...PRESETS.filter((slug) => slug !== OF_EVERYBODY), 'voice agent', 'voiceAgent', 'projectAdmin'];

const files = CODE.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => /\.(ts|js|graphql)$/.test(name)),
);

test.each(PRODUCTS)('no code names %s', (product) => {
  const found = new RegExp(`\\b${product}\\b`, 'i');
  expect(files.length).toBeGreaterThan(200);
  expect(files.filter((file) => found.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});
