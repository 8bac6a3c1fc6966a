// The page of one key: its facts, how it is used, the log of its calls, its history, its secrets while two work, and the
// key as it was.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payload } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { makeKey, type MadeKey } from './made-key.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const tab = (page: Page, name: string): Promise<void> => page.getByRole('tab', { name }).click();
const fact = (page: Page, label: string) =>
  page
    .locator('dl > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) })
    .locator('dd');
const CALLER = { ip: '203.0.113.7', request: { method: 'POST', path: '/v1/agents', userAgent: 'nightly/1.0' } };

/** Calls are counted a moment after they were answered. */
async function calledTimes(key: MadeKey, count: number): Promise<void> {
  const query = 'query ($id: ID!) { key(id: $id) { requestCount requests(first: 1) { totalCount } } }';
  interface Answer {
    key: { requestCount: number; requests: { totalCount: number } };
  }
  await expect
    .poll(async () => (await server.api.query<Answer>(query, { id: key.id })).key, { timeout: 30_000 })
    .toEqual({ requestCount: count, requests: { totalCount: count } });
}

test('everything but the secret is on the page of a key, and nobody sees one that is not theirs', async () => {
  const key = await makeKey(server.api, {
    keyspace: 'ayra',
    name: 'Mobile App',
    environment: 'live',
    scopes: ['agents:read', 'admin:full'],
    metadata: { purpose: 'Sync', team: 'Data' },
    owner: { id: 'u-7', email: 'kim@example.com' },
  });
  const { page } = await server.open(key.path);
  await page.getByRole('heading', { level: 1, name: 'Mobile App' }).waitFor();
  await expect.poll(() => fact(page, 'Key id').innerText()).toContain(key.keyId);
  await expect.poll(() => fact(page, 'Purpose').innerText()).toBe('Sync');
  await expect.poll(() => fact(page, 'team').innerText()).toBe('Data');
  await expect.poll(() => fact(page, 'Assigned owner or system').innerText()).toBe('kim@example.com');
  expect(await page.content()).not.toContain(key.secret);
  expect(await graveIssues(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);

  const stranger = { subject: 'eve', workspaces: { other: 'admin' } } as const;
  for (const path of [key.path, '/w/demo/keys/no-such']) {
    const { page: other } = await server.open(path, { person: stranger });
    await other.getByRole('heading', { name: 'There is no such page' }).waitFor();
  }
});

test('ayra A7: view details and view usage of the menu lead to the key’s page, and to the log of its calls', async () => {
  await makeKey(server.api, { keyspace: 'ayra', name: 'Dashboard', environment: 'test', scopes: ['agents:read'] });
  const { page } = await server.open('/w/demo/ayra?text=dashboard');
  const choose = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: 'Actions of Dashboard' }).click();
    await page.getByRole('menuitem', { name }).click();
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
  };
  await choose('View Usage');
  await page.getByText('No call with this key').waitFor();
  await expect.poll(() => page.getByRole('tab', { name: 'Requests' }).getAttribute('aria-selected')).toBe('true');
  expect(await graveIssues(page)).toEqual([]);
  await page.goBack();
  await choose('View Details');
  await expect.poll(() => page.getByRole('tab', { name: 'Overview' }).getAttribute('aria-selected')).toBe('true');
});

