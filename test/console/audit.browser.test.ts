// The audit of a workspace: what happened and whether it joins, who could do what, what became different, what was signed.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkBundle } from '../../events/proof/check.ts';
import { linesOf } from '../../events/proof/lines.ts';
import { payload, type Api } from '../support/api.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console, type Person } from './console.ts';
import { makeKey } from './made-key.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

/** A workspace of a test's own. */
async function workspaceOf(workspaceId: string): Promise<{ person: Person; api: Api; path: string }> {
  const person: Person = { subject: 'ada', workspaces: { [workspaceId]: 'admin' } };
  return { person, api: await server.apiOf(person), path: `/w/${workspaceId}/audit` };
}

const entries = (page: Page) => page.getByRole('list', { name: 'History' }).getByRole('listitem');
const proof = (page: Page) => page.getByRole('region', { name: 'Proof' });
const localTime = (time: string): string =>
  // The window's zone.
  new Date(time).toLocaleString('sv-SE', { timeZone: 'Europe/Berlin' }).replace(' ', 'T');
/** Later than all that has happened, as times are told: to the millisecond. */
const nextMoment = async (): Promise<string> => {
  const begin = Date.now();
  await expect.poll(() => Date.now()).toBeGreaterThan(begin + 1);
  return new Date(Date.now() - 1).toISOString();
};

test('the history tells who did what to which key, before and after; its links join, and a command proves the rest', async () => {
  const { person, api, path } = await workspaceOf('told');
  const key = await makeKey(api, { workspaceId: 'told', keyspace: 'dronahq', name: 'Old', scopes: ['agent'] });
  payload(await api.settle('updateKey', { id: key.id, name: 'New' }));
  payload(await api.settle('changeScopes', { id: key.id, scopes: ['agent', 'voice_agent'] }));
  const { page } = await server.open(path, { person });
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
  await page.getByText('3 events', { exact: true }).waitFor();
  await expect
    .poll(() => entries(page).getByRole('heading').allInnerTexts())
    .toEqual(['Permissions changed by ada', 'Details changed by ada', 'Created by ada']);
  const row = (at: number) => entries(page).nth(at).getByRole('row').nth(1);
  await expect.poll(() => row(0).innerText()).toBe('Scopes\tagent\tagent, voice_agent');
  await expect.poll(() => row(1).innerText()).toBe('Name\tOld\tNew');
  await proof(page).getByText('3 of 3 links join.').waitFor();
  const commands = 'keyfold events export --workspace told > told.ndjson\nkeyfold audit verify told.ndjson';
  await expect.poll(() => proof(page).locator('code').innerText()).toBe(commands);
  await proof(page).getByRole('button', { name: 'Copy the commands' }).click();
  await proof(page).getByText('Copied').first().waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(commands);
  expect(await graveIssues(page)).toEqual([]);
  await page.getByRole('link', { name: 'Key New' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'New' }).waitFor();
});

test('filters are in the address, and what they leave out is said of the links', async () => {
  const { person, api, path } = await workspaceOf('narrow');
  const one = await makeKey(api, { workspaceId: 'narrow', keyspace: 'dagen', name: 'One', scopes: ['agents'] });
  await makeKey(api, { workspaceId: 'narrow', keyspace: 'dagen', name: 'Two', scopes: ['agents'] });
  const bob = await server.apiOf({ subject: 'bob', workspaces: { narrow: 'admin' } });
  payload(await bob.settle('disableKey', { id: one.id }));
  const events = await api.history(one.keyId);
  const { page } = await server.open(path, { person });
  await page.getByText('3 events', { exact: true }).waitFor();
  const titles = () => entries(page).getByRole('heading').allInnerTexts();
  const filter = async (label: string, text: string): Promise<void> => {
    await page.getByLabel(label, { exact: true }).fill(text);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Clear filters' }).waitFor();
  };
  const clear = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('3 events', { exact: true }).waitFor();
  };

  await filter('Actor', 'bob');
  await page.getByText('1 event', { exact: true }).waitFor();
  await expect.poll(() => titles()).toEqual(['Disabled by bob']);
  expect(new URL(page.url()).searchParams.get('actor')).toBe('bob');
  await proof(page).getByText('1 more cannot be told: the event before it is not loaded.').waitFor();
  await page.reload();
  await page.getByText('1 event', { exact: true }).waitFor();
  await clear();

  await page.getByLabel('What happened').selectOption('Created');
  await page.getByText('2 events', { exact: true }).waitFor();
  await expect.poll(() => titles()).toEqual(['Created by ada', 'Created by ada']);
  await clear();
  await filter('Key id', one.keyId);
  await page.getByText('2 events', { exact: true }).waitFor();
  await proof(page).getByText('2 of 2 links join.').waitFor();
  await clear();
  await filter('Request id', events[0]?.requestId ?? '');
  await page.getByText('1 event', { exact: true }).waitFor();
  await expect.poll(() => titles()).toEqual(['Created by ada']);
  await clear();
  await filter('To day', '2020-01-01');
  await page.getByText('No event matches these filters.').waitFor();
  await clear();
  await page
    .getByRole('button', { name: `Only this key: ${one.keyId}` })
    .first()
    .click();
  await page.getByText('2 events', { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('key')).toBe(one.keyId);
});

