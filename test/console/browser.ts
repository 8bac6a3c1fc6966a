// The system's Chromium, one process for all tests of a file; each window has a profile of its own.
import { chromium, type Browser, type Page } from 'playwright-core';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    // As root, as in containers of CI, Chromium has no sandbox; the pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
}

/** How many times slower than it is a page's processor shall be. */
const SLOWNESS = Number(process.env.SLOWNESS ?? 1);

/** For whoever looks for tests that hold only while the machine is quick. */
export async function slowDown(page: Page): Promise<void> {
  if (SLOWNESS <= 1) return;
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWNESS });
}