test('dronahq H6 H8: every call is in the log with its caller’s address, filtered and explained; a disabled key keeps it', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Backend', scopes: ['agent'] });
  const ask = { keyspace: 'dronahq', ...CALLER };
  expect((await server.verifier.verify(key.secret, { ...ask, scopes: ['agent'] })).code).toBe('VALID');
  const lacking = await server.verifier.verify(key.secret, { ...ask, scopes: ['voice_agent'] });
  expect(lacking.code).toBe('INSUFFICIENT_SCOPE');
  const { position } = payload(await server.api.settle('disableKey', { id: key.id }));
  expect((await server.verifier.verify(key.secret, { ...ask, atLeast: position })).code).toBe('DISABLED');
  await calledTimes(key, 3);

  const { page } = await server.open(`${key.path}?tab=requests`);
  const log = page.getByRole('region', { name: 'Request log' });
  for (const sentence of ['Let in.', 'Refused: the key lacks voice_agent.', 'Refused: the key was disabled.'])
    await log.getByText(sentence, { exact: true }).waitFor();
  await expect.poll(() => log.getByText('203.0.113.7').count()).toBe(3);
  await expect.poll(() => log.getByText('nightly/1.0').count()).toBe(3);
  await expect.poll(() => log.getByText('/v1/agents').count()).toBe(3);
  expect(await graveIssues(page)).toEqual([]);

  await page.getByLabel('Outcome').selectOption('Disabled');
  await page.getByText('1 call', { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('outcome')).toBe('DISABLED');
  await log.getByRole('button').first().click();
  const details = page.getByRole('dialog', { name: /^Request / });
  await details.getByText('Disabled by alice').waitFor();
  await details.getByText('The same').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await details.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('3 calls', { exact: true }).waitFor();

  await page.getByLabel('Path').fill('/nowhere');
  await page.keyboard.press('Enter');
  await page.getByText('No call matches these filters.').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByLabel('Request id').fill(lacking.requestId ?? '');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('1 call', { exact: true }).waitFor();
  await page.getByText('Refused: the key lacks voice_agent.').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();

  await page.getByLabel('IP address').fill('not an address');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Give a whole IP address.').waitFor();
  await expect.poll(() => page.getByLabel('IP address').inputValue()).toBe('not an address');
});

test('the live switch shows calls as they come', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Streamed', scopes: ['agents'] });
  const { page } = await server.open(`${key.path}?tab=requests`);
  await page.getByText('No call with this key').waitFor();
  await page.getByRole('switch', { name: 'Live' }).click();
  await server.verifier.verify(key.secret, CALLER);
  await page.getByRole('region', { name: 'Request log' }).getByText('Let in.').waitFor();
});

test('dagen D12: calls are counted for the key’s whole life, and drawn by what they came to, with a table behind', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Counted', scopes: ['agents'] });
  for (const scopes of [['agents'], ['agents'], ['workflows']]) await server.verifier.verify(key.secret, { scopes });
  await calledTimes(key, 3);
  const { page } = await server.open(key.path);
  await page.getByRole('img', { name: '3 calls in 24 hours' }).waitFor();
  await expect.poll(() => fact(page, 'Calls in its whole life').innerText()).toBe('3');
  await page.getByText('2 Let in', { exact: true }).waitFor();
  await page.getByText('1 Scope missing', { exact: true }).waitFor();
  await page.getByText('As a table').click();
  const table = page.getByRole('table', { name: '3 calls in 24 hours' });
  await expect.poll(() => table.getByRole('row').count()).toBe(25);
  await expect.poll(() => table.getByRole('row').last().getByRole('cell').allInnerTexts()).toEqual(['3', '2', '1']);
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('button', { name: '30 days' }).click();
  await page.getByRole('img', { name: '3 calls in 30 days' }).waitFor();
  await page.getByRole('button', { name: '7 days' }).click();
  await page.getByRole('img', { name: '3 calls in 7 days' }).waitFor();
});

test('dronahq H9: the history tells who changed what, before and after, and each event’s place in the chain', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Old name', scopes: ['agent'] });
  payload(await server.api.settle('updateKey', { id: key.id, name: 'New name' }));
  payload(await server.api.settle('changeScopes', { id: key.id, scopes: ['agent', 'voice_agent'] }));
  const { page } = await server.open(`${key.path}?tab=history`);
  const entries = page.getByRole('list', { name: 'History' }).getByRole('listitem');
  await entries.first().waitFor();
  const titles = await entries.getByRole('heading').allInnerTexts();
  expect(titles).toEqual(['Permissions changed by alice', 'Details changed by alice', 'Created by alice']);
  const row = (at: number) => entries.nth(at).getByRole('row').nth(1);
  await expect.poll(() => row(0).innerText()).toBe('Scopes\tagent\tagent, voice_agent');
  await expect.poll(() => row(1).innerText()).toBe('Name\tOld name\tNew name');
  const events = await server.api.history(key.keyId);
  for (const [at, event] of events.toReversed().entries()) {
    await entries
      .nth(at)
      .getByText(event.hash ?? '')
      .waitFor();
    await entries
      .nth(at)
      .getByText(`Version ${event.version ?? 0}`)
      .waitFor();
  }
  expect(await graveIssues(page)).toEqual([]);
});

