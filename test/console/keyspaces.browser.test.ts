// The page of a keyspace's profile: in sections, as YAML, and changed by an operator.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payload } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console, type Window } from './console.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

/** A keyspace of its own for each test. */
const profile = (slug: string, lines = ''): string => `slug: ${slug}
name: Pass ${slug}
labels: { title: Passes, noun: pass }
types: [{ id: pass, label: Pass, prefix: z${slug} }]
permissions:
  scopes:
    - { id: doors, label: Doors, tone: teal }
    - { id: lifts, label: Lifts }
  unrestrictedAllowed: false
${lines}`;

async function define(source: string): Promise<void> {
  payload(await server.api.settle('defineKeyspace', { source, allowWidening: true }));
}
interface Shown {
  readonly slug: string;
  readonly name: string;
  readonly version: number;
  readonly source: string;
}
async function shown(slug: string): Promise<Shown> {
  const { keyspaces } = await server.api.query<{ keyspaces: Shown[] }>('{ keyspaces { slug name version source } }');
  const found = keyspaces.find((each) => each.slug === slug);
  if (!found) throw new Error(`there is no keyspace ${slug}`);
  return found;
}

const textOf = (page: Page) => page.getByLabel('Profile, as YAML or JSON');
const check = (page: Page) => page.getByRole('button', { name: 'Check and review' });
/** Opens the page of a keyspace, and its text to be edited. */
async function edit(slug: string): Promise<Window> {
  const opened = await server.open(`/keyspaces/${slug}?tab=source`);
  await opened.page.getByRole('button', { name: 'Edit', exact: true }).click();
  return opened;
}
async function replace(page: Page, before: string, after: string): Promise<void> {
  const text = await textOf(page).inputValue();
  expect(text).toContain(before);
  await textOf(page).fill(text.replace(before, after));
}

test('a profile is shown in sections, and as YAML; for all but operators there is no such page', async () => {
  const { page } = await server.open('/keyspaces/dagen', { width: 360, height: 740 });
  await page.getByRole('heading', { level: 1, name: 'Keyspace Dagen' }).waitFor();
  const row = (section: string, text: string) =>
    page.getByRole('region', { name: section }).locator('tbody tr').filter({ hasText: text }).first();
  await row('Types of keys', 'Secret key (secret)').waitFor();
  await row('Scopes', 'Workflow run and poll').getByText('Workflows', { exact: true }).waitFor();
  await expect.poll(() => row('Roles', 'REGENERATE').innerText()).toContain('Admins');
  await expect.poll(() => row('Columns of the table', 'lastSeenAt').innerText()).toContain('Last used');
  await expect
    .poll(() => row('Fields of a key', 'rateLimit').innerText())
    .toContain('Rate limit (requests per minute)');
  for (const text of ['1/min to 600/min; 60/min unless said otherwise', 'Without an overlap', 'Deleting', 'X-API-Key'])
    await page.getByText(text, { exact: true }).first().waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('tab', { name: 'YAML' }).click();
  await expect.poll(() => page.getByRole('region', { name: 'YAML' }).innerText()).toContain('slug: dagen');
  expect(new URL(page.url()).searchParams.get('tab')).toBe('source');
  await page.getByRole('button', { name: 'Copy the profile' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe((await shown('dagen')).source);
  expect(await graveIssues(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  const person = { subject: 'bob', workspaces: { demo: 'admin' } } as const;
  const { page: other } = await server.open('/keyspaces/dagen', { person });
  await other.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.goto(`${server.url}/keyspaces/no-such`);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
});

test('the profile of every product is shown by what it says alone', async () => {
  const { page } = await server.open('/health');
  const links = page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: /^Keyspace / });
  await links.first().waitFor();
  const names = await links.allTextContents();
  expect(names.length).toBeGreaterThanOrEqual(6);
  for (const name of names) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'Columns of the table' }).waitFor();
  }
  expect(await graveIssues(page)).toEqual([]);
});

