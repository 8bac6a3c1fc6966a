// What fails is told as what it is, where it belongs, and ends nothing: a filter that is refused, a server that is away for
// a moment, an answer whose outcome nobody knows, a part of the console that does not come, a key that others took away.
import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { chooseAction, copyAndClose, formOf, openForm, revealOf, rowOf } from './key-forms.ts';
import { makeKey } from './made-key.ts';
import { operationOf } from './operation.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const answer = (status: number, body: object) => ({
  status,
  contentType: 'application/graphql-response+json',
  body: JSON.stringify(body),
});
const failed = (code: string, message: string, path?: readonly string[]) => ({ message, path, extensions: { code } });
const noSuchPage = (page: Page): Promise<number> => page.getByText('There is no such page').count();

test('a filter of calls that is no address is told at its field; the key stays what it is', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Filtered', scopes: ['agent'] });
  const { page, expect: expectProblem } = await server.open(`${key.path}?tab=requests`);
  expectProblem(/400/);
  const ip = page.getByLabel('IP address');
  await ip.fill('1.2.3');
  await page.getByLabel('Path').fill('/v1');
  await ip.press('Enter');
  await page.getByText('Give a whole IP address.').waitFor();
  expect(await page.getByLabel('Path').inputValue()).toBe('/v1');
  expect(new URL(page.url()).search).toBe('?tab=requests');
  // Such as a link that was mistyped.
  await page.goto(`${server.url}${key.path}?tab=requests&ip=1.2.3`);
  await page.getByText('must be an IP address').waitFor();
  await page.getByText('One of the filters is not as it must be.').waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Edit' }).count()).toBe(1);
  expect(await page.getByText('This key is deleted').count()).toBe(0);
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('No call with this key').waitFor();
  expect(await page.getByText('This key is deleted').count()).toBe(0);
});

test('a filter of keys that the server refuses is told at its field, and the keys of all keyspaces stay there', async () => {
  await makeKey(server.api, { keyspace: 'dronahq', name: 'Stays', scopes: ['agent'] });
  const { page, expect: expectProblem } = await server.open(`/w/demo/dronahq?owner=${'o'.repeat(129)}&tag=kept`);
  expectProblem(/400/);
  await page.getByText('must have at most 128 characters.').waitFor();
  expect(await noSuchPage(page)).toBe(0);
  expect(await page.getByLabel('Tag').inputValue()).toBe('kept');
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('link', { name: 'Dagen', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  await page.goto(`${server.url}/w/demo/dronahq?tag=%00`);
  await page.getByText(/must be well-formed text/).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await rowOf(page, 'Stays').waitFor();
  await page.getByRole('button', { name: 'Filters' }).click();
  for (const [field, most] of [
    ['Tag', 64],
    ['Owner', 128],
  ] as const)
    expect(await page.getByLabel(field, { exact: true }).getAttribute('maxlength')).toBe(String(most));
});

test('a filter of the history that the server refuses is told at its field, and the history stays there', async () => {
  const { page, expect: expectProblem } = await server.open(`/w/demo/audit?actor=${'a'.repeat(400)}`);
  expectProblem(/400/);
  await page.getByText('must have at most 300 characters.').waitFor();
  expect(await noSuchPage(page)).toBe(0);
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
});

test('keys that cannot be read for a moment are no page that does not exist', async () => {
  await makeKey(server.api, { keyspace: 'dronahq', name: 'Back soon', scopes: ['agent'] });
  const { page } = await server.open('/health');
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();
  const error = failed('UNAVAILABLE', 'The read store does not answer: ask again.', ['workspace', 'keys']);
  await page.route('**/graphql', (route) =>
    operationOf(route).operationName === 'KeysPage'
      ? route.fulfill(answer(200, { data: { workspace: null }, errors: [error] }))
      : route.continue(),
  );
  await page.getByRole('link', { name: 'DronaHQ', exact: true }).click();
  await page.getByText('The read store does not answer: ask again.').waitFor();
  expect(await noSuchPage(page)).toBe(0);
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).click();
  await rowOf(page, 'Back soon').waitFor();
});

const TOO_LONG = failed(
  'UNAVAILABLE',
  'The operation took too long; its outcome is unknown: send it again with the same commandId.',
);

/** The first answer to a mutation is replaced by one that says nothing of what came of it. @returns command ids as sent */
async function loseAnswer(page: Page, mutation: string, instead: object): Promise<readonly unknown[]> {
  const ids: unknown[] = [];
  await page.route('**/graphql', async (route) => {
    const { operationName, variables } = operationOf(route);
    if (operationName !== mutation) return route.continue();
    ids.push(variables?.input?.commandId);
    if (ids.length > 1) return route.continue();
    await route.fetch();
    return route.fulfill(instead);
  });
  return ids;
}

for (const [what, instead] of [
  ['took too long', answer(503, { errors: [TOO_LONG] })],
  ['broke', answer(200, { data: null, errors: [failed('INTERNAL', 'Internal error.', ['createKey'])] })],
] as const)
  test(`a key whose making ${what} is asked for under the same id: it is made once`, async () => {
    const name = `Once, ${what}`;
    const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
    expectProblem(/503/);
    const form = await openForm(page, 'Create API Key');
    await form.getByLabel('Name').fill(name);
    await form.getByRole('checkbox', { name: 'Agents' }).check();
    const ids = await loseAnswer(page, 'CreateKey', instead);
    await form.getByRole('button', { name: 'Create', exact: true }).click();
    await form.getByText('It is not known yet whether this was done.').waitFor();
    expect(await form.getByText(/commandId|could not be loaded/).count()).toBe(0);
    await form.getByRole('button', { name: 'Check again' }).click();
    await page.getByRole('alertdialog', { name: 'The key exists, its secret is lost' }).waitFor();
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    await page.getByRole('button', { name: 'Leave it as it is' }).click();
    await rowOf(page, name).waitFor();
    expect(await rowOf(page, name).count()).toBe(1);
  });

test('an edit whose outcome is unknown is asked for under the same id, and done once', async () => {
  const { keyId } = await makeKey(server.api, { keyspace: 'dronahq', name: 'Before', scopes: ['agent'] });
  const { page, expect: expectProblem } = await server.open('/w/demo/dronahq');
  expectProblem(/503/);
  await chooseAction(page, 'Before', 'Edit');
  const ids = await loseAnswer(page, 'UpdateKey', answer(503, { errors: [TOO_LONG] }));
  await formOf(page).getByLabel('Name').fill('Behind');
  await formOf(page).getByRole('button', { name: 'Save' }).click();
  await formOf(page).getByRole('button', { name: 'Check again' }).click();
  await rowOf(page, 'Behind').waitFor();
  expect(ids[0]).toBe(ids[1]);
  const history = await server.api.history(keyId);
  expect(history.filter(({ type }) => type === 'KEY_DETAILS_CHANGED')).toHaveLength(1);
});

test('whoever leaves a regeneration whose outcome is unknown is asked first: the old secret may be dead', async () => {
  const { keyId } = await makeKey(server.api, { keyspace: 'dagen', name: 'Turned', scopes: ['agents'] });
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/503/);
  await chooseAction(page, 'Turned', 'Regenerate');
  const ids = await loseAnswer(page, 'RegenerateKey', answer(503, { errors: [TOO_LONG] }));
  const question = page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Regenerate' }).click();
  await question.getByText('It is not known yet whether this was done.').waitFor();
  await page.keyboard.press('Escape');
  const leaving = page.getByRole('alertdialog', { name: 'Leave without checking?' });
  await leaving.getByText('the new one is lost').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await leaving.getByRole('button', { name: 'Go on' }).click();
  await question.getByRole('button', { name: 'Check again' }).click();
  await page.getByRole('alertdialog', { name: 'The key exists, its secret is lost' }).waitFor();
  expect(ids[0]).toBe(ids[1]);
  const history = await server.api.history(keyId);
  expect(history.filter(({ type }) => type === 'KEY_REGENERATED')).toHaveLength(1);
});

