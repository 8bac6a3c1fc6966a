// The page of a keyspace's keys: what the profile says of columns, words and colours, and what can be done in the list.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { makeKeys } from './many-keys.ts';

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

let server: Console;
beforeAll(async () => {
  server = await startConsole();
  const owner = { id: 'u-1', email: 'owner@example.com' };
  const at = (keyspace: string) => (input: Readonly<Record<string, unknown>>) => ({ keyspace, ...input });
  await makeKeys(server.api, [
    ...[
      { name: 'Both', scopes: ['agents', 'workflows'] },
      { name: 'Agents only', scopes: ['agents'] },
    ].map(at('dagen')),
    { keyspace: 'dagen', name: 'Ends soon', scopes: ['workflows'], expiresAt: inDays(10), tags: ['ci'] },
    { keyspace: 'dronahq', name: 'Everything', scopes: ['agent', 'voice_agent'] },
    {
      keyspace: 'dronahq',
      name: 'Two agents',
      scopes: ['data_agent'],
      resources: { ids: ['a-1', 'a-2'] },
      expiresAt: inDays(30),
    },
    {
      keyspace: 'ayra',
      name: 'Mobile App',
      environment: 'live',
      scopes: ['agents:read', 'contacts:read', 'admin:full'],
    },
    { keyspace: 'project-admin', name: 'CRM_Query', scopes: ['calls:read'] },
    { keyspace: 'project-admin', name: 'All of it', unrestricted: true },
    { keyspace: 'voice-agent', name: 'Web page', type: 'public', origins: ['https://app.example.com'], owner },
  ]);
});
afterAll(() => server.stop());

const headings = (page: Page): Promise<string[]> => page.getByRole('columnheader').allInnerTexts();
const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const cells = async (page: Page, name: string): Promise<string[]> =>
  (await rowOf(page, name).getByRole('cell').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
const snackbar = (page: Page, text: string): Promise<void> => page.getByText(text, { exact: true }).first().waitFor();
async function openMenu(page: Page, name: string): Promise<string[]> {
  await page.getByRole('button', { name: `Actions of ${name}` }).click();
  await page.getByRole('menu').waitFor();
  return page.getByRole('menuitem').allInnerTexts();
}

test('dagen D5: its columns, chips in their colours, the rate as 60/min, Never where a key was not used', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await rowOf(page, 'Both').waitFor();
  const columns = ['Name', 'Key', 'Scopes', 'Status', 'Rate limit', 'Requests', 'Last used', 'Created', 'Actions'];
  await expect.poll(() => headings(page)).toEqual(columns);
  const [, preview, scopes, status, rate, requests, used] = await cells(page, 'Both');
  expect(preview).toMatch(/^dg_\w{4}…$/);
  expect([scopes, status, rate, requests, used]).toEqual(['Agents Workflows', 'Active', '60/min', '0', 'Never']);
  const tones = rowOf(page, 'Both').locator('[data-tone]');
  expect(await tones.evaluateAll((chips) => chips.map((chip) => chip.getAttribute('data-tone')))).toEqual([
    'blue',
    'purple',
  ]);
  expect(await graveIssues(page)).toEqual([]);
});

