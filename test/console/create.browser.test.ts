// Making a key: exactly the fields and rules of each product, and nothing that is typed is lost.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { copyAndClose, formOf, openForm, revealOf, rowOf, told } from './key-forms.ts';

let server: Console;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const KEYS = `query ($keyspace: String!) { workspace(id: "demo") { keys(first: 50, filter: { keyspace: $keyspace }) {
  nodes { name type scopes unrestricted resources { all ids } flags origins owner { id email } expiresAt environment tags metadata
    rateLimit { limit windowSeconds } } } } }`;

interface Made {
  readonly name: string;
  readonly expiresAt: string | null;
  readonly [member: string]: unknown;
}

async function made(keyspace: string, name: string): Promise<Made> {
  const { workspace } = await server.api.query<{ workspace: { keys: { nodes: Made[] } } }>(KEYS, { keyspace });
  const found = workspace.keys.nodes.find((key) => key.name === name);
  if (!found) throw new Error(`there is no key ${name}`);
  return found;
}

const DAY = 86_400_000;
const isoDay = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

test('dagen D7: Create is disabled until name and scope are valid; a click outside neither closes nor loses anything', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const form = await openForm(page, 'Create API Key');
  const create = form.getByRole('button', { name: 'Create', exact: true });
  await expect.poll(() => create.isDisabled()).toBe(true);
  await form.getByText('To be filled in or mended: Name and Scopes.').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  const name = form.getByLabel('Name');
  await name.fill('Nightly');
  await expect.poll(() => create.isDisabled()).toBe(true);
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  await expect.poll(() => create.isEnabled()).toBe(true);
  await name.fill('   ');
  await expect.poll(() => create.isDisabled()).toBe(true);
  await form.getByText('This is needed.').waitFor();
  await name.fill('Nightly');
  await page.mouse.click(5, 5);
  await expect.poll(() => name.inputValue()).toBe('Nightly');
  await expect.poll(() => form.getByRole('checkbox', { name: 'Agents' }).isChecked()).toBe(true);
  await page.keyboard.press('Escape');
  await revealOf(page).getByText('Discard what you entered?').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await revealOf(page).getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => name.inputValue()).toBe('Nightly');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await revealOf(page).getByRole('button', { name: 'Discard' }).click();
  await form.waitFor({ state: 'detached' });
});

test('dagen D6 D7: the empty state makes the first key, and a snackbar tells it', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await page.getByText(/No API keys/).waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Create API Key' }).count()).toBe(2);
  await page.getByRole('button', { name: 'Create API Key' }).last().click();
  const form = formOf(page);
  await form.getByLabel('Name').fill('First');
  await form.getByRole('checkbox', { name: 'Workflows' }).check();
  await page.keyboard.press('Enter');
  await revealOf(page).waitFor();
  await copyAndClose(page, 'First');
  await told(page, 'API key created.');
  await rowOf(page, 'First').waitFor();
});

test('dagen D3: the rate limit is a whole number from 1 to 600 a minute, 60 unless another is given', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const form = await openForm(page, 'Create API Key');
  const limit = form.getByLabel('Rate limit (requests per minute)');
  await expect.poll(() => limit.inputValue()).toBe('60');
  await form.getByLabel('Name').fill('Limited');
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  const create = form.getByRole('button', { name: 'Create', exact: true });
  for (const wrong of ['0', '601', '1.5']) {
    await limit.fill(wrong);
    await expect.poll(() => create.isDisabled()).toBe(true);
    await form.getByText(/Give a number from 1 to 600\.|Give a whole number\./).waitFor();
  }
  await limit.fill('600');
  await create.click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Limited');
  expect((await made('dagen', 'Limited')).rateLimit).toEqual({ limit: 600, windowSeconds: 60 });
});

test('dagen D4: the expiration may be left out, and must be after today', async () => {
  const { page } = await server.open('/w/demo/dagen');
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Ends');
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  const create = form.getByRole('button', { name: 'Create', exact: true });
  await expect.poll(() => create.isEnabled()).toBe(true);
  await form.getByLabel('Expiration').selectOption('Custom date');
  await expect.poll(() => create.isDisabled()).toBe(true);
  const day = form.getByLabel('Custom date', { exact: true });
  await day.fill(isoDay(0));
  await form.getByText('Choose a day after today.').waitFor();
  await expect.poll(() => create.isDisabled()).toBe(true);
  await day.fill(isoDay(1));
  await form.getByText(/^Works until .*\(UTC\)\.$/).waitFor();
  await create.click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Ends');
  expect((await made('dagen', 'Ends')).expiresAt).toBe(`${isoDay(1)}T23:59:59.999Z`);
});