test('earlier events that could not be read are asked for again, and those that are there stay', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Long ago', scopes: ['agent'] });
  const { page } = await server.open('/health');
  let refused = true;
  await page.route('**/graphql', async (route) => {
    const text = route.request().postData() ?? '';
    if (!text.includes('KeyHistory')) return route.continue();
    if (text.includes('"after":"')) {
      if (refused) return route.fulfill({ json: { errors: [{ message: 'Not now.' }] } });
      return route.continue();
    }
    const response = await route.fetch();
    const { data } = (await response.json()) as { data: { key: { history: { pageInfo: object } } } };
    Object.assign(data.key.history.pageInfo, { hasNextPage: true });
    return route.fulfill({ response, json: { data } });
  });
  await page.goto(`${server.url}${key.path}?tab=history`);
  const created = page.getByRole('heading', { name: 'Created by alice' });
  const earlier = page.getByRole('button', { name: 'Earlier events' });
  await earlier.click();
  await page.getByRole('alert').getByText('This could not be loaded: Not now.').waitFor();
  await expect.poll(() => created.count()).toBe(1);
  refused = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await expect.poll(() => earlier.count()).toBe(0);
  await expect.poll(() => created.count()).toBe(1);
});

test('what happens to a key elsewhere is on its page without a reload', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Watched', scopes: ['agents'] });
  const { page } = await server.open(`${key.path}?tab=history`);
  await page.getByRole('heading', { name: 'Created by alice' }).waitFor();
  const bob = await server.apiOf({ subject: 'bob', workspaces: { demo: 'admin' } });
  payload(await bob.settle('disableKey', { id: key.id }));
  await page.getByRole('heading', { name: 'Disabled by bob' }).waitFor();
  await page.getByText('Inactive', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Activate' }).click();
  await page.getByText('API key activated.').first().waitFor();
  await page.getByText('Active', { exact: true }).waitFor();
});

test('whoever may not see history sees on its page, too, what happens to a key elsewhere', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Looked at', scopes: ['agents'] });
  const { page } = await server.open(key.path, { person: { subject: 'vic', workspaces: { demo: 'viewer' } } });
  await page.getByText('Active', { exact: true }).waitFor();
  payload(await server.api.settle('disableKey', { id: key.id }));
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await page.getByText('Inactive', { exact: true }).waitFor();
});

test('the time slider shows the key as it was, under a banner, with nothing that could change it', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'First', scopes: ['agent'] });
  payload(await server.api.settle('updateKey', { id: key.id, name: 'Second' }));
  payload(await server.api.settle('disableKey', { id: key.id }));
  const { page } = await server.open(key.path);
  await page.getByRole('heading', { level: 1, name: 'Second' }).waitFor();
  await page.getByRole('button', { name: 'Time travel' }).click();
  const slider = page.getByRole('slider', { name: 'Point in time' });
  await slider.focus();
  expect(await graveIssues(page)).toEqual([]);
  await page.keyboard.press('Home');
  await page.getByRole('heading', { level: 1, name: 'First' }).waitFor();
  await page.getByText('This is the past').waitFor();
  await page.getByText('Active', { exact: true }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: /^(Enable|Disable|Delete)$/ }).count()).toBe(0);
  await expect.poll(() => page.getByRole('tab').allInnerTexts()).toEqual(['Overview', 'History']);
  expect(await graveIssues(page)).toEqual([]);
  await tab(page, 'History');
  await page.getByRole('heading', { name: 'Created by alice' }).waitFor();
  await expect.poll(() => page.getByRole('list', { name: 'History' }).getByRole('listitem').count()).toBe(1);
  const at = new URL(page.url()).searchParams.get('at');
  expect(at).not.toBeNull();
  await page.getByRole('button', { name: 'Back to now' }).click();
  await page.getByRole('heading', { level: 1, name: 'Second' }).waitFor();
  await page.getByRole('button', { name: 'See the key then: Details changed by alice' }).click();
  await page.getByText('This is the past').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Second' }).waitFor();
  await page.getByText('Active', { exact: true }).waitFor();
});

