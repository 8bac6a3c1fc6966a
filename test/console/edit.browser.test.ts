// Editing a key: in place, by a new key, or locked with the reason, field by field; and what happens when somebody else
// was quicker.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId, payload } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console, type Window, type WindowOptions } from './console.ts';
import { chooseAction, copyAndClose, formOf, revealOf, rowOf, told } from './key-forms.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

/** @returns its key id and its secret */
async function make(
  keyspace: string,
  input: Readonly<Record<string, unknown>>,
): Promise<{ readonly keyId: string; readonly secret: string }> {
  const { key, secret } = payload(await server.api.settle('createKey', { workspaceId: 'demo', keyspace, ...input }));
  return { keyId: key?.keyId ?? '', secret: secret ?? '' };
}

interface KeyView {
  readonly keyId: string;
  readonly name: string;
  readonly [member: string]: unknown;
}
const KEYS = `query ($keyspace: String!) { workspace(id: "demo") { keys(first: 50, filter: { keyspace: $keyspace }) {
  nodes { keyId name scopes resources { all ids } origins expiresAt tags metadata preview predecessor { name } } } } }`;
async function keysOf(keyspace: string): Promise<readonly KeyView[]> {
  const { workspace } = await server.api.query<{ workspace: { keys: { nodes: KeyView[] } } }>(KEYS, { keyspace });
  return workspace.keys.nodes;
}
const keyOf = async (keyspace: string, name: string): Promise<KeyView | undefined> =>
  (await keysOf(keyspace)).find((key) => key.name === name);

async function openEdit(
  keyspace: string,
  name: string,
  action: string,
  options?: WindowOptions,
): Promise<Window & { readonly form: Locator; readonly page: Page }> {
  const window = await server.open(`/w/demo/${keyspace}`, options);
  await chooseAction(window.page, name, action);
  const form = formOf(window.page);
  await form.waitFor();
  return { ...window, form };
}

test('dronahq H9: name, scopes, agent access and expiry in place; the secret never changes', async () => {
  const { secret } = await make('dronahq', { name: 'Sync', scopes: ['agent'] });
  const before = await keyOf('dronahq', 'Sync');
  const { page, form } = await openEdit('dronahq', 'Sync', 'Edit');
  const save = form.getByRole('button', { name: 'Save' });
  await expect.poll(() => save.isDisabled()).toBe(true);
  await form.getByText('Nothing is changed yet.').waitFor();
  await form.getByLabel('Name').fill('Sync nightly');
  await form.getByRole('checkbox', { name: 'Data Agent' }).check();
  await form.getByRole('radio', { name: 'Only these' }).check();
  await form.getByLabel('Agent ids').fill('a-1');
  await page.keyboard.press('Enter');
  await form.getByLabel('Expires').selectOption('30 days');
  expect(await graveIssues(page)).toEqual([]);
  await save.click();
  await form.waitFor({ state: 'detached' });
  await rowOf(page, 'Sync nightly').getByText('Data Agent').waitFor();
  const key = await keyOf('dronahq', 'Sync nightly');
  expect(key).toMatchObject({ scopes: ['agent', 'data_agent'], resources: { all: false, ids: ['a-1'] } });
  expect(key?.expiresAt).not.toBeNull();
  expect([key?.keyId, key?.preview]).toEqual([before?.keyId, before?.preview]);
  expect((await server.verifier.verify(secret, { resource: { type: 'agent', id: 'a-1' } })).keyId).toBe(key?.keyId);
});

