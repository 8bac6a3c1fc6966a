// The profile of a keyspace as a form: over the same text as its YAML, which keeps its comments.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payload } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console, type WindowOptions } from './console.ts';
import { operationOf } from './operation.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

/** A keyspace of its own for each test. */
const profile = (slug: string): string => `# A file of ours.
slug: ${slug}
name: Pass ${slug} # on the sign
labels: { title: Passes, noun: pass }
types: [{ id: pass, label: Pass, prefix: z${slug} }]
permissions:
  scopes:
    # In front.
    - { id: doors, label: Doors, tone: teal }
    - { id: lifts, label: Lifts }
  unrestrictedAllowed: false
`;

interface Shown {
  readonly slug: string;
  readonly version: number;
  readonly name: string;
  readonly requestLogDays: number;
}
async function shown(slug: string): Promise<Shown | undefined> {
  const { keyspaces } = await server.api.query<{ keyspaces: Shown[] }>(
    '{ keyspaces { slug version name requestLogDays } }',
  );
  return keyspaces.find((each) => each.slug === slug);
}

const part = (page: Page, name: string) => page.getByRole('group', { name, exact: true }).first();
const unfold = (page: Page, name: string) => page.locator('summary').filter({ hasText: name }).first().click();
const field = (page: Page, name: string, within = 'General') =>
  part(page, within)
    .getByLabel(new RegExp(`^${name}( |$)`))
    .first();
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
const text = (page: Page) => page.getByLabel('Profile, as YAML or JSON');
const check = (page: Page) => page.getByRole('button', { name: 'Check and review' });

/** The form of a keyspace that is there, made of a text with comments. */
async function open(slug: string, options: WindowOptions = {}) {
  payload(await server.api.settle('defineKeyspace', { source: profile(slug) }));
  const opened = await server.open(`/keyspaces/${slug}?tab=source`, options);
  const { page } = opened;
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await text(page).fill(profile(slug));
  await tab(page, 'Form');
  await field(page, 'Name').waitFor();
  return opened;
}

test('a text, a number, a flag, a choice and rows are changed in the form, keep the comments, and apply', async () => {
  const { page } = await open('fa');
  await field(page, 'Name').fill('Renamed');
  await field(page, 'Request log days').fill('60');
  await part(page, 'General').getByRole('checkbox', { name: 'Whether keys can be disabled and enabled.' }).uncheck();
  await unfold(page, 'Removal');
  await field(page, 'Mode', 'Removal').selectOption('REVOKE');
  await unfold(page, 'Permissions');
  await unfold(page, 'Scopes');
  await unfold(page, '1. doors');
  await field(page, 'Label', '1. doors').fill('Gates');
  await unfold(page, '2. lifts');
  await page.getByRole('button', { name: 'Remove 2. lifts' }).click();
  await page.locator('summary').filter({ hasText: '2. lifts' }).waitFor({ state: 'detached' });
  const add = page.getByRole('button', { name: 'Add to Scopes' });
  await expect.poll(() => add.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  const id = field(page, 'Id', '2.');
  await expect.poll(() => id.evaluate((input) => input === document.activeElement)).toBe(true);
  await page.keyboard.type('roofs');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Roofs');
  await expect.poll(() => part(page, '2. roofs').count()).toBe(1);
  expect(await graveIssues(page)).toEqual([]);

  // Sent from the field that is typed in.
  await page.keyboard.press('Enter');
  const review = page.getByRole('dialog', { name: 'Change the profile of Pass fa?' });
  await review.waitFor();
  const changed = await review.locator('tbody th code').allInnerTexts();
  expect(changed.toSorted()).toEqual(
    [
      'disable',
      'name',
      'permissions.scopes.doors.label',
      'permissions.scopes.lifts',
      'permissions.scopes.roofs',
      'removal.mode',
      'requestLogDays',
    ].toSorted(),
  );
  await page.keyboard.press('Escape');
  await review.waitFor({ state: 'detached' });

  await tab(page, 'YAML');
  await expect.poll(() => text(page).inputValue()).toContain('name: Renamed # on the sign\n');
  const source = await text(page).inputValue();
  for (const kept of [
    '# A file of ours.\n',
    '    # In front.\n    - { id: doors, label: Gates, tone: teal }\n',
    'disable: false',
    'requestLogDays: 60',
  ])
    expect(source).toContain(kept);
  await tab(page, 'Form');
  await field(page, 'Name').waitFor();
  await check(page).click();
  await review.getByText('Gates', { exact: true }).waitFor();
  await review.getByRole('button', { name: 'Apply' }).click();
  await page.getByText(/^Version 2 of the profile applies/).waitFor();
  await page.getByRole('heading', { level: 1, name: 'Keyspace Renamed' }).waitFor();
  expect(await shown('fa')).toMatchObject({ version: 2, name: 'Renamed', requestLogDays: 60 });
  await expect.poll(() => field(page, 'Name').inputValue()).toBe('Renamed');
  await expect.poll(() => check(page).isDisabled()).toBe(true);
});

test('what is wrong is told at its field, and in the fold that it is in, in the dark and at 360 pixels', async () => {
  const { page } = await open('fb', { dark: true, width: 360, height: 740 });
  await field(page, 'Request log days').fill('many');
  await page.keyboard.press('Tab');
  await part(page, 'General').getByText('must be a number').waitFor();
  expect(await field(page, 'Request log days').getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => field(page, 'Request log days').inputValue()).toBe('many');
  await unfold(page, 'Flags');
  await page.getByRole('button', { name: 'Add to Flags' }).click();
  await page
    .locator('summary')
    .filter({ hasText: /^Flags 2 problems$/ })
    .waitFor();
  await part(page, '1.').getByText('must be given').first().waitFor();
  expect(await graveIssues(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await check(page).click();
  await page.getByText('3 things are wrong with it. Nothing was changed.').waitFor();
  // What can be absent is chosen to be.
  await unfold(page, 'Expiry');
  await page.getByRole('checkbox', { name: 'Expiry: null' }).check();
  await expect.poll(() => part(page, 'Expiry').getByLabel('Custom').count()).toBe(0);
  await unfold(page, 'Texts');
  await unfold(page, 'Reasons');
  await page.getByLabel('New name in Reasons').fill('Lost');
  await page.getByRole('button', { name: 'Add to Reasons' }).click();
  await part(page, 'Reasons').getByLabel('Lost', { exact: true }).fill('Left on a train.');
  // What is there already is not emptied, and what is there goes only where that is said.
  await page.getByLabel('New name in Reasons').fill('Lost');
  await page.keyboard.press('Enter');
  await page.getByText('It is there already.').first().waitFor();
  await page.getByLabel('New name in Reasons').fill('Gone');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove Gone' }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Remove Gone' }).count()).toBe(0);
  // One that cannot be made holds up none of the others.
  await page.getByLabel('New name in Reasons').fill('x'.repeat(81));
  await page.keyboard.press('Enter');
  await page.getByText('This was not changed:').waitFor();
  await tab(page, 'YAML');
  await expect.poll(() => text(page).inputValue()).toContain('Lost: Left on a train.');
  await expect.poll(() => text(page).inputValue()).toContain('expiry: null');
  expect(await graveIssues(page)).toEqual([]);
});