test('the time slider ends at now: from its right end the page is no more of the past', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Back again', scopes: ['agent'] });
  const { page } = await server.open(key.path);
  const at = (): string | null => new URL(page.url()).searchParams.get('at');
  await page.getByRole('button', { name: 'Time travel' }).click();
  const slider = page.getByRole('slider', { name: 'Point in time' });
  await slider.focus();
  await page.keyboard.press('Home');
  await page.getByText('This is the past').waitFor();
  await expect.poll(at).not.toBeNull();
  await page.keyboard.press('End');
  await expect.poll(at).toBeNull();
  await page.getByText('This is the past').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Disable' }).waitFor();
  expect(await slider.getAttribute('aria-valuetext')).toBe('Now');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(at).not.toBeNull();
  await page.keyboard.press('ArrowRight');
  await expect.poll(at).toBeNull();
});

test('ayra A8: during an overlap the page tells when the old secret stops, whether the new one came, and who is left behind', async () => {
  const key = await makeKey(server.api, {
    keyspace: 'ayra',
    name: 'Rotated',
    environment: 'live',
    scopes: ['agents:read'],
  });
  const rotated = payload(await server.api.settle('regenerateKey', { id: key.id, overlapSeconds: 86_400 }));
  const atLeast = rotated.position;
  await server.verifier.verify(key.secret, { ...CALLER, atLeast });
  await server.verifier.verify(key.secret, { ...CALLER, atLeast });
  await calledTimes(key, 2);
  const { page } = await server.open(`${key.path}?tab=secrets`);
  const secrets = page.getByRole('region', { name: 'Secrets' });
  await secrets.getByText(/^2 calls, last/).waitFor();
  await expect.poll(() => fact(page, 'New secret').innerText()).toBe('not used yet');
  await expect.poll(() => fact(page, 'Old secret stops').innerText()).toMatch(/^in 2[34] hours/);
  const callers = secrets.getByRole('table', { name: 'Who still uses the old secret' });
  await callers.getByText('203.0.113.7').waitFor();
  await callers.getByText('nightly/1.0').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await server.verifier.verify(rotated.secret ?? '', CALLER);
  await calledTimes(key, 3);
  await page.reload();
  await expect.poll(() => fact(page, 'New secret').innerText()).toMatch(/^first used .* ago/);

  await secrets.getByRole('button', { name: 'Retire old secret' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Retire old secret' }).click();
  await page.getByRole('alertdialog', { name: 'It was used in the last hour' }).waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await question.getByRole('button', { name: 'Retire it all the same' }).click();
  await question.getByText(/^The old secret is refused by .* since \d\d:\d\d:\d\d\.\d{3}$/).waitFor();
  expect((await server.verifier.verify(key.secret)).code).not.toBe('VALID');
  expect((await server.verifier.verify(rotated.secret ?? '')).code).toBe('VALID');
  await question.getByRole('button', { name: 'Done' }).click();
  await page.getByText('No old secret works any more.').waitFor();
});

test('ayra A5: a key expires by itself, which its page and its history tell without a reload', async () => {
  const expiresAt = new Date(Date.now() + 6000).toISOString();
  const key = await makeKey(server.api, {
    keyspace: 'ayra',
    name: 'Contractor',
    environment: 'test',
    scopes: ['agents:read'],
    expiresAt,
  });
  const { page } = await server.open(`${key.path}?tab=history`);
  const facts = page
    .getByRole('list', { name: 'History' })
    .getByRole('listitem')
    .filter({ hasText: 'noticed by Keyfold' });
  await facts.getByRole('heading', { name: 'Expired', exact: true }).waitFor();
  await facts.getByText('A fact about time').first().waitFor();
  await page.getByText('Expired', { exact: true }).first().waitFor();
  expect((await server.verifier.verify(key.secret)).code).toBe('EXPIRED');
});

test('on a narrow screen nothing is cut off, and a failure says so and is tried again', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: `Long ${'name '.repeat(20)}`, scopes: ['agents'] });
  const { page, expect: expectProblem } = await server.open(key.path, { width: 360, height: 740 });
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const name of ['Requests', 'History', 'Overview']) {
    await tab(page, name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  }
  await tab(page, 'History');
  const then = page.getByRole('button', { name: 'See the key then: Created by alice' });
  await then.waitFor(); // what is there when the line breaks
  expectProblem(/ERR_FAILED/);
  await page.route('**/graphql', (route) => route.abort());
  await then.click();
  await page.getByText('Keyfold cannot be reached.').first().waitFor();
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.getByText('This is the past').waitFor();
});
