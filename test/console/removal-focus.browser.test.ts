// Taking a key's access away by keyboard alone: which name is to be typed, and where focus is, before and after.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payload } from '../support/api.ts';
import { startConsole, type Console } from './console.ts';
import { makeKey } from './made-key.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const RECEIPT = /^Refused by /;
const question = (page: Page) => page.getByRole('alertdialog');
/** What has focus, by its tag and what it says. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: is } = document;
    return is ? `${is.tagName} ${is.getAttribute('aria-label') ?? is.textContent}` : 'nothing';
  });

test('a key in use is revoked by its name as it is seen, whatever white space is in it', async () => {
  for (const name of ['My  key', 'a\nb']) {
    const key = await makeKey(server.api, { keyspace: 'ayra', name, environment: 'live', scopes: ['agents:read'] });
    await server.verifier.verify(key.secret);
    const query = 'query ($id: ID!) { key(id: $id) { lastUsedAt } }';
    interface Answer {
      key: { lastUsedAt: string | null };
    }
    await expect
      .poll(async () => (await server.api.query<Answer>(query, { id: key.id })).key.lastUsedAt, { timeout: 30_000 })
      .not.toBeNull();
    const { page } = await server.open(key.path);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await question(page).getByLabel('Reason').selectOption('Unused');
    const revoke = question(page).getByRole('button', { name: 'Revoke' });
    await question(page)
      .getByLabel(/Type its name/)
      .waitFor();
    expect(await revoke.isDisabled()).toBe(true);
    await question(page)
      .getByLabel(/Type its name/)
      .fill(name.replace(/\s+/, ' '));
    await revoke.click();
    await question(page).getByText(RECEIPT).waitFor();
  }
}, 180_000);

test('from the list: Escape leads back to the menu’s button, twice; the receipt has focus, and the row after it', async () => {
  const make = (name: string) =>
    makeKey(server.api, { keyspace: 'ayra', name, environment: 'live', scopes: ['agents:read'] });
  await make('Below');
  await make('From the list');
  const { page } = await server.open('/w/demo/ayra?text=list');
  const menu = page.getByRole('button', { name: 'Actions of From the list' });
  const open = async (): Promise<void> => {
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Revoke' }).waitFor();
    await page.getByRole('menuitem', { name: 'Revoke' }).focus();
    await page.keyboard.press('Enter');
    await question(page).waitFor();
  };
  for (let times = 0; times < 2; times++) {
    await open();
    await page.keyboard.press('Escape');
    await question(page).waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('BUTTON Actions of From the list');
  }
  await open();
  await question(page).getByLabel('Reason').selectOption('Unused');
  const confirm = question(page).getByRole('button', { name: 'Revoke' });
  await expect.poll(() => confirm.isEnabled()).toBe(true);
  await confirm.focus();
  await page.keyboard.press('Enter');
  await question(page).getByText(RECEIPT).waitFor();
  await expect.poll(() => focused(page)).toBe('BUTTON Done');
  await page.keyboard.press('Enter');
  await question(page).waitFor({ state: 'detached' });
  const row = page.getByRole('row', { name: /From the list/ });
  await expect.poll(() => row.evaluate((element) => element.contains(document.activeElement))).toBe(true);
});

test('on the key’s page: Escape leads back to the button, and what is done to the page’s heading', async () => {
  const key = await makeKey(server.api, {
    keyspace: 'ayra',
    name: 'Its page',
    environment: 'live',
    scopes: ['agents:read'],
  });
  payload(await server.api.settle('regenerateKey', { id: key.id, overlapSeconds: 3600 }));
  const { page } = await server.open(`${key.path}?tab=secrets`);
  for (const [action, name] of [
    ['Retire', /^Retire/],
    ['Revoke', /^Revoke$/],
  ] as const) {
    const opener = page.getByRole('button', { name }).last();
    await opener.waitFor();
    const label = await opener.innerText();
    await opener.focus();
    await page.keyboard.press('Enter');
    await question(page).waitFor();
    await page.keyboard.press('Escape');
    await question(page).waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe(`BUTTON ${label}`);
    await page.keyboard.press('Enter');
    if (action === 'Revoke') await question(page).getByLabel('Reason').selectOption('Unused');
    const confirm = question(page).getByRole('button').last();
    // What cannot be pressed yet takes no focus.
    await expect.poll(() => confirm.isEnabled()).toBe(true);
    await confirm.focus();
    await page.keyboard.press('Enter');
    await question(page).getByRole('button', { name: 'Done' }).waitFor();
    await expect.poll(() => focused(page)).toBe('BUTTON Done');
    await page.keyboard.press('Enter');
    await question(page).waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('H1 Its page');
  }
});
