// Whose session it is: what one person has begun is never done as another, nothing is done or shown for somebody who was
// only led to an address, and signing out is seen in all windows.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payload } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { OWNER, startConsole, type Console, type Person, type Window } from './console.ts';
import { openForm, revealOf, shownSecret, told } from './key-forms.ts';
import { makeKey, type MadeKey } from './made-key.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const ANN: Person = { subject: 'ann', workspaces: { demo: 'admin' } };
const BOB: Person = { subject: 'bob', workspaces: { demo: 'admin' } };
const dialogOf = (page: Page) => page.getByRole('alertdialog');
const newPerson = (page: Page, { subject }: Person) =>
  page.getByRole('heading', { name: `${subject} is signed in now` });
const person = (page: Page) => page.getByRole('navigation', { name: 'Sections' });
const codeOf = async (server: Console, who: Person): Promise<string> => new URL(await server.linkFor(who)).hash;
const make = (name: string): Promise<MadeKey> =>
  makeKey(server.api, { keyspace: 'ayra', name, environment: 'live', scopes: ['agents:read'] });
const verdict = async ({ secret }: MadeKey): Promise<string> => (await server.verifier.verify(secret)).code;

/** Follows a link on a page of another origin. */
async function followFromElsewhere(page: Page, url: string): Promise<void> {
  await page.goto(`data:text/html,${encodeURIComponent(`<a href="${url}">A present</a>`)}`);
  await page.getByRole('link', { name: 'A present' }).click();
}

/** Puts the session of somebody else into a window's browser, as signing in does there, unseen by its pages. */
async function takeCookieOf(page: Page, who: Person): Promise<void> {
  const other = await server.open('/', { person: who });
  await person(other.page).getByText(who.subject).waitFor();
  await page.context().addCookies(await other.page.context().cookies());
}

/** No question is open then but the one on the page, so that its answer alone can tell that the session is over. */
async function askToRevoke({ page, unanswered }: Window): Promise<void> {
  await page.getByRole('button', { name: 'Revoke' }).click();
  await dialogOf(page).getByLabel('Reason').selectOption('Unused');
  await expect.poll(unanswered).toBe(0);
}

test('an address enables no key: it is asked about first; its own button is enough', async () => {
  const key = await makeKey(server.api, { keyspace: 'dronahq', name: 'Paused', scopes: ['agent'] });
  payload(await server.api.settle('disableKey', { id: key.id }));
  await expect.poll(() => verdict(key)).toBe('DISABLED');
  const { page } = await server.open(key.path);
  const enabled: string[] = [];
  page.on('request', (request) => {
    if (request.postData()?.includes('EnableKey') === true) enabled.push(request.url());
  });
  await page.getByRole('button', { name: 'Enable' }).waitFor();
  await followFromElsewhere(page, `${server.url}${key.path}?action=ENABLE`);
  await dialogOf(page).getByText('Paused').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await dialogOf(page).getByRole('button', { name: 'Cancel' }).click();
  await dialogOf(page).waitFor({ state: 'detached' });
  expect(enabled).toEqual([]);
  expect(new URL(page.url()).search).toBe('');

  await followFromElsewhere(page, `${server.url}${key.path}?action=ENABLE`);
  await dialogOf(page).getByRole('button', { name: 'Enable' }).click();
  await told(page, 'API key enabled.');
  await dialogOf(page).waitFor({ state: 'detached' });
  await expect.poll(() => verdict(key)).toBe('VALID');

  payload(await server.api.settle('disableKey', { id: key.id }));
  await page.getByRole('button', { name: 'Enable' }).click();
  await expect.poll(() => verdict(key)).toBe('VALID');
  expect(enabled).toHaveLength(2);
});

test('what was begun when the session was over is done once the same person is back', async () => {
  const key = await make('Anns own');
  const opened = await server.open(key.path, { person: ANN });
  const { page, expect: expectProblem } = opened;
  expectProblem(/401/);
  await askToRevoke(opened);
  await page.context().clearCookies();
  await dialogOf(page).getByRole('button', { name: 'Revoke' }).click();
  const over = page.getByRole('dialog', { name: 'Your session is over' });
  await over.getByLabel('One-time code').fill(await server.linkFor(ANN));
  await over.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => verdict(key)).toBe('REVOKED');
});

