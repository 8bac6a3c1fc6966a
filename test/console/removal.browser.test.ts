// Taking a key's access away: what is asked before, the receipt of the verifiers after, and what is left of the key.
import { readFile } from 'node:fs/promises';
import type { Locator, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { makeKey, type MadeKey } from './made-key.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const WHOLE = /^Refused by (the only verifier|all \d+ verifiers) since \d\d:\d\d:\d\d\.\d{3}$/;
const OWNER = { id: 'u-1', email: 'owner@example.com' };
const CALLER = { ip: '203.0.113.7', request: { userAgent: 'nightly/1.0' } };
const question = (page: Page): Locator => page.getByRole('alertdialog');
const receipt = (page: Page): Locator => page.getByRole('region', { name: 'Receipt' }).first();

async function used(key: MadeKey): Promise<void> {
  await server.verifier.verify(key.secret, CALLER);
  const query = 'query ($id: ID!) { key(id: $id) { lastUsedAt requests(first: 1) { totalCount } } }';
  interface Answer {
    key: { lastUsedAt: string | null; requests: { totalCount: number } };
  }
  await expect
    .poll(
      async () => {
        const { lastUsedAt, requests } = (await server.api.query<Answer>(query, { id: key.id })).key;
        return lastUsedAt !== null && requests.totalCount > 0;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
}

/** Answers of GraphQL operations are handed on as `change` makes them. */
async function changeAnswers(page: Page, operation: string, change: (text: string) => string): Promise<void> {
  await page.route('**/graphql', async (route: Route) => {
    if (!(route.request().postData() ?? '').includes(operation)) {
      await route.continue();
      return;
    }
    const response = await route.fetch();
    await route.fulfill({ response, body: change(await response.text()) });
  });
}

test('ayra A9: revoking names the key and who uses it, asks for a reason and the name of a key in use, and cannot be undone', async () => {
  const key = await makeKey(server.api, {
    keyspace: 'ayra',
    name: 'Production Web App',
    environment: 'live',
    scopes: ['agents:read'],
  });
  await used(key);
  const { page, expect: expectProblem } = await server.open(key.path);
  expectProblem(/ERR_FAILED/);
  await page.getByRole('button', { name: 'Revoke' }).click();
  const dialog = question(page);
  await dialog.getByText('Revocation is immediate and irreversible').waitFor();
  const callers = dialog.getByRole('table', { name: /^Callers of the last 7 days/ });
  await callers.getByText('203.0.113.7').waitFor();
  await callers.getByText('nightly/1.0').waitFor();
  await dialog.getByText('Production Web App', { exact: true }).waitFor();
  const reasons = ['Compromised', 'Replaced', 'Unused', 'Employee Departure', 'Project Ended'];
  await expect
    .poll(() => dialog.getByLabel('Reason').locator('option').allInnerTexts())
    .toEqual(['Choose a reason', ...reasons]);
  const revoke = dialog.getByRole('button', { name: 'Revoke' });
  await expect.poll(() => revoke.isDisabled()).toBe(true);
  await dialog.getByLabel('Reason').selectOption('Compromised');
  await dialog.getByText('Suspected security breach').waitFor();
  await expect.poll(() => revoke.isDisabled()).toBe(true);
  await dialog.getByLabel(/Type its name/).fill('Production');
  await expect.poll(() => revoke.isDisabled()).toBe(true);
  await dialog.getByLabel('Note').fill('Found in a paste');
  await dialog.getByLabel(/Type its name/).fill('Production Web App');
  expect(await graveIssues(page)).toEqual([]);

  // What is asked stays as it is while nothing can be reached, and is sent once.
  await page.route('**/graphql', (route) => route.abort());
  await revoke.click();
  await dialog.getByText('Keyfold cannot be reached.').waitFor();
  await page.unroute('**/graphql');
  await expect.poll(() => dialog.getByLabel('Note').inputValue()).toBe('Found in a paste');
  await revoke.click();
  await dialog.getByText(WHOLE).waitFor();
  const refused = await server.verifier.verify(key.secret);
  expect([refused.valid, refused.code]).toEqual([false, 'REVOKED']);
  expect(await graveIssues(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Done' }).click();

  await page.getByText('Revoked', { exact: true }).first().waitFor();
  await page.getByText('Found in a paste').waitFor();
  await receipt(page).getByText(WHOLE).waitFor();
  await expect.poll(() => page.getByRole('button', { name: /^(Revoke|Edit|Regenerate)$/ }).count()).toBe(0);
  await page.reload();
  await receipt(page).getByText(WHOLE).waitFor();
  await page.getByRole('tab', { name: 'History' }).click();
  const entry = page.getByRole('listitem').filter({ hasText: 'Revoked by alice' });
  await entry.getByText('Compromised').waitFor();
  await entry.getByText('Found in a paste').waitFor();
}, 180_000);

test('the receipt names every verifier with its position and time, to copy and to keep', async () => {
  const key = await makeKey(server.api, {
    keyspace: 'ayra',
    name: 'Kept',
    environment: 'test',
    scopes: ['agents:read'],
  });
  const { page } = await server.open(key.path);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await question(page).getByLabel('Reason').selectOption('Unused');
  expect(
    await question(page)
      .getByLabel(/Type its name/)
      .count(),
  ).toBe(0);
  await question(page).getByRole('button', { name: 'Revoke' }).click();
  await question(page).getByText(WHOLE).waitFor();
  await question(page).getByRole('button', { name: 'Copy the receipt' }).click();
  await question(page).getByRole('button', { name: 'Copied' }).waitFor();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Record<string, unknown>;
  expect(copied).toMatchObject({ key: key.keyId, change: 'REVOKED', version: 2 });
  const { confirmed, total, confirmedAt, verifiers } = copied as unknown as {
    confirmed: number;
    total: number;
    confirmedAt: string;
    verifiers: { id: string; position: string; confirmedAt: string }[];
  };
  expect([confirmed, verifiers.length]).toEqual([total, total]);
  expect(total).toBeGreaterThan(0);
  expect(
    verifiers
      .map((verifier) => verifier.confirmedAt)
      .sort()
      .at(-1),
  ).toBe(confirmedAt);
  for (const { id, position } of verifiers) {
    await question(page).getByRole('cell', { name: id, exact: true }).waitFor();
    await question(page).getByText(position, { exact: true }).first().waitFor();
  }
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    question(page).getByRole('button', { name: 'Download JSON' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe(`receipt-${key.keyId}.json`);
  expect(JSON.parse(await readFile(await file.path(), 'utf8'))).toEqual(copied);
});

test('a receipt that is not whole is amber, names who is missing, and goes on watching until all have confirmed', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Half', scopes: ['agents'] });
  const { page } = await server.open(key.path);
  let late = true;
  const partial = (text: string): string => {
    const answer = JSON.parse(text) as { data: Record<string, { enforcement?: Record<string, unknown> } | null> };
    const enforcement = Object.values(answer.data).find((each) => each?.enforcement)?.enforcement;
    if (!late || !enforcement) return text;
    const verifiers = enforcement.verifiers as { id: string; confirmedAt: string | null }[];
    verifiers.push({ ...verifiers[0]!, id: 'verifier-far-away', confirmedAt: null });
    Object.assign(enforcement, { confirmedAt: null, total: verifiers.length });
    return JSON.stringify(answer);
  };
  await changeAnswers(page, 'nforcement', partial);
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await question(page).getByRole('button', { name: 'Deactivate' }).click();
  await question(page)
    .getByText(/^Confirmed by \d of \d verifiers\.$/)
    .waitFor();
  await question(page).getByText('Still to confirm: verifier-far-away.').waitFor();
  await question(page).getByText('Watching…').waitFor();
  await expect.poll(() => receipt(page).getAttribute('data-partial')).toBe('');
  expect(await graveIssues(page)).toEqual([]);
  late = false;
  await question(page).getByText(WHOLE).waitFor();
  await expect.poll(() => receipt(page).getAttribute('data-partial')).toBeNull();
});

test('while verifiers take their time, what has confirmed is seen as it arrives', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Slow', scopes: ['agents'] });
  const { page } = await server.open(key.path);
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/graphql', async (route) => {
    if (!(route.request().postData() ?? '').includes('RemoveByDisable')) return route.continue();
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  });
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await question(page).getByRole('button', { name: 'Deactivate' }).click();
  await question(page).getByText('Waiting for the verifiers…').waitFor();
  await question(page).getByText(WHOLE).waitFor();
  await page.keyboard.press('Escape');
  await question(page).waitFor();
  answer();
  await question(page).getByRole('button', { name: 'Done' }).click();
  await question(page).waitFor({ state: 'detached' });
});

test('dronahq H8: a disabled key is preserved with its log, and enabled again from its page', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Paused', scopes: ['agent'] });
  await used(key);
  const { page } = await server.open(key.path);
  await page.getByRole('button', { name: 'Disable' }).click();
  await question(page)
    .getByLabel(/Type its name/)
    .fill('Paused');
  await question(page).getByRole('button', { name: 'Disable' }).click();
  await question(page).getByText(WHOLE).waitFor();
  expect((await server.verifier.verify(key.secret)).code).toBe('DISABLED');
  await question(page).getByRole('button', { name: 'Done' }).click();
  await receipt(page).getByText(WHOLE).waitFor();
  await page.getByRole('tab', { name: 'Requests' }).click();
  await page.getByText('Let in.').first().waitFor();
  await page.getByRole('button', { name: 'Enable' }).click();
  await page.getByText('API key enabled.').first().waitFor();
  await page.getByRole('tab', { name: 'Overview' }).click();
  await receipt(page).waitFor({ state: 'detached' });
  await expect.poll(async () => (await server.verifier.verify(key.secret)).code).toBe('VALID');
});

test('dronahq H10: a deleted key is gone for good, its page says so, and nothing on it rotates or brings it back', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Gone', scopes: ['agent'] });
  const { page } = await server.open(key.path);
  await page.getByRole('heading', { level: 1, name: 'Gone' }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: /Regenerate|Rotate/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Delete' }).click();
  await question(page).getByText('cannot be recovered').waitFor();
  await question(page).getByRole('button', { name: 'Delete' }).click();
  await question(page).getByText(WHOLE).waitFor();
  expect((await server.verifier.verify(key.secret)).valid).toBe(false);
  await question(page).getByRole('button', { name: 'Done' }).click();
  await receipt(page).getByText(WHOLE).waitFor();
  await page.getByText('Deleted', { exact: true }).first().waitFor();
  await expect.poll(() => page.getByRole('button', { name: /^(Enable|Disable|Delete|Edit)$/ }).count()).toBe(0);
  expect(await graveIssues(page)).toEqual([]);
});

test('dagen D10: deleting confirms the loss of access, and whoever may not see deleted keys is left with what they saw', async () => {
  const key = await makeKey(server.api, { keyspace: 'dagen', name: 'Lost', scopes: ['agents'] });
  const member = { subject: 'bob', workspaces: { demo: 'member' } } as const;
  const { page } = await server.open(key.path, { person: member });
  await page.getByRole('button', { name: 'Delete' }).click();
  await question(page)
    .getByText(/lose access/)
    .waitFor();
  await question(page).getByRole('button', { name: 'Delete' }).click();
  await question(page).getByText(WHOLE).waitFor();
  await question(page).getByRole('button', { name: 'Done' }).click();
  await page.getByText('This key is deleted.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Lost' }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: /^(Deactivate|Regenerate|Delete)$/ }).count()).toBe(0);
  expect((await server.verifier.verify(key.secret)).valid).toBe(false);
});