test('nothing typed is lost while Keyfold is away, or by leaving the form for its text', async () => {
  const { page, expect: expectProblem } = await open('fc');
  expectProblem(/ERR_FAILED/);
  await page.route('**/graphql', (route) => route.abort());
  await field(page, 'Name').fill('Kept');
  await page.keyboard.press('Tab');
  const problem = page.getByRole('alert').filter({ hasText: 'What you have typed is kept.' });
  await problem.waitFor();
  await expect.poll(() => field(page, 'Name').inputValue()).toBe('Kept');
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('link', { name: 'Health', exact: true }).click();
  const question = page.getByRole('alertdialog', { name: 'Leave this page?' });
  await question.getByRole('button', { name: 'Go on editing' }).click();
  await question.waitFor({ state: 'detached' });
  await page.unroute('**/graphql');
  // By itself, once Keyfold is back.
  await problem.waitFor({ state: 'detached' });

  // A slow answer: what is typed meanwhile is in the next one.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/graphql', async (route) => {
    await held;
    await route.continue();
  });
  await field(page, 'Time zone').fill('Europe/Berlin');
  await page.keyboard.press('Tab');
  await field(page, 'Request log days').fill('61');
  release();
  await tab(page, 'YAML');
  await expect
    .poll(() => text(page).inputValue())
    .toMatch(/name: Kept # on the sign[^]*timeZone: Europe\/Berlin\nrequestLogDays: 61/);
});

test('a text that is no YAML is told in the form, which leads back to it; editing is stopped once that is confirmed', async () => {
  const { page } = await open('fd');
  await tab(page, 'YAML');
  await text(page).fill(`${profile('fd')}name: [`);
  await tab(page, 'Form');
  const problem = page.getByRole('alert');
  await problem
    .getByText(/at line \d+/)
    .first()
    .waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await problem.getByRole('button', { name: 'Edit as YAML' }).click();
  await text(page).fill(profile('fd'));
  await tab(page, 'Form');
  await field(page, 'Name').fill('Else');
  await page.getByRole('button', { name: 'Stop editing' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Discard my text' }).click();
  await expect.poll(() => field(page, 'Name').inputValue()).toBe('Pass fd');
  await page.getByRole('button', { name: 'Stop editing' }).waitFor({ state: 'detached' });
  expect(await shown('fd')).toMatchObject({ version: 1 });
});

test('whoever may not change profiles any more is told so, and nothing is asked in vain', async () => {
  const { page } = await open('fe');
  let asked = 0;
  await page.route('**/graphql', (route) => {
    if (operationOf(route).operationName !== 'EditedProfile') return route.continue();
    asked += 1;
    return route.fulfill({ json: { data: { editedProfile: null } } });
  });
  await field(page, 'Name').fill('Not mine');
  await page.keyboard.press('Tab');
  const told = page.getByText('You may not change profiles any more.');
  await told.waitFor();
  await tab(page, 'YAML');
  await tab(page, 'Form');
  await told.waitFor();
  expect(asked).toBeLessThanOrEqual(3);
});
