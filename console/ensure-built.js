// Before `npm start` in a clone: builds the console when it is missing or older than what it is made of, and is quick
// otherwise. Without its tools (`npm ci --omit=dev`) the server starts all the same, and says that there are no pages.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const BUILT = join(root, 'dist', 'console', 'index.html');
const SOURCES = ['console', 'vite.config.ts', 'package-lock.json'];

/** A folder's own time tells of files that were added or removed. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function hasTools() {
  try {
    createRequire(import.meta.url).resolve('vite');
    return true;
  } catch {
    return false;
  }
}

const sources = SOURCES.map((name) => join(root, name)).filter((path) => existsSync(path));
const current = existsSync(BUILT) && statSync(BUILT).mtimeMs >= Math.max(...sources.map(newest));
if (!current && !hasTools()) console.error('The console is not built: its tools are not installed (npm ci).');
else if (!current) {
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}
