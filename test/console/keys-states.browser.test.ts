// The states of the list: nothing yet, loading, done and failed; and as many keys as there are.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
const spinner = (page: Page): Locator => page.getByRole('main').getByRole('img', { name: 'Loading…' });

/** Answers of an operation wait until they are let go. */
async function hold(page: Page, operation: string): Promise<() => void> {
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/graphql', async (route) => {
    const { operationName } = route.request().postDataJSON() as { operationName?: string };
    if (operationName === operation) await held;
    await route.continue();
  });
  return go;
}

test('dagen D6: a spinner in the middle while keys load; where there are none, a call to create the first', async () => {
  const { page } = await server.open('/health');
  await page.getByRole('heading', { level: 1 }).waitFor();
  const go = await hold(page, 'KeysPage');
  await page.getByRole('link', { name: 'Dagen', exact: true }).click();
  await page.getByRole('searchbox').waitFor();
  await spinner(page).waitFor();
  const shown = await spinner(page).boundingBox();
  const around = await page.getByRole('main').boundingBox();
  if (!shown || !around) throw new Error('the spinner is not seen');
  const middle = (box: typeof shown): number => box.x + box.width / 2;
  expect(Math.abs(middle(shown) - middle(around))).toBeLessThan(2);
  await expect.poll(() => page.getByText('No API keys yet.').count()).toBe(0);
  expect(await graveIssues(page)).toEqual([]);
  go();
  await page.getByText('No API keys yet. Create your first key').waitFor();
  await spinner(page).waitFor({ state: 'detached' });
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('main').getByRole('button', { name: 'Create API Key' }).last().click();
  await page.getByRole('dialog', { name: 'Create API Key' }).waitFor();
});

test('dagen D6: while a changed question loads, the rows of the one before stay, and nothing jumps', async () => {
  await makeKeys(
    server.api,
    ['Alpha', 'Beta'].map((name) => ({ keyspace: 'dagen', name, scopes: ['agents'] })),
  );
  const { page } = await server.open('/w/demo/dagen');
  await rowOf(page, 'Alpha').waitFor();
  const go = await hold(page, 'KeysPage');
  await page.getByRole('searchbox').fill('beta');
  await expect.poll(() => page.getByRole('table').getAttribute('aria-busy')).toBe('true');
  await expect.poll(() => rowOf(page, 'Alpha').count()).toBe(1);
  go();
  await rowOf(page, 'Alpha').waitFor({ state: 'detached' });
  await rowOf(page, 'Beta').waitFor();
});

test('dagen D6: every success has a snackbar that goes by itself, every failure one that stays until it is dismissed', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Switched', scopes: ['agents'] });
  await server.api.settle('disableKey', { id: key.id });
  const { page, expect: expected } = await server.open('/w/demo/dagen');
  expected(/ERR_FAILED/);
  const activate = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Actions of Switched' }).click();
    await page.getByRole('menuitem', { name: 'Activate' }).click();
  };
  await rowOf(page, 'Switched').waitFor();
  await page.route('**/graphql', async (route) => {
    const { operationName } = route.request().postDataJSON() as { operationName?: string };
    await (operationName === 'EnableKey' ? route.abort() : route.continue());
  });
  await activate();
  const notices = page.getByRole('region', { name: 'Notifications' });
  const failure = notices.getByText('Keyfold cannot be reached.');
  await failure.waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.unroute('**/graphql');
  await activate();
  const success = notices.getByText('API key activated.');
  await success.waitFor();
  await success.waitFor({ state: 'detached' });
  await failure.waitFor();
  await failure.hover();
  await notices.getByRole('button', { name: 'Dismiss' }).click();
  await failure.waitFor({ state: 'detached' });
});

test('project-admin P7: there is no fixed limit on the number of keys: all are in the list, and one more can be made', async () => {
  const COUNT = 520;
  await makeKeys(
    server.api,
    Array.from({ length: COUNT }, (_, at) => ({
      ...{ keyspace: 'project-admin', name: `Integration ${String(at).padStart(4, '0')}`, scopes: ['calls:read'] },
    })),
  );
  const { page } = await server.open('/w/demo/project-admin?order=NAME-ASC');
  await page.getByText(`100 of ${COUNT}`).waitFor();
  await expect.poll(() => page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(COUNT + 1));
  const region = page.getByRole('region', { name: 'API Keys' });
  const last = rowOf(page, `Integration ${String(COUNT - 1).padStart(4, '0')}`);
  await expect
    .poll(
      async () => {
        await region.evaluate((box) => void (box.scrollTop = box.scrollHeight));
        return last.count();
      },
      { timeout: 30_000 },
    )
    .toBe(1);
  await page.getByText(`${COUNT} keys`).waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Create API Key' }).isEnabled()).toBe(true);
  await page.getByRole('button', { name: 'Create API Key' }).click();
  const form = page.getByRole('dialog', { name: 'Create API Key' });
  await form.getByLabel('Name').fill('One more');
  await form.getByRole('radio', { name: /^Unrestricted/ }).check();
  await page.keyboard.press('Enter');
  const secret = page.getByRole('alertdialog');
  await secret.getByRole('button', { name: /Copy/ }).first().click();
  await secret.getByRole('button', { name: 'Copied' }).waitFor();
  await secret.getByRole('button', { name: 'Done' }).click();
  await page.getByText(`of ${COUNT + 1}`).waitFor();
});