test('dronahq H2: an edit that leaves no scope cannot be saved', async () => {
  await make('dronahq', { name: 'Scoped', scopes: ['agent'] });
  const { form } = await openEdit('dronahq', 'Scoped', 'Edit');
  await form.getByRole('checkbox', { name: 'Agent', exact: true }).uncheck();
  await form.getByText('This is needed.').waitFor();
  await expect.poll(() => form.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
});

test('voice-agent V5: origins and assistants are edited, each by its own entry of the menu', async () => {
  const owner = { id: 'u-1', email: 'owner@example.com' };
  await make('voice-agent', { name: 'Page', type: 'public', origins: ['https://old.example.com'], owner });
  const { page, form } = await openEdit('voice-agent', 'Page', 'Edit origins');
  await expect.poll(() => form.getByText('Allowed assistants').count()).toBe(0);
  await form.getByRole('button', { name: 'Remove https://old.example.com' }).click();
  await expect.poll(() => form.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await form.getByLabel('Allowed origins').fill('https://new.example.com');
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  await chooseAction(page, 'Page', 'Edit assistants');
  await form.getByRole('radio', { name: 'Only these' }).check();
  await form.getByLabel('Assistant ids').fill('asst-1');
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  expect(await keyOf('voice-agent', 'Page')).toMatchObject({
    origins: ['https://new.example.com'],
    resources: { all: false, ids: ['asst-1'] },
  });
});

test('voice-agent V5: an origin that the server would refuse is told at its field, and kept', async () => {
  const owner = { id: 'u-1', email: 'owner@example.com' };
  await make('voice-agent', { name: 'Refused', type: 'public', origins: ['https://old.example.com'], owner });
  const { page, form } = await openEdit('voice-agent', 'Refused', 'Edit origins');
  await form.getByLabel('Allowed origins').fill('https://app.example.com/path');
  await page.keyboard.press('Enter');
  await form.getByText('Give each as http(s)://host').waitFor();
  await expect.poll(() => form.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await form.getByRole('button', { name: 'Remove https://app.example.com/path' }).waitFor();
  expect(await graveIssues(page)).toEqual([]);
});

test('ayra A7: Edit makes a new key, whose secret is shown once; the old one works until it is revoked', async () => {
  const { secret: old } = await make('ayra', { name: 'Dashboard', environment: 'live', scopes: ['agents:read'] });
  const { page, form } = await openEdit('ayra', 'Dashboard', 'Edit');
  await form.getByText('A change of this makes a new key').first().waitFor();
  await form.getByLabel('Purpose').fill('Reports');
  await form.getByRole('button', { name: 'Save' }).waitFor();
  await expect.poll(() => form.getByText('Saving makes a new key').count()).toBe(0);
  await form.getByRole('checkbox', { name: /^contacts:read/ }).check();
  await form.getByText('Saving makes a new key').waitFor();
  // One new key at a time.
  await expect.poll(() => form.getByLabel('Name').isDisabled()).toBe(true);
  await form.getByText('Save first.').first().waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await form.getByRole('button', { name: 'Save' }).click();
  await revealOf(page).getByText('displayed exactly once').waitFor();
  const fresh = await copyAndClose(page, 'Dashboard');
  await told(page, 'New API key generated. The old one still works until revoked.');
  await page.waitForFunction(() => document.querySelectorAll('tbody a').length === 2);
  const verdicts = await Promise.all([old, fresh].map((key) => server.verifier.verify(key)));
  expect(verdicts.map(({ valid }) => valid)).toEqual([true, true]);
  expect(verdicts.map(({ scopes }) => scopes)).toEqual([['agents:read'], ['agents:read', 'contacts:read']]);
  const keys = await keysOf('ayra');
  // What is edited in place is in both: it was done first.
  expect(keys.map(({ metadata }) => metadata)).toEqual([{ purpose: 'Reports' }, { purpose: 'Reports' }]);
  expect(keys.filter(({ predecessor }) => predecessor !== null)).toHaveLength(1);
});

test('project-admin P5: permissions are locked, with the reason; the name is edited in place', async () => {
  await make('project-admin', { name: 'Booking', scopes: ['calls:read'] });
  const { page, form } = await openEdit('project-admin', 'Booking', 'Edit');
  const locked = form.getByRole('group', { name: 'Permissions' });
  await locked.getByText('Permissions of an existing key cannot be edited: delete it and create a new one.').waitFor();
  await expect.poll(() => form.getByRole('radio').count()).toBe(0);
  expect(await graveIssues(page)).toEqual([]);
  await form.getByLabel('Name').fill('Booking_App');
  await form.getByLabel('Name').press('Enter');
  await rowOf(page, 'Booking_App').waitFor();
});

test('somebody was quicker: who changed what, what was entered is kept, and applied again', async () => {
  const { keyId } = await make('dronahq', { name: 'Contended', scopes: ['agent'] });
  const { page, form } = await openEdit('dronahq', 'Contended', 'Edit');
  await form.getByRole('checkbox', { name: 'Voice Agent' }).check();
  const bob = await server.apiOf({ subject: 'bob', workspaces: { demo: 'admin' } });
  payload(await bob.settle('updateKey', { id: globalId(keyId), name: 'Renamed by Bob' }));
  await form.getByRole('button', { name: 'Save' }).click();
  const notice = form.getByRole('alert');
  await notice.getByText('Somebody changed this key meanwhile. What you entered is kept.').waitFor();
  await notice.getByText(/^Details changed by bob, /).waitFor();
  await notice.getByText('Name: Contended → Renamed by Bob').waitFor();
  await expect.poll(() => form.getByLabel('Name').inputValue()).toBe('Renamed by Bob');
  await expect.poll(() => form.getByRole('checkbox', { name: 'Voice Agent' }).isChecked()).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
  await form.getByRole('button', { name: 'Apply again' }).click();
  await form.waitFor({ state: 'detached' });
  expect(await keyOf('dronahq', 'Renamed by Bob')).toMatchObject({ scopes: ['agent', 'voice_agent'] });
});

test('an answer to an edit that is lost is asked for again, and done once', async () => {
  const { keyId } = await make('dronahq', { name: 'Unsure', scopes: ['agent'] });
  const { page, form, expect: expectProblem } = await openEdit('dronahq', 'Unsure', 'Edit');
  expectProblem(/ERR_FAILED|Failed to load resource/);
  let lose = true;
  await page.route('**/graphql', async (route) => {
    if (!lose || route.request().postData()?.includes('mutation UpdateKey') !== true) return route.continue();
    lose = false;
    await route.fetch();
    return route.abort();
  });
  await form.getByLabel('Name').fill('Sure');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('It is not known yet whether this was done.').waitFor();
  await form.getByRole('button', { name: 'Check again' }).click();
  await form.waitFor({ state: 'detached' });
  await rowOf(page, 'Sure').waitFor();
  const history = await server.api.history(keyId);
  expect(history.filter(({ type }) => type === 'KEY_DETAILS_CHANGED')).toHaveLength(1);
});
