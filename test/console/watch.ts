// What must not happen in a window, whatever is done in it: a violation of the page's policy, an error on its console or
// in its scripts, a request to any other origin, a dialog of the browser's own.
import type { BrowserContext, Page } from 'playwright-core';

export interface Watch {
  /** What has happened so far and was not expected. */
  readonly problems: () => readonly string[];
  /** Something that a test brings about by intent. */
  readonly expect: (pattern: RegExp) => void;
}

const POLICY = 'policy violated: ';
/** Of the page itself, or made by it. */
const OWN_SCHEMES = ['data:', 'blob:', 'about:'];

export async function watchContext(context: BrowserContext, origin: string): Promise<Watch> {
  const seen: string[] = [];
  const expected: RegExp[] = [];
  await context.addInitScript((prefix: string) => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      console.error(`${prefix}${violatedDirective} ${blockedURI} ${sample}`);
    });
  }, POLICY);
  const watchPage = (page: Page): void => {
    page.on('console', (message) => {
      if (message.type() === 'error') seen.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => void seen.push(`error: ${error.stack ?? error.message}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !OWN_SCHEMES.some((scheme) => url.startsWith(scheme)))
        seen.push(`request to another origin: ${url}`);
    });
    page.on('dialog', (dialog) => {
      if (dialog.type() !== 'beforeunload') seen.push(`dialog: ${dialog.type()} ${dialog.message()}`);
      void dialog.accept();
    });
  };
  context.on('page', watchPage);
  return {
    problems: () => seen.filter((problem) => !expected.some((pattern) => pattern.test(problem))),
    expect: (pattern) => void expected.push(pattern),
  };
}
