// Taking away all keys of an owner: what is asked, what came of each key, and the one receipt.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { makeKey } from './made-key.ts';
import { makeKeys } from './many-keys.ts';

const USED = 'query Used($id: ID!) { key(id: $id) { lastUsedAt } }';
interface Used {
  readonly key: { readonly lastUsedAt: string | null };
}

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const ayra = (owner: string, name: string): Readonly<Record<string, unknown>> => ({
  ...{ keyspace: 'ayra', name, environment: 'live', scopes: ['agents:read'] },
  owner: { id: owner },
});
const owned = (owner: string, count: number) =>
  makeKeys(
    server.api,
    Array.from({ length: count }, (_, at) => ayra(owner, `${owner} ${at}`)),
  );
const ownerPage = (owner: string): string => `/w/demo/ayra?owner=${owner}`;
const dialogOf = (page: Page): Locator => page.getByRole('alertdialog');

async function ask(page: Page, owner: string): Promise<Locator> {
  await page.getByRole('button', { name: `Revoke all keys of ${owner}` }).click();
  const dialog = dialogOf(page);
  await dialog.getByLabel('Reason').selectOption('Employee Departure');
  return dialog;
}
const confirm = (dialog: Locator, count: number): Locator =>
  dialog.getByRole('button', { name: `Revoke ${count} ${count === 1 ? 'key' : 'keys'}` });