test('a long history comes in pages, and each link is told once both of its events are loaded', async () => {
  const { person, api, path } = await workspaceOf('long');
  const key = await makeKey(api, { workspaceId: 'long', keyspace: 'dagen', name: 'Busy', scopes: ['agents'] });
  for (let at = 0; at < 28; at++)
    for (const command of ['disableKey', 'enableKey'] as const) payload(await api.settle(command, { id: key.id }));
  const { page } = await server.open(path, { person });
  await page.getByText('50 of 57 events', { exact: true }).waitFor();
  await proof(page).getByText('49 of 49 links join.').waitFor();
  await proof(page).getByText('1 more cannot be told').waitFor();
  await page.getByRole('button', { name: 'Earlier events' }).click();
  await proof(page).getByText('57 of 57 links join.').waitFor();
  await expect.poll(() => entries(page).count()).toBe(57);
  await expect.poll(() => page.getByRole('button', { name: 'Earlier events' }).count()).toBe(0);
  payload(await api.settle('disableKey', { id: key.id }));
  await page.getByRole('button', { name: '1 new event: show' }).click();
  await page.getByText('50 of 58 events', { exact: true }).waitFor();
});

test('a link that does not join is red, and said at its event', async () => {
  const { person, api, path } = await workspaceOf('forged');
  const key = await makeKey(api, { workspaceId: 'forged', keyspace: 'dagen', name: 'Forged', scopes: ['agents'] });
  payload(await api.settle('disableKey', { id: key.id }));
  const forged = (await api.history(key.keyId))[0]?.hash ?? '';
  const { page } = await server.open('/health', { person });
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('AuditHistory') !== true) return route.continue();
    const response = await route.fetch();
    const text = await response.text();
    return route.fulfill({ response, body: text.replaceAll(`"hash":"${forged}"`, `"hash":"${'f'.repeat(64)}"`) });
  });
  await page.goto(server.url + path);
  await proof(page).getByText('1 of 2 links join.').waitFor();
  await proof(page).getByText('1 link does not join: the history is not as it was written.').waitFor();
  await entries(page).first().getByText('(does not join the event before)').waitFor();
  expect(await graveIssues(page)).toEqual([]);
});

test('who could: the keys that a scope or a resource was open to at a time, as they were then', async () => {
  const { person, api, path } = await workspaceOf('could');
  const make = (name: string, scopes: readonly string[]) =>
    makeKey(api, { workspaceId: 'could', keyspace: 'dronahq', name, scopes, owner: { id: 'u-9' } });
  const ended = await make('Ended', ['agent']);
  await make('Other', ['voice_agent']);
  const then = await nextMoment();
  payload(await api.settle('disableKey', { id: ended.id }));
  const { page } = await server.open(`${path}?tab=access`, { person });
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('Give a scope or a resource.').waitFor();
  await page.getByLabel('Scope').fill('agent');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('No key could.').waitFor();
  await page.goto(`${server.url}${path}?tab=access&scope=agent&at=${encodeURIComponent(then)}`);
  const table = page.getByRole('region', { name: 'Keys that could' });
  await table.getByText('Ended').waitFor();
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  await expect.poll(() => table.getByRole('cell', { name: 'u-9' }).count()).toBe(1);
  expect(await graveIssues(page)).toEqual([]);
  await table.getByRole('link', { name: 'Ended' }).click();
  await page.getByText('This is the past').waitFor();
  expect(new URL(page.url()).searchParams.get('at')).toBe(then);
});

