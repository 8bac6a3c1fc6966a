// The list of keys while others work on it, and while the network is away.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { makeKey } from './made-key.ts';
import { makeKeys } from './many-keys.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const fresh = (page: Page, count: number): Locator => page.getByRole('button', { name: `${count} new`, exact: true });
/** Who may not see history. */
const MEMBER = { subject: 'bob', workspaces: { demo: 'member' } } as const;
const NOT_LIVE = 'Not live: trying to connect again…';
const BANNER = 'No connection to Keyfold.';

/** How often the page asks for what. */
function questions(page: Page): { readonly of: (name: string) => number } {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (!request.url().endsWith('/graphql')) return;
    asked.push((request.postDataJSON() as { operationName?: string }).operationName ?? '');
  });
  return { of: (name) => asked.filter((each) => each === name).length };
}

/** The page follows what happens from here on. */
async function opened(page: Page, name: string): Promise<void> {
  await rowOf(page, name).waitFor();
}

describe('live', () => {
  test('what another person does to a key is seen in its row, and its place and focus stay', async () => {
    const keys = await Promise.all(
      ['First', 'Second', 'Third'].map((name) => makeKey(server.api, { keyspace: 'dagen', name, scopes: ['agents'] })),
    );
    const { page } = await server.open('/w/demo/dagen?order=NAME-ASC');
    await opened(page, 'Second');
    const menu = page.getByRole('button', { name: 'Actions of Second' });
    await menu.focus();
    await server.api.settle('disableKey', { id: keys[1]!.id });
    await rowOf(page, 'Second').getByText('Inactive').waitFor();
    expect(await menu.evaluate((element) => element === document.activeElement)).toBe(true);
    await server.api.settle('updateKey', { id: keys[2]!.id, name: 'Third of them' });
    await rowOf(page, 'Third of them').waitFor();
    await expect.poll(() => page.getByRole('link', { name: /^(First|Second|Third)/ }).count()).toBe(3);
    await server.api.settle('deleteKey', { id: keys[0]!.id });
    await rowOf(page, 'First').waitFor({ state: 'detached' });
    await page.getByText('2 keys').waitFor();
  });

  test('keys that others make wait behind a button, and those alone that the list would have', async () => {
    const key = await makeKey(server.api, {
      keyspace: 'ayra',
      name: 'Old',
      environment: 'live',
      scopes: ['agents:read'],
    });
    const { page } = await server.open('/w/demo/ayra?environment=live');
    await opened(page, 'Old');
    const made = (name: string, environment: string) => ({
      ...{ keyspace: 'ayra', name, environment, scopes: ['agents:read'] },
    });
    await makeKeys(server.api, [
      ...['New 1', 'New 2', 'New 3'].map((name) => made(name, 'live')),
      made('Of another filter', 'test'),
      { keyspace: 'dagen', name: 'Of another keyspace', scopes: ['agents'] },
    ]);
    await fresh(page, 3).waitFor();
    await expect.poll(() => rowOf(page, 'New 1').count()).toBe(0);
    expect(await graveIssues(page)).toEqual([]);
    await fresh(page, 3).click();
    for (const name of ['New 1', 'New 2', 'New 3', 'Old']) await rowOf(page, name).waitFor();
    await page.getByRole('button', { name: /new$/ }).waitFor({ state: 'detached' });
    await expect.poll(() => rowOf(page, 'Of another filter').count()).toBe(0);
    const region = page.getByRole('region', { name: 'API Keys' });
    expect(await region.evaluate((element) => element === document.activeElement)).toBe(true);
    // Those that are shown are not counted again. Here an edit makes a new key.
    await server.api.settle('updateKey', { id: key.id, name: 'Old, edited' });
    await fresh(page, 1).click();
    await rowOf(page, 'Old, edited').waitFor();
  });

  test('an empty list is followed, too', async () => {
    const { page } = await server.open('/w/demo/voice-agent');
    await page.getByRole('button', { name: 'Filters' }).waitFor();
    await page.getByText('0 keys').waitFor();
    const owner = { id: 'u-1', email: 'owner@example.com' };
    await makeKeys(server.api, [{ keyspace: 'voice-agent', name: 'The first', type: 'private', owner }]);
    await fresh(page, 1).click();
    await rowOf(page, 'The first').waitFor();
  });

  test('many events are few questions, and keys that are not loaded are none', async () => {
    const keys = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        makeKey(server.api, { keyspace: 'default', name: `Busy ${String(at).padStart(2, '0')}` }),
      ),
    );
    const { page } = await server.open('/w/demo/default?order=NAME-ASC');
    await opened(page, 'Busy 00');
    const { page: elsewhere } = await server.open('/w/demo/dronahq');
    await elsewhere.getByText('0 keys').waitFor();
    const [asked, askedElsewhere] = [questions(page), questions(elsewhere)];
    await Promise.all(keys.map(({ id }) => server.api.settle('disableKey', { id })));
    await expect.poll(() => page.getByText('Disabled', { exact: true }).count()).toBeGreaterThan(5);
    await expect.poll(() => page.getByRole('row').getByText('Active', { exact: true }).count()).toBe(0);
    expect(asked.of('ChangedKeys')).toBeLessThan(keys.length / 2);
    expect(asked.of('KeysPage')).toBe(0);
    expect(askedElsewhere.of('ChangedKeys') + askedElsewhere.of('KeysPage')).toBe(0);
  });

  test('a person who may not see history has the list, and no stream', async () => {
    await makeKey(server.api, { keyspace: 'default', name: 'Unfollowed' });
    const { page } = await server.open('/w/demo/default?text=unfollowed', { person: MEMBER });
    const asked = questions(page);
    await opened(page, 'Unfollowed');
    await page.reload();
    await opened(page, 'Unfollowed');
    expect(asked.of('KeyEvents')).toBe(0);
    await expect.poll(() => page.getByText(NOT_LIVE).count()).toBe(0);
  });
});

