// The frame of the console: signing in and out, a session that ends in mid-work, sections and addresses.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { OWNER, startConsole, type Console } from './console.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

test('a one-time link signs in, and its code stays nowhere', async () => {
  const { page } = await server.open('/sign-in');
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  expect(page.url()).not.toContain('code=');
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, '']);
  expect(await page.evaluate(() => JSON.stringify(history.state))).toBe('null');
});

test('a link that was used is refused in words, and a pasted link is as good as its code', async () => {
  const link = new URL(await server.linkFor(OWNER));
  await server.open(`/w/demo/dagen${link.hash}`, { person: null });
  const { page, expect: expectProblem } = await server.open(`/w/demo/dagen${link.hash}`, { person: null });
  expectProblem(/401/);
  await page.getByText('This link was used already').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.getByLabel('One-time code').fill(await server.linkFor(OWNER));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Sections' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/w/demo/dagen');
});

test('whoever signs out sees nothing more, and comes back to the same page', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  // Of what the page was asking for when the session ended.
  expectProblem(/401/);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expect.poll(() => page.getByRole('navigation').count()).toBe(0);
  await page.getByLabel('One-time code').fill(await server.linkFor(OWNER));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
});

test('a session that ends in mid-work loses nothing of the page', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/401/);
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.waitFor();
  await page.context().clearCookies();
  await search.fill('nightly');
  const dialog = page.getByRole('dialog', { name: 'Your session is over' });
  await dialog.waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.getByLabel('One-time code').fill(await server.linkFor(OWNER));
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => search.inputValue()).toBe('nightly');
  await page.getByText('No key matches these filters.').waitFor();
});

test('sections are those that the person may see; any other address is a page that does not exist', async () => {
  const { page } = await server.open('/w/demo/dagen', { person: { subject: 'eve', workspaces: { demo: 'viewer' } } });
  const sections = page.getByRole('navigation', { name: 'Sections' });
  await sections.getByRole('link', { name: 'Dagen', exact: true }).waitFor();
  const links = await sections.getByRole('link').allTextContents();
  expect(links).not.toContain('Project Admin');
  expect(links).not.toContain('Health');
  for (const path of ['/w/demo/project-admin', '/w/other/dagen', '/w/demo/no-such', '/nowhere']) {
    await page.goto(server.url + path);
    await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
  }
  expect(await graveIssues(page)).toEqual([]);
});

test('on a narrow screen the sections are behind a button', async () => {
  const { page } = await server.open('/w/demo/dagen', { width: 360, height: 740 });
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  const link = page.getByRole('link', { name: 'Ayra', exact: true });
  await expect.poll(() => link.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Show sections' }).click();
  await link.click();
  await page.waitForURL('**/w/demo/ayra');
  await expect.poll(() => link.isVisible()).toBe(false);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