test('dronahq H4: name required; expires Never, in 30 days, 90 days, 1 year or on a date', async () => {
  const { page } = await server.open('/w/demo/dronahq');
  const form = await openForm(page, 'New Key');
  const create = form.getByRole('button', { name: 'Create', exact: true });
  await form.getByRole('checkbox', { name: 'Agent', exact: true }).check();
  await expect.poll(() => create.isDisabled()).toBe(true);
  const expires = form.getByLabel('Expires');
  await expect
    .poll(() => expires.locator('option').allInnerTexts())
    .toEqual(['Never', '30 days', '90 days', '1 year', 'Custom date']);
  await expires.selectOption('90 days');
  await form.getByLabel('Name').fill('Quarter');
  await create.click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Quarter');
  const { expiresAt } = await made('dronahq', 'Quarter');
  expect(Math.round((Date.parse(expiresAt ?? '') - Date.now()) / DAY)).toBe(90);
});

test('dronahq H3: All Agents, or a list that is typed or pasted', async () => {
  const { page } = await server.open('/w/demo/dronahq');
  const form = await openForm(page, 'New Key');
  await form.getByLabel('Name').fill('Two agents');
  await form.getByRole('checkbox', { name: 'Voice Agent' }).check();
  await expect.poll(() => form.getByRole('radio', { name: 'All Agents' }).isChecked()).toBe(true);
  await form.getByText('It may use Voice Agent. It reaches: All Agents.').waitFor();
  await form.getByRole('radio', { name: 'Only these' }).check();
  await form.getByText('With an empty list it reaches nothing.').waitFor();
  const ids = form.getByLabel('Agent ids');
  await ids.fill('a-1');
  await page.keyboard.press('Enter');
  await ids.fill('a-2');
  await page.keyboard.press(',');
  await form.getByText('It reaches 2 of: Agent.').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Two agents');
  expect((await made('dronahq', 'Two agents')).resources).toEqual({ all: false, ids: ['a-1', 'a-2'] });
});

test('voice-agent V1 V2 V3 V4: a public key needs an origin; assistants, the flag, and the owner', async () => {
  const { page } = await server.open('/w/demo/voice-agent');
  const form = await openForm(page, 'Create API Key');
  const create = form.getByRole('button', { name: 'Create API Key' });
  await form.getByLabel('Name').fill('Web page');
  await form.getByRole('radio', { name: 'Somebody else' }).check();
  await form.getByLabel('User id').fill('u-7');
  await form.getByLabel('E-mail address').fill('u7@example.com');
  await expect.poll(() => create.isDisabled()).toBe(true);
  await form.getByRole('radio', { name: /^Private/ }).check();
  await expect.poll(() => create.isEnabled()).toBe(true);
  await form.getByRole('radio', { name: /^Public/ }).check();
  await expect.poll(() => create.isDisabled()).toBe(true);
  const origins = form.getByLabel('Allowed origins');
  await origins.fill('not an origin');
  await page.keyboard.press('Enter');
  await form.getByText('Give each as http(s)://host').waitFor();
  await expect.poll(() => create.isDisabled()).toBe(true);
  await expect.poll(() => form.getByLabel('Name').inputValue()).toBe('Web page');
  for (const word of ['not', 'an', 'origin']) await form.getByRole('button', { name: `Remove ${word}` }).click();
  await origins.fill('https://app.example.com');
  await page.keyboard.press('Enter');
  await form.getByRole('radio', { name: 'Only these' }).check();
  await form.getByLabel('Assistant ids').fill('asst-1');
  await page.keyboard.press('Enter');
  await form.getByRole('checkbox', { name: /^Transient assistants/ }).check();
  expect(await graveIssues(page)).toEqual([]);
  await create.click();
  await revealOf(page).waitFor();
  const secret = await copyAndClose(page, 'Web page');
  expect(secret).toMatch(/^va_public_/);
  expect(await made('voice-agent', 'Web page')).toMatchObject({
    type: 'public',
    origins: ['https://app.example.com'],
    resources: { all: false, ids: ['asst-1'] },
    flags: ['transientAssistant'],
    owner: { id: 'u-7', email: 'u7@example.com' },
  });
});