test('dagen D5: the menu deactivates after a question, and activates at once', async () => {
  const { page } = await server.open('/w/demo/dagen');
  expect(await openMenu(page, 'Agents only')).toEqual(['Deactivate', 'Regenerate', 'Delete']);
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('menuitem', { name: 'Deactivate' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByText('answered 403').waitFor();
  await question.getByText('Agents only').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  await openMenu(page, 'Agents only');
  await page.getByRole('menuitem', { name: 'Deactivate' }).click();
  await question.getByRole('button', { name: 'Deactivate' }).click();
  await snackbar(page, 'API key deactivated.');
  await question.getByRole('button', { name: 'Done' }).click();
  await rowOf(page, 'Agents only').getByText('Inactive').waitFor();
  expect(await openMenu(page, 'Agents only')).toEqual(['Activate', 'Regenerate', 'Delete']);
  await page.getByRole('menuitem', { name: 'Activate' }).click();
  await snackbar(page, 'API key activated.');
  await rowOf(page, 'Agents only').getByText('Active', { exact: true }).waitFor();
});

test('dronahq H7: its columns; All Agents or how many, a date or Never, a switch', async () => {
  const { page } = await server.open('/w/demo/dronahq');
  await rowOf(page, 'Everything').waitFor();
  const own = ['Name', 'Key Preview', 'Scopes', 'Agent Access', 'Expires', 'Last Used', 'Enabled'];
  await expect.poll(() => headings(page)).toEqual([...own, 'Actions']);
  const [, preview, scopes, access, expires, used] = await cells(page, 'Everything');
  expect(preview).toMatch(/^••••••••\w{4}$/);
  expect([scopes, access, expires, used]).toEqual(['Agent Voice Agent', 'All Agents', 'Never', 'Never']);
  const few = await cells(page, 'Two agents');
  expect(few[3]).toBe('2');
  expect(few[4]).toContain(String(new Date(inDays(30)).getFullYear()));
  expect(await graveIssues(page)).toEqual([]);
});

test('dronahq H8: the switch disables and enables, and goes back where that is refused', async () => {
  const { page } = await server.open('/w/demo/dronahq');
  const toggle = page.getByRole('switch', { name: 'Enabled: Everything' });
  await toggle.click();
  await snackbar(page, 'API key disabled.');
  await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('false');
  await toggle.click();
  await snackbar(page, 'API key enabled.');
  await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('true');

  const { page: refused, expect: expectProblem } = await server.open('/w/demo/dronahq');
  expectProblem(/ERR_FAILED/);
  const other = refused.getByRole('switch', { name: 'Enabled: Everything' });
  await other.waitFor();
  await refused.route('**/graphql', (route) => route.abort());
  await other.click();
  await refused.getByText('Keyfold cannot be reached.').first().waitFor();
  await expect.poll(() => other.getAttribute('aria-checked')).toBe('true');
  await refused.unroute('**/graphql');
  await refused.getByRole('button', { name: 'Try again' }).click();
  await snackbar(refused, 'API key disabled.');
  await expect.poll(() => other.getAttribute('aria-checked')).toBe('false');
});

test('dronahq H10: deleting asks first and takes the key away; there is nothing to rotate it with', async () => {
  await makeKeys(server.api, [{ keyspace: 'dronahq', name: 'Short-lived', scopes: ['agent'] }]);
  const { page } = await server.open('/w/demo/dronahq');
  expect(await openMenu(page, 'Short-lived')).not.toContain('Regenerate');
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByText('cannot be recovered').waitFor();
  await question.getByRole('button', { name: 'Delete' }).click();
  await snackbar(page, 'API key deleted.');
  await question.getByRole('button', { name: 'Done' }).click();
  await rowOf(page, 'Short-lived').waitFor({ state: 'detached' });
  const focused = page.locator(':focus');
  await expect.poll(() => focused.getAttribute('aria-label')).toMatch(/^Actions of /);
});

test('ayra A6: its columns, with how long ago a key was used in words', async () => {
  const { page } = await server.open('/w/demo/ayra');
  await rowOf(page, 'Mobile App').waitFor();
  const own = ['Name', 'Key', 'Environment', 'Scopes', 'Created', 'Expires', 'Last Used', 'Status'];
  await expect.poll(() => headings(page)).toEqual([...own, 'Actions']);
  const [, preview, environment, scopes, , expires, used, status] = await cells(page, 'Mobile App');
  expect(preview).toMatch(/^sk_live_\w{6}\.\.\.\w{4}$/);
  expect([environment, scopes, expires, used, status]).toEqual([
    'Live',
    'agents:read contacts:read +1',
    'No expiration',
    'Never',
    'Active',
  ]);
  expect(await graveIssues(page)).toEqual([]);
});

test('ayra A7: every action of a key is in its menu once, under the product’s own name', async () => {
  const { page } = await server.open('/w/demo/ayra');
  const actions = await openMenu(page, 'Mobile App');
  for (const action of ['View Details', 'Regenerate', 'Edit', 'Revoke', 'View Usage'])
    expect(actions.filter((each) => each === action)).toEqual([action]);
});

test('project-admin P1 P2: its columns are for administrators, for others there is no such page', async () => {
  const { page } = await server.open('/w/demo/project-admin');
  await rowOf(page, 'CRM_Query').waitFor();
  await expect.poll(() => headings(page)).toEqual(['Name', 'Key ID', 'Key', 'Creation date', 'Permissions', 'Actions']);
  const [, keyId, key, , permissions] = await cells(page, 'CRM_Query');
  expect(keyId).toMatch(/^key_/);
  expect(key).toContain('••••••••');
  expect(permissions).toBe('Restricted');
  expect((await cells(page, 'All of it'))[4]).toBe('Unrestricted');
  expect(await graveIssues(page)).toEqual([]);

  const member = { subject: 'bob', workspaces: { demo: 'member' } } as const;
  const { page: other } = await server.open('/w/demo/project-admin', { person: member });
  await other.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await expect.poll(() => other.getByRole('link', { name: 'Project Admin', exact: true }).count()).toBe(0);
});

test('voice-agent V1 V2: type and allowed origins are columns', async () => {
  const { page } = await server.open('/w/demo/voice-agent');
  await rowOf(page, 'Web page').waitFor();
  const shown = await cells(page, 'Web page');
  expect(shown).toContain('Public');
  expect(shown).toContain('https://app.example.com');
  expect(await graveIssues(page)).toEqual([]);
});

describe('searching and filtering', () => {
  test('what is typed narrows the list, is in the address, and survives a reload', async () => {
    const { page } = await server.open('/w/demo/dagen');
    await rowOf(page, 'Both').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('ends s');
    await rowOf(page, 'Both').waitFor({ state: 'detached' });
    await rowOf(page, 'Ends soon').waitFor();
    expect(new URL(page.url()).searchParams.get('text')).toBe('ends s');
    await page.reload();
    await rowOf(page, 'Ends soon').waitFor();
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('ends s');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
  });

  test('filters are of the keyspace, and what fits none of them says so', async () => {
    const { page } = await server.open('/w/demo/dagen');
    await page.getByRole('button', { name: 'Filters' }).click();
    await expect.poll(() => page.getByLabel('Environment').count()).toBe(0);
    await page.getByLabel('Scope').selectOption('Workflows');
    await rowOf(page, 'Agents only').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Expires in 30 days' }).click();
    await rowOf(page, 'Both').waitFor({ state: 'detached' });
    await rowOf(page, 'Ends soon').waitFor();
    await page.getByLabel('Status').selectOption('Inactive');
    await page.getByText('No key matches these filters.').waitFor();
    expect(await graveIssues(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await rowOf(page, 'Both').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.goBack();
    await page.getByText('No key matches these filters.').waitFor();
  });

  test('a heading orders the list by its column', async () => {
    const { page } = await server.open('/w/demo/dagen');
    await rowOf(page, 'Both').waitFor();
    const names = (): Promise<string[]> => page.getByRole('row').locator('td:first-child a').allInnerTexts();
    await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
    await page.waitForURL('**order=NAME-ASC');
    await expect.poll(names).toEqual(['Agents only', 'Both', 'Ends soon']);
    const heading = page.getByRole('columnheader', { name: 'Name' });
    await expect.poll(() => heading.getAttribute('aria-sort')).toBe('ascending');
    await heading.getByRole('button').click();
    await expect.poll(names).toEqual(['Ends soon', 'Both', 'Agents only']);
  });
});

test('what the list was can be looked at, and nothing of it changed', async () => {
  const before = new Date().toISOString();
  await makeKeys(server.api, [{ keyspace: 'default', name: 'Later' }]);
  const { page } = await server.open(`/w/demo/default?at=${encodeURIComponent(before)}`);
  await page.getByText('What you see is the past').waitFor();
  await expect.poll(() => rowOf(page, 'Later').count()).toBe(0);
  await expect.poll(() => page.getByRole('button', { name: /^Actions of/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Back to now' }).click();
  await rowOf(page, 'Later').waitFor();
});

test('text of people is text: no name runs as a script', async () => {
  const name = '<img src=x onerror="alert(1)"><script>alert(2)</script>{{constructor}}';
  await makeKeys(server.api, [{ keyspace: 'default', name, tags: ['<b>x</b>'], metadata: { x: '<i>' } }]);
  const { page } = await server.open('/w/demo/default');
  await rowOf(page, name).waitFor();
  await page.goto(`${server.url}/w/demo/default?text=${encodeURIComponent('"><svg onload=alert(1)>')}`);
  await page.getByRole('searchbox').waitFor();
  await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('"><svg onload=alert(1)>');
});

test('keys of the keyboard do something, but not while somebody types', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await rowOf(page, 'Both').waitFor();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await help.waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  await page.keyboard.type('?/');
  await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('?/');
  await expect.poll(() => help.count()).toBe(0);
});

const SIXTH = `
slug: robots
name: Robots
labels:
  title: Robot passes
  noun: robot pass
  statuses: { ACTIVE: On duty, DISABLED: Resting }
  noExpiry: For ever
  neverUsed: Not yet
  unrestricted: Full pass
  empty: No robot has a pass yet.
texts: { subtitle: What robots show at the door. }
types: [{ id: pass, label: Pass, prefix: rb }]
permissions:
  scopes:
    - { id: doors, label: Doors, tone: teal }
    - { id: lifts, label: Lifts, tone: orange }
columns:
  - { id: name, label: Robot, format: text }
  - { id: keyId, label: Pass id, format: mono }
  - { id: scopes, label: May open, format: chips }
  - { id: status, label: Duty, format: status }
  - { id: enabled, label: On, format: toggle }
  - { id: rateLimit, label: Pace, format: limit }
  - { id: requestCount, label: Doors opened, format: count }
  - { id: metadata.floor, label: Floor, format: text }
  - { id: lastSeenAt, label: Seen, format: relative }
  - { id: expiresAt, label: Until, format: date }
  - { id: permissions, label: Kind, format: text }
  - { id: tags, label: Tags, format: chips }
  - { id: createdBy, label: By, format: text }
rateLimit: { min: 1, max: 10, default: 5, windowSeconds: 1 }
metadataFields: [{ id: floor, label: Floor }]
`;

test('a sixth product, which only its profile knows, has its page like any other', async () => {
  await server.api.mutate('defineKeyspace', { source: SIXTH });
  const { page } = await server.open('/w/demo/robots');
  await page.getByText('No robot has a pass yet.').waitFor();
  await expect.poll(() => page.getByRole('heading', { level: 1 }).innerText()).toBe('Robot passes');
  await expect
    .poll(() => page.getByRole('link', { name: 'Robots', exact: true }).getAttribute('aria-current'))
    .toBe('page');
  expect(await graveIssues(page)).toEqual([]);
  await makeKeys(server.api, [
    { keyspace: 'robots', name: 'R2', scopes: ['doors', 'lifts'], tags: ['blue'], metadata: { floor: '3rd' } },
  ]);
  await page.reload();
  await rowOf(page, 'R2').waitFor();
  const shown = await cells(page, 'R2');
  expect(shown.slice(2, 4)).toEqual(['Doors Lifts', 'On duty']);
  expect(shown.slice(5, 13)).toEqual(['5/s', '0', '3rd', 'Not yet', 'For ever', 'Restricted', 'blue', 'alice']);
  await page.getByRole('switch', { name: 'On: R2' }).click();
  await rowOf(page, 'R2').getByText('Resting').waitFor();
  expect(await graveIssues(page)).toEqual([]);
});
