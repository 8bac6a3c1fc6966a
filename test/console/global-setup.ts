// Before the tests in a browser: the console is built as it stands, once for all of them, and there is a browser.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHROMIUM } from './browser.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export default function setup(): void {
  if (!existsSync(CHROMIUM))
    throw new Error(`${CHROMIUM} is not there: apt-get install chromium, or name it in CHROMIUM`);
  execFileSync(process.execPath, [join(ROOT, 'console', 'ensure-built.js')], { cwd: ROOT, stdio: 'inherit' });
}