test('what is wrong with a changed profile is told at its path, and what it would change before it is applied', async () => {
  await define(profile('pa'));
  const { page } = await edit('pa');
  await expect.poll(() => check(page).isDisabled()).toBe(true);
  await textOf(page).fill(profile('pa', 'timeZone: Nowhere'));
  await check(page).click();
  const problem = page.getByRole('alert');
  await problem.getByText('1 thing is wrong with it. Nothing was changed.').waitFor();
  await expect.poll(() => problem.locator('code').innerText()).toBe('timeZone');
  expect(await graveIssues(page)).toEqual([]);

  await textOf(page).fill(profile('pa', 'name: Twice'));
  await check(page).click();
  await problem.getByText(/at line \d+/).waitFor();
  await expect.poll(() => problem.locator('code').count()).toBe(0);

  await textOf(page).fill(profile('pa').replace('Pass pa', 'Renamed'));
  await check(page).click();
  const review = page.getByRole('dialog', { name: 'Change the profile of Pass pa?' });
  await expect
    .poll(() => review.locator('tbody tr').allInnerTexts())
    .toEqual([expect.stringMatching(/^name\s+Pass pa\s+Renamed$/)]);
  await review.getByText('Keys that exist may do what they did.').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  expect(await shown('pa')).toMatchObject({ version: 1 });

  await page.keyboard.press('Escape');
  await review.waitFor({ state: 'detached' });
  await expect.poll(() => textOf(page).inputValue()).toContain('Renamed');
  await page.getByRole('tab', { name: 'Profile' }).click();
  await page.getByRole('tab', { name: 'YAML' }).click();
  await expect.poll(() => textOf(page).inputValue()).toContain('Renamed');
  await check(page).click();
  await review.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Version 2 of the profile applies; 1 of 1 verifier answers by it.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Keyspace Renamed' }).waitFor();
  await page.getByRole('link', { name: 'Keyspace Renamed' }).waitFor();
  await expect.poll(() => page.getByRole('region', { name: 'YAML' }).innerText()).toContain('name: Renamed');
  expect(await shown('pa')).toMatchObject({ version: 2, name: 'Renamed' });
});

test('a change after which keys that exist may do more is applied only if that is what is wanted', async () => {
  await define(profile('pb'));
  const { page } = await edit('pb');
  await textOf(page).fill(`${profile('pb')}  implications: [{ scope: doors, implies: [lifts] }]\n`);
  await check(page).click();
  const review = page.getByRole('dialog');
  await review.getByText('May do more', { exact: true }).first().waitFor();
  const apply = review.getByRole('button', { name: 'Apply' });
  await expect.poll(() => apply.isDisabled()).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
  await review.getByRole('checkbox', { name: 'Keys that exist may do more' }).check();
  await apply.click();
  await page.getByText(/^Version 2 of the profile applies/).waitFor();
  await page.getByRole('tab', { name: 'Profile' }).click();
  const scope = page.getByRole('region', { name: 'Scopes' }).locator('tbody tr').filter({ hasText: 'doors' }).first();
  await scope.getByText('Lifts', { exact: true }).waitFor();
});

test('somebody else’s change is told of with its author, loses no input, and is compared with before anything is applied', async () => {
  await define(profile('pc'));
  const { page } = await edit('pc');
  await replace(page, 'Pass pc', 'Mine');
  await define(profile('pc').replace('title: Passes', 'title: Theirs'));
  await check(page).click();
  const review = page.getByRole('dialog');
  await review.getByText(/^alice made version 2 of the profile meanwhile/).waitFor();
  await review.getByText('labels.title', { exact: true }).waitFor();
  expect(await graveIssues(page)).toEqual([]);

  // Once more, while the question is open.
  await define(profile('pc').replace('title: Passes', 'title: Theirs again'));
  await review.getByRole('button', { name: 'Apply' }).click();
  await review.getByText(/^alice made version 3 of the profile meanwhile/).waitFor();
  await review.getByText('Theirs again', { exact: true }).waitFor();
  await expect.poll(() => textOf(page).inputValue()).toContain('Mine');
  await review.getByRole('button', { name: 'Apply' }).click();
  await page.getByText(/^Version 4 of the profile applies/).waitFor();
  expect(await shown('pc')).toMatchObject({ name: 'Mine', version: 4 });
});

