// The page of the installation's health: projections, verifiers and parked records, renewed while somebody looks.
import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HealthView } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const region = (page: Page, name: string) => page.getByRole('region', { name }).locator('table');
const bodyOf = (route: Route): string => route.request().postData() ?? '';

/** Health as the server tells it, changed on its way. */
async function changeHealth(page: Page, change: (health: HealthView) => object): Promise<void> {
  await page.route('**/graphql', async (route) => {
    if (!bodyOf(route).includes('query Health')) return route.fallback();
    const response = await route.fetch();
    const { data } = (await response.json()) as { data: { health: HealthView } };
    return route.fulfill({ response, json: { data: { health: change(data.health) } } });
  });
}

test('operators see how far every projection and verifier is; for all others there is no such page', async () => {
  await server.api.settle('createKey', { workspaceId: 'demo', keyspace: 'dagen', name: 'Seen', scopes: ['agents'] });
  const { page } = await server.open('/health');
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();
  const [verifier] = (await server.api.health()).verifiers;
  if (!verifier) throw new Error('there is no verifier');
  const projections = region(page, 'Projections');
  await expect.poll(() => projections.getByRole('row').nth(1).locator('th').innerText()).toBe('keys');
  await projections.getByText('Up to date').waitFor();
  const row = region(page, 'Verifiers').getByRole('row').filter({ hasText: verifier.id });
  await row.getByText('Answers').waitFor();
  await row.getByText(/\(\d+ s ago\)/).waitFor();
  await page.getByText('No record is parked.').waitFor();
  await page.getByText('Renewed every 3 seconds').waitFor();
  expect(await graveIssues(page)).toEqual([]);

  const { page: other } = await server.open('/health', { person: { subject: 'bob', workspaces: { demo: 'admin' } } });
  await other.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await expect.poll(() => other.getByRole('link', { name: 'Health' }).count()).toBe(0);
});

test('a rebuild is started once it is confirmed, shows its progress, and is told of when it is live', async () => {
  const { page } = await server.open('/health', { width: 360, height: 740 });
  const open = page.getByRole('button', { name: 'Rebuild…' });
  await open.click();
  const dialog = page.getByRole('alertdialog', { name: 'Rebuild the read models?' });
  await dialog.waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => open.evaluate((button) => button === document.activeElement)).toBe(true);
  const [before] = (await server.api.health()).projections;
  await open.click();
  await dialog.getByRole('button', { name: 'Rebuild' }).click();
  await page.getByText(/The rebuild is done: generation \w+ is live\./).waitFor();
  const [after] = (await server.api.health()).projections;
  expect(after?.generation).not.toBe(before?.generation);
  await region(page, 'Projections')
    .getByText(after?.generation ?? '', { exact: true })
    .waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  await changeHealth(page, ({ projections, verifiers }) => ({
    projections: projections.map((each) => ({ ...each, lag: 1200, rebuild: { progress: 0.428 } })),
    verifiers,
  }));
  const progress = page.getByRole('progressbar', { name: 'Rebuild of keys' });
  await progress.waitFor();
  await page.getByText('42 %').waitFor();
  await page.getByText('1,200 records').waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Rebuilding…' }).isDisabled()).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
});

test('a rebuild that is given up is told of as what it is', async () => {
  const { page } = await server.open('/health');
  await page.getByRole('button', { name: 'Rebuild…' }).waitFor();
  await changeHealth(page, ({ projections, verifiers }) => ({
    projections: projections.map((each) => ({ ...each, generation: 'g1', rebuild: null })),
    verifiers,
  }));
  await page.getByRole('button', { name: 'Rebuild…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Rebuild' }).click();
  await page.getByText(/was given up; what is live is untouched/).waitFor();
});

test('while nothing can be renewed, a dot and words say so, and what was seen last stays', async () => {
  const { page, expect: expectProblem } = await server.open('/health');
  await page.getByText('Renewed every 3 seconds').waitFor();
  expectProblem(/ERR_FAILED|ERR_INTERNET_DISCONNECTED/);
  await page.route('**/graphql', (route) => route.abort());
  await page.getByText(/^Not up to date: the last answer came/).waitFor();
  await region(page, 'Projections').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.unroute('**/graphql');
  await page.getByText('Renewed every 3 seconds').waitFor();
});

test('a verifier whose lease is over, and an installation without one, are seen as such', async () => {
  const { page } = await server.open('/health');
  await region(page, 'Verifiers').waitFor();
  await changeHealth(page, ({ projections, verifiers }) => ({
    projections,
    verifiers: verifiers.map((each) => ({ ...each, leaseUntil: '2020-01-01T00:00:00.000Z' })),
  }));
  await page.getByText('Lease over: it may not answer').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.unrouteAll();
  await changeHealth(page, ({ projections }) => ({ projections, verifiers: [] }));
  await page.getByText('No verifier holds a lease.').waitFor();
});

test('parked records say why; each is retried, or discarded for a reason that a refusal does not lose', async () => {
  const { page } = await server.open('/health');
  await page.getByText('No record is parked.').waitFor();
  const parked = [
    { aggregateId: 'key_1', position: 'p1_0-7', reason: 'no such event', time: new Date().toISOString() },
    { aggregateId: null, position: 'p1_1-3', reason: 'not JSON', time: new Date().toISOString() },
  ].map((record) => ({ __typename: 'ParkedRecord', ...record }));
  await changeHealth(page, ({ projections, verifiers }) => ({
    projections: projections.map((each) => ({ ...each, parked })),
    verifiers,
  }));
  const sent: unknown[] = [];
  await page.route('**/graphql', async (route) => {
    const body = bodyOf(route);
    if (!body.includes('mutation')) return route.fallback();
    sent.push((JSON.parse(body) as { variables: { input: unknown } }).variables.input);
    if (!body.includes('mutation RetryParked')) return route.fallback();
    const answer = { __typename: 'RetryParkedPayload', parked: parked.slice(0, 1) };
    return route.fulfill({ json: { data: { retryParked: answer } } });
  });
  const rows = region(page, 'Parked records');
  await rows.getByText('not JSON').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('button', { name: 'Retry all' }).click();
  await page.getByText('1 record still cannot be folded.').waitFor();
  await page.getByRole('button', { name: 'Retry p1_1-3' }).click();
  await expect.poll(() => sent.length).toBe(2);
  expect(sent[0]).not.toHaveProperty('position');
  expect(sent[1]).toMatchObject({ position: 'p1_1-3' });

  await page.getByRole('button', { name: 'Discard p1_0-7' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Discard the record at p1_0-7?' });
  const confirm = dialog.getByRole('button', { name: 'Discard' });
  await expect.poll(() => confirm.isDisabled()).toBe(true);
  await dialog.getByLabel('Why, for the history').fill('Written by mistake');
  expect(await graveIssues(page)).toEqual([]);
  // The server knows of no such record.
  await confirm.click();
  await dialog.getByRole('alert').waitFor();
  expect(sent.at(-1)).toMatchObject({ position: 'p1_0-7', reason: 'Written by mistake' });
  await expect.poll(() => dialog.getByLabel('Why, for the history').inputValue()).toBe('Written by mistake');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
});
