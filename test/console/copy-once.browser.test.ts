// A new secret is shown once: what has to happen before it is closed, and that it is nowhere afterwards.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { OWNER, startConsole, type Console, type Person } from './console.ts';
import { chooseAction, copyAndClose, openForm, revealOf, rowOf, shownSecret, told } from './key-forms.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

/** Makes a key through the page. @returns its secret, which is shown */
async function make(page: Page, name: string): Promise<string> {
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill(name);
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await revealOf(page).waitFor();
  return shownSecret(page, name);
}

const question = (page: Page) => page.getByRole('alertdialog', { name: 'Close without the key?' });
/** Everything of a page that outlives a dialog, as text. */
const remains = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const inputs = [...document.querySelectorAll('input, textarea')].map((input) => (input as HTMLInputElement).value);
    const databases = await indexedDB.databases();
    const caches = await window.caches.keys();
    return JSON.stringify([
      document.documentElement.outerHTML,
      inputs,
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      document.cookie,
      location.href,
      history.state,
      window.name,
      document.title,
      databases,
      caches,
    ]);
  });

/** How often a text stands in the memory of the page's scripts: caches, states, closures. */
async function inMemory(page: Page, text: string): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
  let snapshot = '';
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    snapshot += chunk;
  });
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return snapshot.split(text).length - 1;
}

test('dagen D8: a warning, the key in monospace, a button with a check mark for two seconds, Done', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const secret = await make(page, 'Shown');
  const dialog = page.getByRole('alertdialog', { name: 'Copy your API key' });
  await dialog.getByText('Copy the key now. You cannot see the full key again.').waitFor();
  expect(secret).toMatch(/^dg_/);
  const shown = dialog.getByRole('group', { name: 'Secret of Shown' });
  expect(await shown.evaluate((element) => getComputedStyle(element).fontFamily)).toContain('mono');
  expect(await graveIssues(page)).toEqual([]);
  const button = dialog.getByRole('button', { name: 'Copy', exact: true });
  await button.click();
  const copied = dialog.getByRole('button', { name: 'Copied', exact: true });
  await copied.waitFor();
  const since = performance.now();
  await dialog.getByRole('status').getByText('Copied').waitFor({ state: 'attached' });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await button.waitFor();
  expect(performance.now() - since).toBeGreaterThan(1000);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  await told(page, 'API key created.');
  expect((await server.verifier.verify(secret)).valid).toBe(true);
});

test('dronahq H5: the secret is shown once; afterwards its last four characters alone', async () => {
  const { page } = await server.open('/w/demo/dronahq');
  const form = await openForm(page, 'New Key');
  await form.getByLabel('Name').fill('Once');
  await form.getByRole('checkbox', { name: 'Agent', exact: true }).check();
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await revealOf(page).getByText('Treat the secret like a password.').waitFor();
  const secret = await copyAndClose(page, 'Once');
  await rowOf(page, 'Once')
    .getByText(`••••••••${secret.slice(-4)}`)
    .waitFor();
  await page.reload();
  await rowOf(page, 'Once').waitFor();
  expect(await remains(page)).not.toContain(secret);
});

test('voice-agent V5: the value is in the answer to making the key, and nowhere else', async () => {
  const { page } = await server.open('/w/demo/voice-agent');
  const answers: string[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/graphql'))
      void response.text().then(
        (text) => answers.push(text),
        () => undefined,
      );
  });
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Server');
  await form.getByRole('radio', { name: /^Private/ }).check();
  await form.getByRole('radio', { name: 'Somebody else' }).check();
  await form.getByLabel('User id').fill('u-7');
  await form.getByLabel('E-mail address').fill('u7@example.com');
  await form.getByRole('button', { name: 'Create API Key' }).click();
  await revealOf(page).getByText('they cannot be retrieved later').waitFor();
  const secret = await copyAndClose(page, 'Server');
  await rowOf(page, 'Server').waitFor();
  expect(answers.filter((answer) => answer.includes(secret))).toHaveLength(1);
});