test('who could: whatever lets a key in counts, not only the scope that was asked for by its name', async () => {
  const { person, api, path } = await workspaceOf('implied');
  const keyspaces = [
    ['ayra', { environment: 'live' }, ['contacts:read', 'contacts:write', 'admin:full', 'agents:read']],
    ['project-admin', {}, ['calls:read', 'calls:write', 'contacts:write']],
  ] as const;
  const keys: { readonly name: string; readonly secret: string }[] = [];
  for (const [keyspace, more, scopes] of keyspaces)
    for (const scope of scopes) {
      const name = `${keyspace} ${scope}`;
      const { secret } = await makeKey(api, { workspaceId: 'implied', keyspace, name, scopes: [scope], ...more });
      await expect.poll(async () => (await server.verifier.verify(secret)).code).toBe('VALID');
      keys.push({ name, secret });
    }
  for (const [asked, least] of [
    ['contacts:read', 3],
    ['calls:read', 3],
  ] as const) {
    const letIn: string[] = [];
    for (const { name, secret } of keys)
      if ((await server.verifier.verify(secret, { scopes: [asked] })).valid) letIn.push(name);
    expect(letIn.length).toBeGreaterThanOrEqual(least);
    const { page } = await server.open(`${path}?tab=access&scope=${asked}&at=${await nextMoment()}`, { person });
    const names = page.getByRole('region', { name: 'Keys that could' }).getByRole('link');
    await expect.poll(() => names.allInnerTexts()).toEqual(letIn.sort());
  }
});

test('an access review tells what each key could at two times, and gives it as a file in which nothing is a formula', async () => {
  const { person, api, path } = await workspaceOf('review');
  const make = (name: string) =>
    makeKey(api, { workspaceId: 'review', keyspace: 'dronahq', name, scopes: ['agent'], owner: { id: 'u-1' } });
  const changed = await make('=Changed, twice');
  await make('Same');
  const from = await nextMoment();
  payload(await api.settle('changeScopes', { id: changed.id, scopes: ['voice_agent'] }));
  payload(await api.settle('disableKey', { id: changed.id }));
  await make('Made since');
  const to = await nextMoment();
  const { page } = await server.open(`${path}?tab=review`, { person });
  await page.getByLabel(/^To/).fill(localTime('2020-01-01T00:00:00Z'));
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('Must be earlier than the other time.').waitFor();
  await page.getByLabel(/^To/).fill('');
  await page.getByRole('button', { name: 'Show' }).click();
  const table = page.getByRole('region', { name: 'Access review' });
  await table.getByText('Made since').waitFor();
  await expect.poll(() => table.getByText('made', { exact: true }).count()).toBe(3);

  const times = new URLSearchParams({ since: from, until: to });
  await page.goto(`${server.url}${path}?tab=review&${times.toString()}`);
  const row = (name: string) => table.getByRole('row').filter({ hasText: name });
  const cells = async (name: string) => (await row(name).getByRole('cell').allInnerTexts()).slice(1);
  await row('Same').waitFor();
  const [owner, scopes, lastUse, differences, count] = await cells('=Changed');
  expect([owner, scopes, lastUse, count]).toEqual(['u-1', 'voice_agent', 'never', '2']);
  expect(differences).toMatch(/^Status: .+ → .+\nScopes: agent → voice_agent$/);
  await expect.poll(() => cells('Same')).toEqual(['u-1', 'agent', 'never', 'the same', '0']);
  await expect.poll(() => cells('Made since')).toEqual(['u-1', 'agent', 'never', 'made', '1']);
  expect(await graveIssues(page)).toEqual([]);

  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toMatch(/^access-review-review-.*\.csv$/);
  const [titles, ...lines] = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
  expect(titles).toMatch(/^key,name,keyspace,owner,/);
  expect(lines).toHaveLength(3);
  const line = lines.find((each) => each.startsWith(changed.keyId));
  expect(line).toContain(`"'=Changed, twice",dronahq,u-1,`);
  expect(line).toContain(',ACTIVE,agent,*,');
  expect(line).toContain(',DISABLED,voice_agent,*,');
});