test('a part of the console that does not come while the network is away comes when it is back', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/Failed to load resource|ERR_INTERNET_DISCONNECTED/);
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Create API Key' }).first().click();
  const told = page.getByRole('alertdialog');
  await told.getByText('Keyfold cannot be reached.').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.context().setOffline(false);
  await told.getByRole('button', { name: 'Try again' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill('Came at last');
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  // With its styles.
  const styled = (): Promise<boolean> =>
    page.evaluate(() =>
      [...document.querySelectorAll('link')].every((link) => link.rel !== 'stylesheet' || link.sheet),
    );
  await expect.poll(styled).toBe(true);
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Came at last');
});

test('a page that does not come leaves the others as they are; of a new version it is said that there is one', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/404/);
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  const gone = (route: Route): Promise<void> => route.fulfill({ status: 404, body: '' });
  const pages = /assets\/(health|audit)-page-[^/]*\.js$/;
  await page.route(pages, gone);
  await page.getByRole('link', { name: 'Health' }).click();
  await page.getByText('Keyfold cannot be reached.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('The page could not be shown.').waitFor();
  await page.getByRole('button', { name: 'Load again' }).waitFor();
  await page.getByRole('link', { name: 'Dagen', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  // As it is after an update.
  await page.route(`${server.url}/`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<script type="module" src="/assets/index-other.js"></script>' }),
  );
  await page.getByRole('link', { name: 'Audit' }).first().click();
  await page.getByText('There is a new version of the console.').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await page.unroute(pages);
  await page.getByRole('button', { name: 'Load again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
});

test('the switch of a key that was deleted elsewhere says so, and its row goes', async () => {
  const person = { subject: 'mia', workspaces: { demo: 'member' } } as const;
  for (const who of [undefined, person]) {
    const { id } = await makeKey(server.api, { keyspace: 'dronahq', name: 'Fleeting', scopes: ['agent'] });
    const { page, expect: expectProblem } = await server.open('/w/demo/dagen', who ? { person: who } : {});
    expectProblem(/ERR_FAILED|Failed to load resource/);
    // What happens elsewhere is not seen meanwhile.
    await page.route('**/graphql', (route) =>
      operationOf(route).operationName === 'KeyEvents' ? route.abort() : route.continue(),
    );
    await page.goto(`${server.url}/w/demo/dronahq`);
    const toggle = page.getByRole('switch', { name: 'Enabled: Fleeting' });
    await toggle.waitFor();
    await server.api.settle('deleteKey', { id });
    await toggle.click();
    await page
      .getByText(/This cannot be done any more: the key is deleted\.|It is not there any more/)
      .first()
      .waitFor();
    await rowOf(page, 'Fleeting').waitFor({ state: 'detached' });
  }
});
