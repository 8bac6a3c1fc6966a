// The console as its users have it: a real process of Keyfold on a folder of its own, people who are signed in by links,
// and windows in which nothing may go wrong that a test does not expect.
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { readIssuerKey } from '../../services/shared/data-folder.ts';
import { apiClient, type Api, type VerifierClient } from '../support/api.ts';
import { makeFolder, type RunningFolder } from '../support/embedded-folder.ts';
import type { Environment } from '../support/processes.ts';
import { launchBrowser, slowDown } from './browser.ts';
import { watchContext, type Watch } from './watch.ts';

export interface Person {
  readonly subject: string;
  readonly workspaces: Readonly<Record<string, 'admin' | 'member' | 'auditor' | 'viewer'>>;
  readonly operator?: boolean;
}

export const OWNER: Person = { subject: 'alice', workspaces: { demo: 'admin' }, operator: true };

export interface WindowOptions {
  /** `null`: nobody is signed in. Absent: an admin of `demo`, who is an operator. */
  readonly person?: Person | null;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: boolean;
  /** Of the reader. */
  readonly timeZone?: string;
  /** Plain clipboard access is granted unless this says otherwise. */
  readonly clipboard?: boolean;
}

export interface Window extends Pick<Watch, 'expect' | 'unanswered'> {
  readonly page: Page;
}

export interface Console {
  readonly url: string;
  /** Of {@link OWNER}. */
  readonly api: Api;
  readonly verifier: VerifierClient;
  readonly apiOf: (person: Person) => Promise<Api>;
  /** A one-time link. */
  readonly linkFor: (person: Person) => Promise<string>;
  /** A window at a path; it closes with the test, which fails if anything went wrong in it. */
  readonly open: (path: string, options?: WindowOptions) => Promise<Window>;
  readonly stop: () => Promise<void>;
}

export async function startConsole(env: Environment = {}): Promise<Console> {
  const folder = await makeFolder();
  let running: RunningFolder | undefined;
  let browser: Browser | undefined;
  const stop = async (): Promise<void> => {
    await browser?.close();
    await running?.process.stop();
    await folder.remove();
  };
  try {
    running = await folder.start(env);
    browser = await launchBrowser();
  } catch (error) {
    await stop();
    throw error;
  }
  const { verifier } = running;
  const { url } = running.api;
  const opened = browser;
  const issuer = createLocalIssuer({ key: await readIssuerKey(folder.path), claim: 'keyfold' });
  const tokenOf = ({ operator = false, ...person }: Person): Promise<string> => issuer.mint({ ...person, operator });

  const linkFor = async (person: Person): Promise<string> => {
    const response = await fetch(`${url}/session/codes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(person)}` },
      body: '{}',
    });
    return ((await response.json()) as { url: string }).url;
  };

  return {
    url,
    api: apiClient({ url, token: await tokenOf(OWNER) }),
    verifier,
    linkFor,
    apiOf: async (person) => apiClient({ url, token: await tokenOf(person) }),
    async open(path, options = {}) {
      const {
        person = OWNER,
        dark = false,
        width = 1280,
        height = 800,
        reducedMotion = true,
        clipboard = true,
        timeZone = 'Europe/Berlin',
      } = options;
      const context = await opened.newContext({
        colorScheme: dark ? 'dark' : 'light',
        reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
        viewport: { width, height },
        locale: 'en-GB',
        timezoneId: timeZone,
        permissions: clipboard ? ['clipboard-read', 'clipboard-write'] : [],
      });
      const watch = await watchContext(context, url);
      onTestFinished(async () => {
        await context.close();
        expect(watch.problems()).toEqual([]);
      });
      const page = await context.newPage();
      await slowDown(page);
      if (person !== null) {
        const { hash } = new URL(await linkFor(person));
        // A test that goes on to another page before the answer would be signed in nowhere.
        const signedIn = page.waitForResponse((response) => response.url() === `${url}/session` && response.ok());
        await page.goto(`${url}${path}${hash}`);
        await signedIn;
      } else await page.goto(url + path);
      return { page, expect: watch.expect, unanswered: watch.unanswered };
    },
    stop,
  };
}