test('after Done the secret is in no element, attribute, storage, address, history or cache of the page', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const secret = await make(page, 'Gone');
  const attributes = await page.evaluate(
    (text) =>
      [...document.querySelectorAll('*')].flatMap((element) =>
        [...element.attributes].filter(({ value }) => value.includes(text)).map(({ name }) => name),
      ),
    secret,
  );
  expect(attributes).toEqual([]);
  expect(await inMemory(page, secret)).toBeGreaterThan(0); // the look would find it
  expect(await copyAndClose(page, 'Gone')).toBe(secret);
  await rowOf(page, 'Gone').waitFor();
  expect(await remains(page)).not.toContain(secret);
  expect(await inMemory(page, secret)).toBe(0);
});

test('Done, Escape and Back ask before they close what was not copied; a click outside does nothing', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await page.getByRole('link', { name: 'Dagen', exact: true }).click();
  const secret = await make(page, 'Asked');
  await page.mouse.click(5, 5);
  await expect.poll(() => question(page).count()).toBe(0);
  for (const leave of [
    () => revealOf(page).getByRole('button', { name: 'Done' }).click(),
    () => page.keyboard.press('Escape'),
    () => page.goBack(),
    () => page.goBack(),
  ]) {
    await leave();
    await question(page).waitFor();
    if (leave.toString().includes('Escape')) expect(await graveIssues(page)).toEqual([]);
    await question(page).getByRole('button', { name: 'Back to the key' }).click();
    await question(page).waitFor({ state: 'detached' });
    expect(await shownSecret(page, 'Asked')).toBe(secret);
    expect(new URL(page.url()).pathname).toBe('/w/demo/dagen');
  }
  await revealOf(page).getByRole('button', { name: 'Done' }).click();
  await question(page).getByRole('button', { name: 'Close without it' }).click();
  await revealOf(page).waitFor({ state: 'detached' });
  expect(await remains(page)).not.toContain(secret);
  await rowOf(page, 'Asked').waitFor();
});

test('the browser asks before it leaves the page with a secret that was not copied', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const asked: string[] = [];
  page.on('dialog', (dialog) => asked.push(dialog.type()));
  const secret = await make(page, 'Left');
  await page.goto(`${server.url}/w/demo/ayra`);
  expect(asked).toEqual(['beforeunload']);
  await page.goBack();
  await rowOf(page, 'Left').waitFor();
  expect(await remains(page)).not.toContain(secret);
  await make(page, 'Left later');
  await copyAndClose(page, 'Left later');
  await page.goto(`${server.url}/w/demo/ayra`);
  expect(asked).toHaveLength(1);
});

test('the secret goes with the page and with the session', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  // Of what the page was asking for when the session ended.
  expectProblem(/401/);
  const secret = await make(page, 'Hidden');
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  expect(await remains(page)).not.toContain(secret);
  const other = await make(page, 'Signed out');
  await page.getByRole('button', { name: 'Sign out', includeHidden: true }).dispatchEvent('click');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await remains(page)).not.toContain(other);
  await page.getByLabel('One-time code').fill(await server.linkFor(OWNER));
  await page.keyboard.press('Enter');
  await rowOf(page, 'Signed out').waitFor();
  await expect.poll(() => page.getByRole('alertdialog').count()).toBe(0);
});

test('the secret is not in the page while the session is over, and shown again to the same person alone', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/401/);
  const over = page.getByRole('dialog', { name: 'Your session is over' });
  /** The session ends, and with it the page's stream, which it may not open again. */
  const end = async (): Promise<void> => {
    const headers = { 'X-Keyfold-CSRF': '1', 'Content-Type': 'application/json', Origin: server.url };
    expect((await page.context().request.delete(`${server.url}/session`, { headers })).status()).toBe(204);
    await over.waitFor();
  };
  const signIn = async (person: Person): Promise<void> => {
    await over.getByLabel('One-time code').fill(await server.linkFor(person));
    await over.getByRole('button', { name: 'Sign in' }).click();
  };
  const secret = await make(page, 'Waiting');
  await end();
  expect(await remains(page)).not.toContain(secret);
  expect(await graveIssues(page)).toEqual([]);
  // Whoever finds the page can do nothing to it, either.
  await page.evaluate(() => window.history.back());
  await page.keyboard.press('Escape');
  await signIn(OWNER);
  await over.waitFor({ state: 'detached' });
  await revealOf(page).getByText(secret, { exact: true }).waitFor();
  await expect.poll(() => question(page).count()).toBe(0);
  await end();
  await signIn({ subject: 'bob', workspaces: { demo: 'admin' } });
  await page.getByRole('heading', { name: 'bob is signed in now' }).waitFor();
  expect(await remains(page)).not.toContain(secret);
});