test('checkpoints are listed, and the export that one of them proves comes as a file', async () => {
  const { person, api, path } = await workspaceOf('signed');
  await makeKey(api, { workspaceId: 'signed', keyspace: 'dagen', name: 'Signed', scopes: ['agents'] });
  const { page, expect: expectProblem } = await server.open(`${path}?tab=checkpoints`, { person });
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export the history' }).click();
  const file = await coming;
  await page.getByText('The export is complete.').waitFor();
  const result = await checkBundle({ lines: linesOf(createReadStream(await file.path())) });
  expect(result.kind).toBe('intact');
  expect(result).toMatchObject({ summary: { workspace: 'signed', keys: 1, events: 1 } });
  const table = page.getByRole('region', { name: 'Checkpoints' });
  await table.getByRole('row').nth(1).waitFor();
  expect(await graveIssues(page)).toEqual([]);
  const published = await page.getByRole('link', { name: 'All signed checkpoints' }).getAttribute('href');
  expect((await fetch(new URL(published ?? '', server.url))).status).toBe(200);

  expectProblem(/429|ERR_FAILED/);
  await page.route('**/v1/events/export**', (route) => route.abort());
  await page.getByRole('button', { name: 'Export the history' }).click();
  await page.getByText('The export was cut off').waitFor();
  await page.unroute('**/v1/events/export**');
  await page.route('**/v1/events/export**', (route) =>
    route.fulfill({ status: 429, json: { errors: [{ message: 'let one end first.' }] } }),
  );
  await page.getByRole('button', { name: 'Export the history' }).click();
  await page.getByText('It was not exported: let one end first.').waitFor();
});

test('where checkpoints could not be read, that alone is said, and not that there are none', async () => {
  const { person, path } = await workspaceOf('unsigned');
  const { page } = await server.open('/health', { person });
  let refused = false;
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('AuditCheckpoints') !== true) return route.continue();
    if (refused) return route.fulfill({ json: { errors: [{ message: 'Not now.' }] } });
    const response = await route.fetch();
    const { data } = (await response.json()) as { data: { workspace: { checkpoints: object } } };
    Object.assign(data.workspace.checkpoints, { nodes: [], totalCount: 0 });
    return route.fulfill({ response, json: { data } });
  });
  await page.goto(`${server.url}${path}?tab=checkpoints`);
  const none = page.getByText('None was signed yet.');
  await none.waitFor();
  refused = true;
  await page.getByRole('button', { name: 'Export the history' }).click();
  await page.getByRole('alert').getByText('This could not be loaded: Not now.').waitFor();
  await expect.poll(() => none.count()).toBe(0);
  expect(await page.getByRole('alert').count()).toBe(1);
  expect(await graveIssues(page)).toEqual([]);
  refused = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await none.waitFor();
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
});

test('who may not audit finds no such page; on a narrow screen nothing is cut off; a failure is tried again', async () => {
  const { api, path } = await workspaceOf('narrowscreen');
  const name = `Long ${'name'.repeat(20)}`;
  await makeKey(api, { workspaceId: 'narrowscreen', keyspace: 'dagen', name, scopes: ['agents'] });
  for (const role of ['member', 'viewer'] as const) {
    const other: Person = { subject: 'eve', workspaces: { narrowscreen: role } };
    const { page } = await server.open(path, { person: other });
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  }
  const auditor: Person = { subject: 'ann', workspaces: { narrowscreen: 'auditor' } };
  const { page, expect: expectProblem } = await server.open(path, { person: auditor, width: 360, height: 740 });
  await page.getByRole('link', { name: `Key ${name}` }).waitFor();
  for (const tab of ['Who could', 'Access review', 'Checkpoints', 'History']) {
    await page.getByRole('tab', { name: tab }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), tab).toBeLessThanOrEqual(360);
  }
  await page.getByText('1 event', { exact: true }).waitFor();
  expectProblem(/ERR_FAILED/);
  await page.route('**/graphql', (route) => route.abort());
  await page.getByLabel('What happened').selectOption('Disabled');
  await page.getByText('Keyfold cannot be reached.').first().waitFor();
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.getByText('No event matches these filters.').waitFor();
});