describe('for a person who may not see history', () => {
  /** What is made from here on is new. */
  async function openList(page: Page, path: string): Promise<void> {
    const known = page.waitForResponse((response) => response.request().postData()?.includes('NewestKeys') === true);
    await page.goto(server.url + path);
    await known;
  }
  const look = (page: Page): Promise<unknown> => page.evaluate(() => window.dispatchEvent(new Event('focus')));
  const showPage = (page: Page, state: 'visible' | 'hidden'): Promise<unknown> =>
    page.evaluate((value) => Object.defineProperty(document, 'visibilityState', { value, configurable: true }), state);

  test('the list is renewed every 15 seconds where it stands, and not while nobody sees it', async () => {
    const make = (name: string) => makeKey(server.api, { keyspace: 'default', name });
    const [first, second] = [await make('Seen first'), await make('Seen second')];
    const { page } = await server.open('/w/demo/dagen', { person: MEMBER });
    await page.clock.install();
    await openList(page, '/w/demo/default?text=seen&order=NAME-ASC');
    await opened(page, 'Seen second');
    const asked = questions(page);
    const menu = page.getByRole('button', { name: 'Actions of Seen second' });
    await menu.focus();
    await server.api.settle('disableKey', { id: second.id });
    await server.api.settle('deleteKey', { id: first.id });
    await make('Seen also');
    await make('Of another search');
    await page.clock.fastForward(15_000);
    await rowOf(page, 'Seen second').getByText('Disabled').waitFor();
    await rowOf(page, 'Seen first').waitFor({ state: 'detached' });
    await page.getByText('1 key', { exact: true }).waitFor();
    await fresh(page, 1).waitFor();
    expect(await rowOf(page, 'Seen also').count()).toBe(0);
    expect(await menu.evaluate((element) => element === document.activeElement)).toBe(true);
    expect([asked.of('KeysPage'), asked.of('KeyEvents')]).toEqual([0, 0]);
    await fresh(page, 1).click();
    await rowOf(page, 'Seen also').waitFor();
    await fresh(page, 1).waitFor({ state: 'detached' });

    const before = asked.of('ChangedKeys');
    await showPage(page, 'hidden');
    await server.api.settle('enableKey', { id: second.id });
    for (const ms of [60_000, 2000]) await page.clock.fastForward(ms);
    expect(asked.of('ChangedKeys')).toBe(before);
    await showPage(page, 'visible');
    await look(page);
    await rowOf(page, 'Seen second').getByText('Active').waitFor();
    await expect.poll(() => fresh(page, 1).count()).toBe(0);
  });

  test('an empty list is renewed, too, and one that cannot be says so and keeps its rows', async () => {
    const { page, expect: expected } = await server.open('/w/demo/dagen', { person: MEMBER });
    await openList(page, '/w/demo/default?text=afterwards');
    await page.getByText('No key matches these filters.').waitFor();
    const key = await makeKey(server.api, { keyspace: 'default', name: 'Made afterwards' });
    await look(page);
    await fresh(page, 1).click();
    await opened(page, 'Made afterwards');
    expected(/ERR_FAILED/);
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('ChangedKeys') === true ? route.abort() : route.continue(),
    );
    await server.api.settle('disableKey', { id: key.id });
    await look(page);
    await page.getByText(NOT_LIVE).waitFor();
    await rowOf(page, 'Made afterwards').getByText('Active').waitFor();
    await page.unroute('**/graphql');
    await rowOf(page, 'Made afterwards').getByText('Disabled').waitFor();
    await page.getByText(NOT_LIVE).waitFor({ state: 'detached' });
  });
});