test('voice-agent V4: whose sign-in tells no e-mail address gives one with “Me”', async () => {
  const { page } = await server.open('/w/demo/voice-agent');
  const form = await openForm(page, 'Create API Key');
  const create = form.getByRole('button', { name: 'Create API Key' });
  await form.getByLabel('Name').fill('Mine');
  await form.getByRole('radio', { name: /^Private/ }).check();
  await form.getByText('To be filled in or mended: Owner.').waitFor();
  await expect.poll(() => create.isDisabled()).toBe(true);
  await form.getByText('Your sign-in has told none.').waitFor();
  const email = form.getByLabel('E-mail address');
  await email.fill('alice');
  await expect.poll(() => create.isDisabled()).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
  await email.fill('alice@example.com');
  await create.click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Mine');
  expect(await made('voice-agent', 'Mine')).toMatchObject({ owner: { id: 'alice', email: 'alice@example.com' } });
});

test('voice-agent V4: what the server refuses stands at its field, and nothing typed is lost', async () => {
  const { page } = await server.open('/w/demo/voice-agent');
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Refused');
  await form.getByRole('radio', { name: /^Private/ }).check();
  await form.getByLabel('E-mail address').fill('alice@example.com');
  const issue = { path: ['owner', 'email'], message: 'must be another e-mail address' };
  const refusal = { __typename: 'InvalidInput', code: 'INVALID_INPUT', ...issue, issues: [issue] };
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('mutation CreateKey') === true
      ? route.fulfill({ json: { data: { createKey: refusal } } })
      : route.continue(),
  );
  await form.getByRole('button', { name: 'Create API Key' }).click();
  await form
    .getByRole('group', { name: /^Owner/ })
    .getByText('must be another e-mail address')
    .waitFor();
  await expect.poll(() => form.getByLabel('Name').inputValue()).toBe('Refused');
  expect(await graveIssues(page)).toEqual([]);
});

test('ayra A1 A4 A12: an environment, sets of scopes to begin with, advice on a name that says nothing', async () => {
  const { page } = await server.open('/w/demo/ayra');
  const form = await openForm(page, 'Create API Key');
  const create = form.getByRole('button', { name: 'Generate Key' });
  for (const name of ['Key 1', 'test', ' New  Key ', 'API Key']) {
    await form.getByLabel('Name').fill(name);
    await form
      .getByText(/Choose a name that says what the key is for|descriptive/i)
      .first()
      .waitFor();
  }
  await form.getByLabel('Name').fill('Contact sync');
  await expect.poll(() => form.getByText(/^Choose a name that says what the key is for/).count()).toBe(0);
  await expect.poll(() => create.isDisabled()).toBe(true);
  await form.getByRole('radio', { name: /^Test/ }).check();
  await form.getByRole('button', { name: 'Contact creator' }).click();
  for (const scope of ['contacts:write', 'contacts:read'])
    await expect.poll(() => form.getByRole('checkbox', { name: new RegExp(`^${scope}`) }).isChecked()).toBe(true);
  // A3: write does not imply read, and the one that covers everything does.
  await form.getByRole('checkbox', { name: /^contacts:read/ }).uncheck();
  await expect.poll(() => form.getByRole('checkbox', { name: /^contacts:read/ }).isChecked()).toBe(false);
  await form.getByRole('checkbox', { name: /^admin:full/ }).check();
  await expect.poll(() => form.getByRole('checkbox', { name: /^agents:read/ }).isDisabled()).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
  await form.getByRole('button', { name: 'Read-only dashboard' }).click();
  await form.getByText('It may use analytics:read and conversations:read.').waitFor();
  await form.getByLabel('Purpose').fill('Dashboards');
  // A tag is a text of its own, whatever stands in it; one that is left in the field counts, too.
  const tags = form.getByLabel('Tags');
  await tags.fill('sandbox');
  await page.keyboard.press('Enter');
  await tags.pressSequentially('Team A, night shift; Köln ');
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: 'Remove Team A, night shift; Köln' }).waitFor();
  await tags.fill('third floor');
  await create.click();
  await revealOf(page).waitFor();
  const secret = await copyAndClose(page, 'Contact sync');
  expect(secret).toMatch(/^sk_test_/);
  expect(await made('ayra', 'Contact sync')).toMatchObject({
    environment: 'test',
    scopes: ['analytics:read', 'conversations:read'],
    metadata: { purpose: 'Dashboards' },
    tags: ['sandbox', 'Team A, night shift; Köln', 'third floor'],
  });
});

test('ayra A5: guidance by how long the key lives; longer than a year, or never, is discouraged', async () => {
  const { page } = await server.open('/w/demo/ayra');
  const form = await openForm(page, 'Create API Key');
  await form.getByText(/Generally discouraged/).waitFor();
  const expires = form.getByLabel('Expiration date');
  for (const [choice, title] of [
    ['30 days', 'Short-Term Keys'],
    ['90 days', 'Medium-Term Keys'],
    ['1 year', 'Long-Term Keys'],
  ] as const) {
    await expires.selectOption(choice);
    await form.getByText(title).waitFor();
  }
  await expires.selectOption('Custom date');
  for (const [days, title] of [
    [30, 'Short-Term Keys'],
    [31, 'Medium-Term Keys'],
    [366, 'No Expiration, or longer than a year'],
  ] as const) {
    await form.getByLabel('Custom date', { exact: true }).fill(isoDay(days));
    await form.getByText(title).waitFor();
  }
});