test.each(['in the dialog', 'in another window'])('it is dropped when somebody else signs in %s', async (where) => {
  const key = await make(`Begun ${where}`);
  const opened = await server.open(key.path, { person: ANN });
  const { page, expect: expectProblem } = opened;
  expectProblem(/401/);
  const sent: (string | undefined)[] = [];
  page.on('request', (request) => {
    if (request.postData()?.includes('RevokeKey') === true) sent.push(request.headers()['x-keyfold-person']);
  });
  await askToRevoke(opened);
  await page.context().clearCookies();
  await dialogOf(page).getByRole('button', { name: 'Revoke' }).click();
  const over = page.getByRole('dialog', { name: 'Your session is over' });
  await over.waitFor();
  if (where === 'in the dialog') {
    await over.getByLabel('One-time code').fill(await server.linkFor(BOB));
    await over.getByRole('button', { name: 'Sign in' }).click();
  } else {
    const other = await page.context().newPage();
    await other.goto(`${server.url}/w/demo/dagen${await codeOf(server, BOB)}`);
    await person(other).getByText('bob').waitFor();
  }
  await newPerson(page, BOB).waitFor();
  expect(await graveIssues(page)).toEqual([]);
  expect(await page.getByText(key.keyId).count()).toBe(0);
  await page.getByRole('button', { name: 'Go on as bob' }).click();
  await person(page).getByText('bob').waitFor();
  await page.getByRole('button', { name: 'Revoke' }).waitFor();
  expect(sent).toEqual(['ann']);
  expect(await verdict(key)).toBe('VALID');
});

test('a page of one person makes nothing as another, whose session the browser has now', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen', { person: ANN });
  expectProblem(/409/);
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Whose is it');
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  await takeCookieOf(page, BOB);
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await newPerson(page, BOB).waitFor();
  await page.getByRole('button', { name: 'Go on as bob' }).click();
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  await person(page).getByText('bob').waitFor();
  expect(await page.getByText('Whose is it').count()).toBe(0);
});

test('a window is told of somebody else when a page of theirs is loaded, however they have signed in', async () => {
  const { page } = await server.open('/w/demo/dagen', { person: ANN });
  await person(page).getByText('ann').waitFor();
  await takeCookieOf(page, BOB);
  const other = await page.context().newPage();
  await other.goto(`${server.url}/w/demo/dagen`);
  await newPerson(page, BOB).waitFor();
});

test('a sign-in link takes nobody’s place unasked, and tells the other windows when it did', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen', { person: ANN });
  expectProblem(/409/);
  await person(page).getByText('ann').waitFor();
  const other = await page.context().newPage();
  const url = `${server.url}/w/demo/dagen${await codeOf(server, BOB)}`;
  await followFromElsewhere(other, url);
  const asked = other.getByRole('alertdialog', { name: 'You are signed in as ann' });
  await asked.waitFor();
  expect(other.url()).not.toContain('code=');
  expect(await graveIssues(other)).toEqual([]);
  await asked.getByRole('button', { name: 'Stay ann' }).click();
  await person(other).getByText('ann').waitFor();

  await followFromElsewhere(other, url);
  await asked.getByRole('button', { name: 'Sign in as somebody else' }).click();
  await person(other).getByText('bob').waitFor();
  await newPerson(page, BOB).waitFor();
  await expect.poll(() => person(page).count()).toBe(0);
  // Ann's own link would ask in the same way; one of bob's own does not.
  await followFromElsewhere(other, `${server.url}/w/demo/dagen${await codeOf(server, BOB)}`);
  await person(other).getByText('bob').waitFor();
});

test('signing out takes the secret and the pages out of every window at once', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  // Of what the windows were asking for when the session ended.
  expectProblem(/401/);
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Left open');
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await revealOf(page).waitFor();
  const secret = await shownSecret(page, 'Left open');
  const other = await page.context().newPage();
  await other.goto(`${server.url}/w/demo/dagen`);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await expect.poll(() => person(page).count()).toBe(0);
  // Whoever comes next gets a page of their own, here too.
  await other.getByLabel('One-time code').fill(await server.linkFor(BOB));
  await other.keyboard.press('Enter');
  for (const each of [other, page]) await person(each).getByText('bob').waitFor();
  expect(await page.content()).not.toContain(secret);
});

test('an address that looks like another host’s signs in as any other, and the code leaves it', async () => {
  const { page } = await server.open('/', { person: null });
  await page.goto(`${server.url}//evil.com/%2f..${await codeOf(server, OWNER)}`);
  await person(page).getByText('alice').waitFor();
  expect(page.url()).toBe(`${server.url}//evil.com/%2f..`);
  await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
});

test('whatever word a link says for why nobody was signed in, it is told in words of ours', async () => {
  for (const word of ['constructor', '__proto__', '<b>no</b>']) {
    const { page } = await server.open(`/sign-in#error=${encodeURIComponent(word)}`, { person: null });
    await page.getByText('Signing in failed. Try again.').waitFor();
    expect(await page.content()).not.toContain(word);
  }
});