describe('while the network is away', () => {
  test('the list says that it is not live, and goes on behind the last event', async () => {
    const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Far away', scopes: ['agent'] });
    const { page, expect: expected } = await server.open('/w/demo/dronahq');
    expected(/ERR_/);
    await opened(page, 'Far away');
    await page.context().setOffline(true);
    await page.getByText(NOT_LIVE).waitFor();
    await page.getByText(BANNER).waitFor();
    await server.api.settle('disableKey', { id: key.id });
    await makeKeys(server.api, [{ keyspace: 'dronahq', name: 'Meanwhile', scopes: ['agent'] }]);
    await page.context().setOffline(false);
    const toggle = page.getByRole('switch', { name: 'Enabled: Far away' });
    await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('false');
    await fresh(page, 1).waitFor();
    await page.getByText(NOT_LIVE).waitFor({ state: 'detached' });
    await page.getByText(BANNER).waitFor({ state: 'detached' });
  });

  test('a banner says so and goes by itself; what was typed is kept, and what failed is asked again', async () => {
    await makeKeys(server.api, [{ keyspace: 'default', name: 'Needle in it' }]);
    const { page, expect: expected } = await server.open('/w/demo/default');
    expected(/ERR_/);
    await opened(page, 'Needle in it');
    await page.context().setOffline(true);
    await page.getByRole('searchbox').fill('needle');
    await page.getByText(BANNER).waitFor();
    expect(await graveIssues(page)).toEqual([]);
    await page.getByRole('button', { name: 'Connect now' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Connect now' }).isEnabled()).toBe(true);
    await page.getByText(BANNER).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('needle');
    await page.context().setOffline(false);
    await page.getByText(BANNER).waitFor({ state: 'detached' });
    await page.getByText('1 key', { exact: true }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('needle');
  });

  test('a form that is open keeps every input, and is sent once the server is back', async () => {
    const { page, expect: expected } = await server.open('/w/demo/default');
    expected(/ERR_/);
    await page.getByRole('button', { name: 'Create' }).first().click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').first().fill('Kept by the page');
    await page.context().setOffline(true);
    await form.getByRole('button', { name: /^Create/ }).click();
    await form.getByText('Keyfold cannot be reached.').first().waitFor();
    expect(await form.getByLabel('Name').first().inputValue()).toBe('Kept by the page');
    await page.context().setOffline(false);
    await form
      .getByRole('button', { name: /Check again|Create/ })
      .first()
      .click();
    await page.getByRole('alertdialog').getByText('Copy').first().waitFor();
  });
});