test('without a clipboard the key is selected, the person is told, and copying by hand counts', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const secret = await make(page, 'By hand');
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('refused', 'NotAllowedError'));
  });
  await revealOf(page).getByRole('button', { name: 'Copy', exact: true }).click();
  await revealOf(page).getByText('it could not be copied for you').waitFor();
  await expect.poll(() => revealOf(page).getByRole('button', { name: 'Copied' }).count()).toBe(0);
  expect(await page.evaluate(() => window.getSelection()?.toString())).toBe(secret);
  expect(await graveIssues(page)).toEqual([]);
  await page.keyboard.press('Control+c');
  await revealOf(page).getByRole('button', { name: 'Done' }).click();
  await revealOf(page).waitFor({ state: 'detached' });
});

test('a list that cannot be read again does not lose the secret', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/ERR_FAILED|Failed to load resource/);
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('KeysPage') === true ? route.abort() : route.continue(),
  );
  const secret = await make(page, 'Kept');
  expect(await shownSecret(page, 'Kept')).toBe(secret);
  await copyAndClose(page, 'Kept');
  await page.getByText('Keyfold cannot be reached.').first().waitFor();
});

test('focus goes back to the button that opened the form', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await make(page, 'Focused');
  await copyAndClose(page, 'Focused');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Create API Key');
});

test('dagen D10: regenerate asks, the old secret stops at once, the same key has a new one, shown once', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const old = await make(page, 'Rotated');
  await copyAndClose(page, 'Rotated');
  await chooseAction(page, 'Rotated', 'Regenerate');
  const asked = page.getByRole('alertdialog', { name: 'Regenerate API key?' });
  await asked.getByText('The old secret stops working immediately.').waitFor();
  await expect.poll(() => asked.getByLabel('The old secret stops').count()).toBe(0);
  expect(await graveIssues(page)).toEqual([]);
  await asked.getByRole('button', { name: 'Regenerate' }).click();
  await page.getByRole('alertdialog', { name: 'Copy your API key' }).waitFor();
  const fresh = await copyAndClose(page, 'Rotated');
  await told(page, 'API key regenerated.');
  expect(fresh).not.toBe(old);
  const verdicts = await Promise.all([server.verifier.verify(old), server.verifier.verify(fresh)]);
  expect(verdicts.map(({ valid }) => valid)).toEqual([false, true]);
  await rowOf(page, 'Rotated')
    .getByText(`${fresh.slice(0, 7)}…`)
    .waitFor();
  expect(await remains(page)).not.toContain(fresh);
});

test('ayra A7 A8: regenerate with an overlap: both secrets work, at most for eight days', async () => {
  const { page } = await server.open('/w/demo/ayra');
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Overlapping');
  await form.getByRole('radio', { name: /^Live/ }).check();
  await form.getByRole('checkbox', { name: /^agents:read/ }).check();
  await form.getByRole('button', { name: 'Generate Key' }).click();
  await revealOf(page).waitFor();
  const old = await copyAndClose(page, 'Overlapping');
  await chooseAction(page, 'Overlapping', 'Regenerate');
  const asked = page.getByRole('alertdialog', { name: 'Regenerate this API key?' });
  const overlap = asked.getByLabel('The old secret stops');
  await overlap.waitFor();
  await expect
    .poll(() => overlap.locator('option').allInnerTexts())
    .toEqual([
      'At once',
      'After 1 hour',
      'After 1 day',
      'After 3 days',
      'After 7 days',
      'After 8 days',
      'After another time',
    ]);
  await expect.poll(() => overlap.inputValue()).toBe('0');
  const regenerate = asked.getByRole('button', { name: 'Regenerate' });
  await overlap.selectOption('After another time');
  await expect.poll(() => regenerate.isDisabled()).toBe(true);
  await asked.getByLabel('Hours').fill('193');
  await asked.getByText('Give a number from 0 to 192.').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await asked.getByLabel('Hours').fill('12');
  await regenerate.click();
  await revealOf(page).getByText('displayed exactly once').waitFor();
  const fresh = await copyAndClose(page, 'Overlapping');
  const verdicts = await Promise.all([server.verifier.verify(old), server.verifier.verify(fresh)]);
  expect(verdicts.map(({ valid }) => valid)).toEqual([true, true]);
});
