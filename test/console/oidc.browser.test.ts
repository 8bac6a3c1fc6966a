// Signing in at an identity provider (oidc-provider) as a person does it: from the page that was asked for, to another
// site, and back to that page; and what is said when nobody is signed in.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../services/process.ts';
import { AUDIENCE, CLIENT, startIdentityProvider, type IdentityProvider } from '../support/identity-provider.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console, type Window } from './console.ts';

const GRACE = { subject: 'grace', claims: { keyfold: { workspaces: { demo: 'member' }, operator: false } } };
const ASKED = '/w/demo/dagen?text=nightly&order=NAME-ASC';

let idp: IdentityProvider;
let server: Console;
let url: string;
beforeAll(async () => {
  const port = await freePort();
  // Another site than the provider's 127.0.0.1: cookies that are for the same site alone stay behind on the way back.
  url = `http://localhost:${port}`;
  idp = await startIdentityProvider(`${url}/session/callback`);
  server = await startConsole({
    ...{ API_PORT: String(port), PUBLIC_URL: url },
    ...{ AUTH_ISSUER: idp.issuer, AUTH_AUDIENCE: AUDIENCE, AUTH_JWKS_URL: idp.jwksUrl },
    ...{ AUTH_CLIENT_ID: CLIENT.id, AUTH_CLIENT_SECRET: CLIENT.secret },
  });
});
afterAll(async () => {
  await server.stop();
  await idp.close();
});
beforeEach(() => Object.assign(idp, { person: GRACE, instead: () => false }));

/** A window of somebody who is not signed in, in which going to the provider and back is no problem. */
async function open(path: string): Promise<Window> {
  const opened = await server.open('/', { person: null });
  const { page, expect: expectProblem } = opened;
  await provider(page).waitFor();
  for (const origin of [url, idp.issuer]) expectProblem(new RegExp(`^request to another origin: ${origin}/`));
  await page.goto(url + path);
  await provider(page).waitFor();
  return opened;
}
const provider = (page: Page) => page.getByRole('link', { name: 'Continue with your organisation' });
const signedOut = (page: Page): Promise<void> => page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();

test('signing in leads to the provider and back to the page that was asked for; signing out ends it', async () => {
  const { page, expect: expectProblem } = await open(ASKED);
  // Of what the page was asking for when the session ended.
  expectProblem(/401/);
  await signedOut(page);
  expect(await graveIssues(page)).toEqual([]);
  const before = idp.asked.length;
  await provider(page).click();
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  expect(page.url()).toBe(url + ASKED);
  expect(idp.asked.slice(before)).toContain('GET /auth');
  await page.getByText('grace', { exact: true }).waitFor();
  await expect.poll(() => page.getByRole('searchbox', { name: 'Search' }).inputValue()).toBe('nightly');
  await page.getByRole('link', { name: 'Ayra' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Create API Key' }).first().waitFor();
  // What it was all recognised by no script has seen.
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, '']);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await signedOut(page);
  await page.reload();
  await signedOut(page);
  const cookies = await page.context().cookies(url);
  expect(cookies.filter(({ name }) => /^keyfold-(?!sign-in)/.test(name))).toEqual([]);
});

test('a session that ends in mid-work goes on once one has signed in at the provider, in a window of its own', async () => {
  const { page, expect: expectProblem, unanswered } = await open('/w/demo/dagen');
  expectProblem(/401 \(Unauthorized\)/);
  await provider(page).click();
  await page.getByRole('button', { name: 'Create API Key' }).first().click();
  await page.getByLabel('Name').fill('Kept');
  await page.getByRole('checkbox', { name: 'Agents' }).check();
  await expect.poll(unanswered).toBe(0);
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  const over = page.getByRole('dialog', { name: 'Your session is over' });
  const [aside] = await Promise.all([page.context().waitForEvent('page'), over.getByRole('link').click()]);
  await aside.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  await aside.close();
  await over.waitFor({ state: 'detached' });
  await page.getByRole('alertdialog').getByRole('group', { name: 'Secret of Kept' }).waitFor();
});

test('why nobody was signed in is said in words, above the way to try again', async () => {
  const { page } = await open('/');
  const problem = page.getByRole('alert');
  const told = async (text: string): Promise<void> => {
    await provider(page).click();
    await problem.getByText(text, { exact: true }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
  };
  idp.person = 'denied';
  await told('Signing in was given up.');
  expect(await graveIssues(page)).toEqual([]);
  // It says nothing of the code, which was not used.
  await expect.poll(() => page.getByLabel('One-time code').getAttribute('aria-invalid')).not.toBe('true');

  idp.person = { ...GRACE, claims: { keyfold: { workspaces: { demo: 'emperor' } } } };
  await told('You are signed in there, but not allowed in here. Ask an administrator for a role.');

  idp.person = GRACE;
  idp.instead = (request, response) => request.url === '/token' && (response.destroy(), true);
  await told('The identity provider cannot be reached. Try again later.');

  idp.instead = () => false;
  await page.context().clearCookies({ name: /^keyfold-sign-in/ });
  await page.goto(`${url}/session/callback?code=x&state=y`);
  await problem.getByText('That took too long. Try again.').waitFor();

  await provider(page).click();
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
});

test('whoever is not signed in at first lands on the page that was asked for all the same', async () => {
  const { page } = await open(ASKED);
  idp.person = 'denied';
  await provider(page).click();
  await page.getByRole('alert').getByText('Signing in was given up.').waitFor();
  expect(page.url()).toBe(url + ASKED);
  idp.person = GRACE;
  await provider(page).click();
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  expect(page.url()).toBe(url + ASKED);
});