test('project-admin P3 P4: unrestricted, or a level for each of 19 resources in four groups; Write includes Read', async () => {
  const { page } = await server.open('/w/demo/project-admin');
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('CRM_Query');
  const matrix = form.getByRole('table', { name: 'Permissions' });
  await expect.poll(() => matrix.getByRole('row').count()).toBe(1 + 4 + 19);
  const groups = ['Communication', 'Agent configuration', 'Contacts and data', 'Administration'];
  for (const group of groups) await matrix.getByText(group, { exact: true }).waitFor();
  await expect.poll(() => matrix.getByRole('radio', { name: 'Calls: No access' }).isChecked()).toBe(true);
  await form.getByText('Includes Read.').waitFor();
  await matrix.getByRole('radio', { name: 'Calls: Write' }).check();
  await matrix.getByRole('radio', { name: 'Knowledge bases: Read' }).check();
  await form.getByText('It may use Calls: Write and Knowledge bases: Read.').waitFor();
  expect(await graveIssues(page)).toEqual([]);
  await form.getByRole('radio', { name: /^Unrestricted/ }).check();
  await expect.poll(() => matrix.count()).toBe(0);
  await form.getByRole('radio', { name: /^Restrict/ }).check();
  await expect.poll(() => matrix.getByRole('radio', { name: 'Calls: Write' }).isChecked()).toBe(true);
  await form.getByRole('button', { name: 'Create API Key' }).click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'CRM_Query');
  const key = await made('project-admin', 'CRM_Query');
  expect([...(key.scopes as string[])].sort()).toEqual(expect.arrayContaining(['calls:write', 'knowledge_bases:read']));
  expect(key.unrestricted).toBe(false);
});

test('project-admin P3: the whole matrix is set at once, and by the keyboard alone', async () => {
  const { page } = await server.open('/w/demo/project-admin');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('c');
  const form = formOf(page);
  await form.getByLabel('Name').fill('Reader');
  await form.getByRole('button', { name: 'Set all to Read' }).press('Enter');
  expect(
    await form
      .getByRole('radio', { name: /: Read$/ })
      .evaluateAll((all) => all.every((each) => (each as HTMLInputElement).checked)),
  ).toBe(true);
  await form.getByLabel('Name').press('Enter');
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Reader');
  expect((await made('project-admin', 'Reader')).scopes).toHaveLength(19);
});

test('on 360 pixels the largest form needs no sideways scrolling', async () => {
  const { page } = await server.open('/w/demo/project-admin', { width: 360, height: 740 });
  const form = await openForm(page, 'Create API Key');
  await form.getByRole('table').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await form.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
});

test('whoever may not make keys has no button for it', async () => {
  const { page } = await server.open('/w/demo/dagen', { person: { subject: 'eve', workspaces: { demo: 'viewer' } } });
  await page.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Create API Key' }).count()).toBe(0);
});

test('an answer that is lost is asked for again under the same id: the key exists once, its secret is lost', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/ERR_FAILED|Failed to load resource/);
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Half way');
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  const ids: unknown[] = [];
  let lose = true;
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as {
      operationName?: string;
      variables?: { input?: { commandId?: string } };
    };
    if (body.operationName !== 'CreateKey') return route.continue();
    ids.push(body.variables?.input?.commandId);
    if (!lose) return route.continue();
    lose = false;
    await route.fetch(); // the server does it; its answer goes nowhere
    return route.abort();
  });
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await form.getByText('It is not known yet whether this was done.').waitFor();
  await expect.poll(() => form.getByLabel('Name').isDisabled()).toBe(true);
  expect(await graveIssues(page)).toEqual([]);
  await form.getByRole('button', { name: 'Check again' }).click();
  const lost = page.getByRole('alertdialog', { name: 'The key exists, its secret is lost' });
  await lost.getByRole('button', { name: 'Regenerate' }).waitFor();
  await lost.getByRole('button', { name: 'Delete' }).waitFor();
  expect(ids[0]).toBe(ids[1]);
  expect(await graveIssues(page)).toEqual([]);
  await lost.getByRole('button', { name: 'Regenerate' }).click();
  await page
    .getByRole('alertdialog', { name: 'Regenerate API key?' })
    .getByRole('button', { name: 'Regenerate' })
    .click();
  await revealOf(page).getByText('You cannot see the full key again.').waitFor();
  await copyAndClose(page, 'Half way');
  await expect.poll(() => rowOf(page, 'Half way').count()).toBe(1);
});

