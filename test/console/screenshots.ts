// Takes the screenshots in docs/screenshots: every page of the console, light and dark, in the system's Chromium, against a
// real process of Keyfold. `npm run screenshots` builds the console first; with names behind it, it takes these alone.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { makeFolder } from '../support/embedded-folder.ts';
import { settled } from './axe.ts';
import { launchBrowser } from './browser.ts';
import type { MadeKey } from './made-key.ts';
import { SHOWN_AT, shiftedClock } from './screenshot-clock.ts';
import { fill, startAt } from './screenshot-data.ts';
import { MAX_BYTES, SCHEMES, SCREENSHOTS, type Shot, type ShotName, SHOTS } from './shots.ts';

const SIZE = { width: 1280, height: 800 };
/** Of a WebP picture, until it is small enough. */
const QUALITIES = [80, 65, 50];

async function picture(page: Page): Promise<Buffer> {
  const devtools = await page.context().newCDPSession(page);
  let taken = Buffer.alloc(0);
  for (const quality of QUALITIES) {
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality });
    taken = Buffer.from(data, 'base64');
    if (taken.length <= MAX_BYTES) return taken;
  }
  throw new Error(`a picture has ${taken.length} bytes`);
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const folder = await makeFolder();
  const browser = await launchBrowser();
  try {
    const keys: ReadonlyMap<string, MadeKey> = await fill(folder);
    const now = await startAt(folder, 0);
    if (wanted.length === 0) await rm(SCREENSHOTS, { recursive: true, force: true });
    await mkdir(SCREENSHOTS, { recursive: true });
    for (const [name, shot] of Object.entries(SHOTS) as [ShotName, Shot][]) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const context = await browser.newContext({
        viewport: SIZE,
        reducedMotion: 'reduce',
        locale: 'en-GB',
        timezoneId: 'Europe/Berlin',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      await context.addInitScript(shiftedClock(SHOWN_AT - Date.now()));
      const page = await context.newPage();
      await page.goto(`${now.url}${shot.path(keys)}${shot.signedOut === true ? '' : await now.signIn()}`);
      await shot.ready(page);
      for (const scheme of SCHEMES) {
        await page.emulateMedia({ colorScheme: scheme });
        await settled(page, scheme);
        await writeFile(`${SCREENSHOTS}/${name}-${scheme}.webp`, await picture(page));
      }
      console.log(name);
      await context.close();
    }
    await now.process.stop();
  } finally {
    await browser.close();
    await folder.remove();
  }
}

await main();
