#!/usr/bin/env node
// The `keyfold` command: runs what was built, or, in a clone with its sources, TypeScript as it stands.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Libraries do their development-time checks unless told otherwise.
process.env.NODE_ENV ??= 'production';

const source = join(import.meta.dirname, '..', 'services', 'keyfold.ts');
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(pathToFileURL(source).href);
} else {
  await import('../dist/services/keyfold.js');
}