test('all keys of an owner are revoked with a reason, and one receipt says since when', async () => {
  await owned('u-leaver', 12);
  await owned('u-stayer', 2);
  const { page } = await server.open(ownerPage('u-leaver'));
  await page.getByRole('button', { name: 'Revoke all keys of u-leaver' }).click();
  const dialog = dialogOf(page);
  await dialog.getByText('12 keys of u-leaver').waitFor();
  await dialog.getByText('Never, any of them').waitFor();
  expect(await confirm(dialog, 12).isDisabled()).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
  await dialog.getByLabel('Reason').selectOption('Employee Departure');
  await dialog.getByText('Team member left').waitFor();
  await dialog.getByLabel('Note').fill('left on Friday');
  await confirm(dialog, 12).click();
  await dialog.getByText('12 keys taken away.').waitFor();
  await dialog.getByText(/^12 keys refused by the only verifier since /).waitFor();
  await expect.poll(() => dialog.getByRole('cell', { name: 'Done', exact: true }).count()).toBeGreaterThan(3);
  expect(await graveIssues(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Copy the receipt' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const receipt = JSON.parse(copied) as { keys: number; confirmed: number; receipts: unknown[] };
  expect(receipt).toMatchObject({ owner: 'u-leaver', action: 'REVOKE', keys: 12, confirmed: 12 });
  expect(receipt.receipts).toHaveLength(12);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => page.getByRole('row').getByText('Revoked', { exact: true }).count()).toBe(12);
  await expect.poll(() => page.getByRole('button', { name: /^Revoke all keys of/ }).count()).toBe(0);
  // The rest of the list is as it was.
  await page.goto(`${server.url}${ownerPage('u-stayer')}`);
  await expect.poll(() => page.getByRole('row').getByText('Active', { exact: true }).count()).toBe(2);
});

test('somebody else may be faster, and what is refused says why and can be tried again', async () => {
  const faster = await makeKey(server.api, ayra('u-both', 'Taken by another'));
  const stuck = await makeKey(server.api, ayra('u-both', 'Stuck'));
  await owned('u-both', 2);
  const { page, expect: expected } = await server.open(ownerPage('u-both'));
  expected(/503/);
  const dialog = await ask(page, 'u-both');
  await confirm(dialog, 4).waitFor();
  await server.api.settle('revokeKey', { id: faster.id, reason: 'Unused' });
  let refusing = true;
  const commands: unknown[] = [];
  await page.route('**/graphql', async (route) => {
    const { variables } = route.request().postDataJSON() as {
      variables: { input?: { id: string; commandId: string } };
    };
    if (variables.input?.id === stuck.id) {
      commands.push(variables.input.commandId);
      if (refusing) {
        await route.fulfill({ status: 503, json: { errors: [{ message: 'The disk is full.' }] } });
        return;
      }
    }
    await route.continue();
  });
  await confirm(dialog, 4).click();
  await dialog.getByText('2 keys taken away; 1 was already.').waitFor();
  await dialog.getByText('1 key was not: see why below.').waitFor();
  await dialog.getByRole('row').filter({ hasText: 'Stuck' }).getByText('The disk is full.').waitFor();
  await dialog.getByRole('row').filter({ hasText: 'Taken by another' }).getByText('It was already').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  refusing = false;
  await dialog.getByRole('button', { name: 'Try 1 key again' }).click();
  await dialog.getByText('3 keys taken away; 1 was already.').waitFor();
  expect(commands).toHaveLength(2);
  expect(new Set(commands).size).toBe(1);
});

test('it can be stopped and gone on with; a few are under way at a time, on 360 pixels, too', async () => {
  await owned('u-many', 20);
  const { page } = await server.open(ownerPage('u-many'), { width: 360, height: 740 });
  const dialog = await ask(page, 'u-many');
  const held: (() => void)[] = [];
  let holding = true;
  await page.route('**/graphql', async (route) => {
    const { operationName } = route.request().postDataJSON() as { operationName: string };
    if (operationName === 'RemoveByRevoke' && holding) await new Promise<void>((resolve) => held.push(resolve));
    await route.continue();
  });
  await confirm(dialog, 20).click();
  await expect.poll(() => held.length).toBe(4);
  await dialog.getByText('0 of 20 keys done').waitFor();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await dialog.getByText('Stopping: what was sent is waited for.').waitFor();
  holding = false;
  for (const go of held) go();
  await dialog.getByText('16 keys were not begun.').waitFor();
  expect(held).toHaveLength(4);
  await dialog.getByRole('button', { name: 'Go on with 16 keys' }).click();
  await dialog.getByText('20 keys taken away.').waitFor();
  await dialog.getByText(/^20 keys refused by/).waitFor();
  // On a narrow screen, too, nothing but tables scrolls sideways.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await dialog.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeLessThanOrEqual(0);
});

test('without a network it stops by itself, and goes on with everything once it is back', async () => {
  await owned('u-train', 8);
  const { page, expect: expected } = await server.open(ownerPage('u-train'));
  expected(/ERR_/);
  const dialog = await ask(page, 'u-train');
  await confirm(dialog, 8).waitFor();
  await page.context().setOffline(true);
  await confirm(dialog, 8).click();
  await dialog.getByText('Keyfold cannot be reached.').first().waitFor();
  await dialog.getByText('4 keys were not begun.').waitFor();
  await page.context().setOffline(false);
  await dialog.getByRole('button', { name: 'Go on with 8 keys' }).click();
  await dialog.getByText('8 keys taken away.').waitFor();
});

test('keys that were used today are named by their owner first', async () => {
  const key = await makeKey(server.api, ayra('u-busy', 'In use'));
  expect((await server.verifier.verify(key.secret)).valid).toBe(true);
  await expect
    .poll(async () => (await server.api.query<Used>(USED, { id: key.id })).key.lastUsedAt, { timeout: 30_000 })
    .not.toBeNull();
  const { page } = await server.open(ownerPage('u-busy'));
  const dialog = await ask(page, 'u-busy');
  await confirm(dialog, 1).waitFor();
  expect(await confirm(dialog, 1).isDisabled()).toBe(true);
  await dialog.getByLabel(/Type the owner’s id/).fill('u-busy');
  await confirm(dialog, 1).click();
  await dialog.getByText('1 key taken away.').waitFor();
});

test('where a keyspace deletes and does not revoke, so does this; who may not is not offered it', async () => {
  const owner = { id: 'u-9', email: 'nine@example.com' };
  await makeKeys(server.api, [
    { keyspace: 'voice-agent', name: 'Nine 1', type: 'private', owner },
    { keyspace: 'voice-agent', name: 'Nine 2', type: 'private', owner },
  ]);
  const path = '/w/demo/voice-agent?owner=u-9';
  const viewer = { subject: 'vera', workspaces: { demo: 'auditor' } } as const;
  const { page: other } = await server.open(path, { person: viewer });
  await other.getByRole('link', { name: 'Nine 1', exact: true }).waitFor();
  await expect.poll(() => other.getByRole('button', { name: /all keys of/ }).count()).toBe(0);
  const { page } = await server.open(path);
  await page.getByRole('button', { name: /all keys of u-9$/ }).click();
  const dialog = dialogOf(page);
  await dialog.getByRole('button', { name: / 2 keys$/ }).click();
  await dialog.getByText('2 keys taken away.').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
  // Deleting is revoking there.
  await expect.poll(() => page.getByRole('row').getByText('Revoked', { exact: true }).count()).toBe(2);
});
