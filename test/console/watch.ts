// What must not happen in a window, whatever is done in it: a violation of the page's policy, an error on its console or
// in its scripts, a request to any other origin, a dialog of the browser's own.
import type { BrowserContext, Page, Request } from 'playwright-core';

export interface Watch {
  /** What has happened so far and was not expected. */
  readonly problems: () => readonly string[];
  /** Something that a test brings about by intent. */
  readonly expect: (pattern: RegExp) => void;
  /** How many questions to the API, streams aside, have no answer yet. */
  readonly unanswered: () => number;
}

const POLICY = 'policy violated: ';
/** Of the page itself, or made by it. */
const OWN_SCHEMES = ['data:', 'blob:', 'about:'];

const isStream = (request: Request): boolean => request.headers().accept?.startsWith('text/event-stream') === true;

export async function watchContext(context: BrowserContext, origin: string): Promise<Watch> {
  const seen: string[] = [];
  const expected: RegExp[] = [];
  const unanswered = new Set<Request>();
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
      if (url === `${origin}/graphql` && !isStream(request)) unanswered.add(request);
      if (!url.startsWith(`${origin}/`) && !OWN_SCHEMES.some((scheme) => url.startsWith(scheme)))
        seen.push(`request to another origin: ${url}`);
    });
    for (const end of ['requestfinished', 'requestfailed'] as const)
      page.on(end as 'requestfinished', (request) => void unanswered.delete(request));
    page.on('dialog', (dialog) => {
      if (dialog.type() !== 'beforeunload') seen.push(`dialog: ${dialog.type()} ${dialog.message()}`);
      void dialog.accept();
    });
  };
  context.on('page', watchPage);
  return {
    problems: () => seen.filter((problem) => !expected.some((pattern) => pattern.test(problem))),
    expect: (pattern) => void expected.push(pattern),
    unanswered: () => unanswered.size,
  };
}