test('the network is away: nothing typed is lost, and the same is sent again', async () => {
  const { page, expect: expectProblem } = await server.open('/w/demo/dagen');
  expectProblem(/ERR_INTERNET_DISCONNECTED|Failed to load resource/);
  const form = await openForm(page, 'Create API Key');
  await form.getByLabel('Name').fill('Offline');
  await form.getByRole('checkbox', { name: 'Agents' }).check();
  await page.context().setOffline(true);
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await form.getByText('Keyfold cannot be reached.').waitFor();
  await page.context().setOffline(false);
  await form.getByRole('button', { name: 'Check again' }).click();
  await revealOf(page).waitFor();
  await copyAndClose(page, 'Offline');
  await rowOf(page, 'Offline').waitFor();
});

const SIXTH = `
slug: sixth
name: Sixth
labels: { title: Tokens, noun: token, create: New token, noExpiry: For ever }
types: [{ id: server, label: Server, prefix: sx }]
timeZone: Pacific/Auckland
permissions:
  model: RESOURCE_ACTION
  scopes:
    - { id: 'reports:read', label: Read reports, group: Reports }
    - { id: 'reports:write', label: Write reports, group: Reports }
    - { id: 'billing:read', label: Read bills, group: Money, tone: green }
  implications: [{ scope: 'reports:write', implies: ['reports:read'] }]
  minimum: 1
expiry: { required: true, presetDays: [7, 14], defaultDays: 10, maxLifetimeDays: 20, afterToday: true }
rateLimit: { min: 5, max: 50, windowSeconds: 3600 }
metadataFields: [{ id: team, label: Team }]
form: { create: [name, scopes, expiresAt, rateLimit, metadata.team, ipRanges] }
`;

test('a keyspace that nobody foresaw: its fields, its days in its own time zone, what its scopes include', async () => {
  const defined = await server.api.settle('defineKeyspace', { source: SIXTH });
  expect(defined.__typename, defined.message).toBe('DefineKeyspacePayload');
  const { page } = await server.open('/w/demo/sixth');
  const form = await openForm(page, 'New token');
  const submit = form.getByRole('button', { name: 'New token' });
  const expires = form.getByLabel('Expires');
  await expect
    .poll(() => expires.locator('option').allInnerTexts())
    .toEqual(['10 days', '7 days', '14 days', 'Custom date']);
  await expect.poll(() => expires.inputValue()).toBe('10');
  await form.getByText(/\(Pacific\/Auckland\)\.$/).waitFor();
  await form.getByRole('checkbox', { name: /^Write reports/ }).check();
  const included = form.getByRole('checkbox', { name: /^Read reports.*Included in Write reports/ });
  expect([await included.isChecked(), await included.isDisabled()]).toEqual([true, true]);
  await form.getByLabel('Name').fill('<img src=x onerror=alert(1)>');
  await expect.poll(() => submit.isEnabled()).toBe(true);
  // Its limits, in its own days: today there may be tomorrow here.
  const today = (zone: string, days: number): string =>
    new Intl.DateTimeFormat('sv', { timeZone: zone }).format(Date.now() + days * DAY);
  await expires.selectOption('Custom date');
  const day = form.getByLabel('Custom date', { exact: true });
  for (const [days, problem] of [
    [0, 'Choose a day after today.'],
    [21, 'Choose a day within 20 days.'],
  ] as const) {
    await day.fill(today('Pacific/Auckland', days));
    await form.getByText(problem).waitFor();
    await expect.poll(() => submit.isDisabled()).toBe(true);
  }
  await day.fill(today('Pacific/Auckland', 20));
  await form.getByLabel('Rate limit').fill('4');
  await form.getByText('Give a number from 5 to 50.').waitFor();
  await form.getByLabel('Rate limit').fill('5');
  await form.getByLabel('Team').fill('Search');
  await form.getByLabel('Allowed addresses').fill('203.0.113.0/24');
  expect(await graveIssues(page)).toEqual([]);
  await submit.click();
  await revealOf(page).waitFor();
  await copyAndClose(page, '<img src=x onerror=alert(1)>');
  expect(await made('sixth', '<img src=x onerror=alert(1)>')).toMatchObject({
    scopes: ['reports:write'],
    rateLimit: { limit: 5, windowSeconds: 3600 },
    metadata: { team: 'Search' },
  });
});
