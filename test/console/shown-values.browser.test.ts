// What a page makes of values that others have chosen: days, names, roles; and what of it can be met on a narrow screen.
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payload } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console, type Person } from './console.ts';
import { makeKey } from './made-key.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

test('dronahq H7: the day that a key expires on is the one that was chosen, wherever its reader is', async () => {
  const expiresAt = '2030-12-01T23:59:59.999Z'; // the end of the day in the keyspace's zone
  await makeKey(server.api, { keyspace: 'dronahq', name: 'To December', scopes: ['agent'], expiresAt });
  for (const timeZone of ['Europe/Berlin', 'Pacific/Kiritimati', 'America/Los_Angeles']) {
    const { page } = await server.open('/w/demo/dronahq?text=december', { timeZone });
    const row = page.getByRole('row', { name: /To December/ });
    const day = row.locator(`time[datetime="${expiresAt}"]`);
    await expect.poll(() => day.innerText()).toBe('1 Dec 2030');
    await row.getByRole('link', { name: 'To December' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const fact = page.locator(`dd time[datetime="${expiresAt}"]`);
    await expect.poll(() => fact.innerText()).toBe('1 Dec 2030');
    // The moment itself is told in the reader's zone.
    const exact = new Date(expiresAt).toLocaleString('en-GB', { timeZone, day: 'numeric', month: 'long' });
    await expect.poll(() => fact.locator('xpath=..').getAttribute('aria-description')).toContain(exact);
  }
});

test('a person sees what they are: their role in each workspace, and that they are an operator', async () => {
  const person: Person = { subject: 'rita', workspaces: { demo: 'auditor', lab: 'member' }, operator: true };
  const { page } = await server.open('/w/demo/dronahq', { person });
  const roles = page.getByRole('list', { name: 'Your roles' }).getByRole('listitem');
  await expect
    .poll(() => roles.allInnerTexts())
    .toEqual(['Operator of the installation', 'Auditor of demo', 'Member of lab']);
});

test('the list is shown as of a time that is chosen on the page, and as it is again', async () => {
  const person: Person = { subject: 'tim', workspaces: { past: 'admin' } };
  const api = await server.apiOf(person);
  await makeKey(api, { workspaceId: 'past', keyspace: 'dronahq', name: 'Made just now', scopes: ['agent'] });
  const { page } = await server.open('/w/past/dronahq', { person });
  const link = page.getByRole('link', { name: 'Made just now' });
  await link.waitFor();
  await page.getByRole('button', { name: 'Show as of…' }).click();
  await page.getByLabel('Day and time').fill('2020-01-31T12:00:00');
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText(/^As of .*31 January 2020/).waitFor();
  await link.waitFor({ state: 'detached' });
  // Its window's zone.
  expect(new URL(page.url()).searchParams.get('at')).toBe('2020-01-31T11:00:00.000Z');
  await page.getByRole('button', { name: 'Back to now' }).click();
  await link.waitFor();
  const member = { subject: 'mia', workspaces: { past: 'member' } } as const;
  const { page: other } = await server.open('/w/past/dronahq', { person: member });
  await other.getByRole('link', { name: 'Made just now' }).waitFor();
  expect(await other.getByRole('button', { name: 'Show as of…' }).count()).toBe(0);
});

test('a name does not turn around what is read: neither itself nor what stands beside it', async () => {
  const name = '\u202Egnp.exe';
  const key = await makeKey(server.api, { keyspace: 'ayra', name, environment: 'live', scopes: ['agents:read'] });
  const { page } = await server.open('/w/demo/ayra');
  await page.getByRole('link', { name: '\uFFFDgnp.exe', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Actions of \uFFFDgnp.exe' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await page.getByRole('alertdialog').getByText('\uFFFDgnp.exe').waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${server.url}${key.path}?tab=history`);
  await page.getByRole('heading', { level: 1, name: '\uFFFDgnp.exe' }).waitFor();
  await page.getByRole('cell', { name: '\uFFFDgnp.exe' }).first().waitFor();
  expect(await page.locator('body').innerText()).not.toContain('\u202E');
});

const heightOf = async (of: Locator): Promise<number> => (await of.boundingBox())?.height ?? 0;

test('at 360 pixels no short word is broken, and what is pressed is high enough', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Narrow', scopes: ['agent'] });
  payload(await server.api.settle('updateKey', { id: key.id, description: 'What a nightly job of many words needs' }));
  const { page } = await server.open('/w/demo/dronahq', { width: 360, height: 740 });
  await page.getByRole('link', { name: 'Narrow' }).waitFor();
  expect(await heightOf(page.getByRole('link', { name: 'Narrow' }))).toBeGreaterThanOrEqual(24);
  for (const summary of await page.locator('summary').all()) expect(await heightOf(summary)).toBeGreaterThanOrEqual(24);
  await page.goto(`${server.url}${key.path}`);
  expect(await heightOf(page.getByRole('link', { name: /^Back to/ }))).toBeGreaterThanOrEqual(24);
  for (const summary of await page.locator('summary').all()) expect(await heightOf(summary)).toBeGreaterThanOrEqual(24);
  await page.getByRole('tab', { name: 'History' }).click();
  const nothing = page.getByRole('cell', { name: 'nothing', exact: true }).first();
  await nothing.waitFor();
  const lines = await nothing.evaluate((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  });
  expect(lines).toBe(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