test('project-admin P7: a key is deleted from its row’s menu, after a modal that a click outside does not answer', async () => {
  const key = await makeKey(server.api, { keyspace: 'project-admin', name: 'CRM', scopes: ['calls:read'] });
  const { page } = await server.open('/w/demo/project-admin');
  const menu = page.getByRole('button', { name: 'Actions of CRM' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await question(page).waitFor();
  await page.mouse.click(5, 5);
  await expect.poll(() => question(page).count()).toBe(1);
  await question(page).getByRole('button', { name: 'Cancel' }).click();
  await question(page).waitFor({ state: 'detached' });
  await used(key);
  await menu.click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await question(page)
    .getByLabel(/Type its name/)
    .fill('CRM');
  await question(page).getByRole('button', { name: 'Delete' }).click();
  await question(page).getByText(WHOLE).waitFor();
  await question(page).getByRole('button', { name: 'Done' }).click();
  await page.getByText('CRM', { exact: true }).waitFor({ state: 'detached' });
  expect((await server.verifier.verify(key.secret)).valid).toBe(false);
});

test('voice-agent V5: deleting revokes, and the page tells both', async () => {
  const key = await makeKey(server.api, { keyspace: 'voice-agent', name: 'Caller', type: 'private', owner: OWNER });
  const { page } = await server.open(key.path);
  await page.getByRole('button', { name: 'Delete' }).click();
  await question(page).getByRole('button', { name: 'Delete' }).click();
  await question(page).getByText(WHOLE).waitFor();
  await question(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('heading', { name: 'Revoked by alice' }).waitFor();
  expect((await server.verifier.verify(key.secret)).code).toBe('REVOKED');
});