test('no text is lost by a slip: editing is stopped once that is confirmed, and a failure keeps what was typed', async () => {
  await define(profile('pd'));
  const { page, expect: expectProblem } = await edit('pd');
  await textOf(page).fill(profile('pe'));
  await check(page).click();
  await page.getByText('The slug names another keyspace.').waitFor();

  await textOf(page).fill(`# A note.\n${profile('pd')}`);
  await check(page).click();
  await page.getByText('This is what the profile says already.').waitFor();

  await replace(page, 'Pass pd', 'Kept');
  expectProblem(/ERR_FAILED/);
  await page.route('**/graphql', (route) => route.abort());
  await check(page).click();
  await page.getByText('Keyfold cannot be reached.').waitFor();
  await page.unroute('**/graphql');
  await expect.poll(() => textOf(page).inputValue()).toContain('Kept');

  await page.getByRole('button', { name: 'Stop editing' }).click();
  const question = page.getByRole('alertdialog', { name: 'Stop editing?' });
  await question.waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await question.getByRole('button', { name: 'Go on editing' }).click();
  await question.waitFor({ state: 'detached' });
  await expect.poll(() => textOf(page).inputValue()).toContain('Kept');
  await page.getByRole('button', { name: 'Stop editing' }).click();
  await question.getByRole('button', { name: 'Discard my text' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
  expect((await shown('pd')).version).toBe(1);
});

test('whoever leaves by a link or by Back with text that is not saved is asked first, and goes there if that is meant', async () => {
  await define(profile('pf'));
  const { page } = await server.open('/health');
  const link = (name: string) => page.getByRole('link', { name, exact: true });
  const question = page.getByRole('alertdialog', { name: 'Leave this page?' });
  const editor = async (): Promise<void> => {
    await link('Keyspace Pass pf').click();
    await page.getByRole('tab', { name: 'YAML' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await replace(page, 'Pass pf', 'Unsaved');
  };
  await editor();
  // Also while another part of the page is looked at.
  await page.getByRole('tab', { name: 'Profile' }).click();
  await link('Keyspace Dagen').click();
  await question.waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await question.getByRole('button', { name: 'Go on editing' }).click();
  await question.waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'YAML' }).click();
  await expect.poll(() => textOf(page).inputValue()).toContain('Unsaved');
  expect(new URL(page.url()).pathname).toBe('/keyspaces/pf');

  await link('Keyspace Dagen').click();
  await question.getByRole('button', { name: 'Discard my text' }).click();
  await page.getByRole('heading', { level: 1, name: 'Keyspace Dagen' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Keyspace Pass pf' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/keyspaces/pf');

  await link('Health').click();
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();
  await editor();
  await page.evaluate(() => window.history.back());
  await question.waitFor();
  await question.getByRole('button', { name: 'Go on editing' }).click();
  await expect.poll(() => textOf(page).inputValue()).toContain('Unsaved');
  await page.evaluate(() => window.history.back());
  await question.getByRole('button', { name: 'Discard my text' }).click();
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();

  // What is not changed is left without a question.
  await link('Keyspace Pass pf').click();
  await page.getByRole('tab', { name: 'YAML' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await link('Health').click();
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();
  expect((await shown('pf')).version).toBe(1);
});

test('whoever signs out with text that is not saved is asked first, and is signed out if that is meant', async () => {
  await define(profile('pg'));
  const { page } = await edit('pg');
  await replace(page, 'Pass pg', 'Unsaved');
  const question = page.getByRole('alertdialog', { name: 'Leave this page?' });
  const signOut = page.getByRole('button', { name: 'Sign out' });
  await signOut.click();
  await question.getByRole('button', { name: 'Go on editing' }).click();
  await question.waitFor({ state: 'detached' });
  await expect.poll(() => textOf(page).inputValue()).toContain('Unsaved');
  await signOut.click();
  await question.getByRole('button', { name: 'Discard my text' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/keyspaces/pg');
  expect((await shown('pg')).version).toBe(1);
});
