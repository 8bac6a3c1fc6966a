// The quick start: calls on the page's own origin in the tabs that a profile has, and the questions to the verifier, which
// are run here as they are shown.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { payload } from '../support/api.ts';
import { freePort } from '../services/process.ts';
import { graveIssues } from './axe.ts';
import { startConsole, type Console } from './console.ts';
import { makeKey, type MadeKey } from './made-key.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

let server: Console;
let agents: MadeKey;
let workflows: MadeKey;
beforeAll(async () => {
  server = await startConsole();
  agents = await makeKey(server.api, { keyspace: 'dagen', name: 'Agents', scopes: ['agents'] });
  workflows = await makeKey(server.api, { keyspace: 'dagen', name: 'Workflows', scopes: ['workflows'] });
});
afterAll(() => server.stop());

async function open(page: Page, tab?: string): Promise<void> {
  await page.getByText('Quick start', { exact: true }).click();
  if (tab !== undefined) await page.getByRole('tab', { name: tab }).click();
}
const codeOf = (page: Page, name: string): Promise<string> =>
  page.getByRole('figure').getByRole('group', { name, exact: true }).innerText();
async function copied(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: `Copy: ${name}` }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toBe(await codeOf(page, name));
  await page.getByRole('button', { name: `Copy: ${name}` }).waitFor();
  return text;
}

test('dagen D11: the quick start has three curl examples on the page’s own origin, each to copy', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await open(page);
  const examples = page.getByRole('figure');
  await expect.poll(() => examples.count()).toBe(3);
  for (const code of await examples.locator('pre').allInnerTexts()) {
    expect(code).toMatch(/^curl /);
    expect(code).toContain(`${server.url}/api/v1/`);
    expect(code).toContain('-H "X-API-Key: dg_YOUR_KEY"');
  }
  await copied(page, 'List agents');
  expect(await graveIssues(page)).toEqual([]);
  await page.getByText('Quick start', { exact: true }).click();
  await expect.poll(() => examples.count()).toBe(0);
  await expect.poll(() => new URL(page.url()).search).toBe('');
});

test('examples stand in the tabs that the profile has, which the arrow keys go through and the address holds', async () => {
  const { page } = await server.open('/w/demo/dagen', { width: 360, height: 740 });
  await open(page);
  const list = page.getByRole('tablist', { name: 'Examples' });
  const tabs = list.getByRole('tab');
  await expect.poll(() => tabs.allInnerTexts()).toEqual(['REST v1', 'A2A Protocol', 'Verify a key']);
  for (const tab of await tabs.all()) expect((await tab.boundingBox())?.height).toBeGreaterThanOrEqual(24);
  expect((await list.boundingBox())?.height).toBeGreaterThanOrEqual(24);
  await tabs.first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByRole('figure').count()).toBe(3);
  const call = await codeOf(page, 'message/send');
  expect(call).toContain(`curl -X POST ${server.url}/a2a`);
  expect(call).toContain('"jsonrpc": "2.0"');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await graveIssues(page)).toEqual([]);
  await page.reload();
  await expect.poll(() => codeOf(page, 'message/send')).toBe(call);
});

test('tabs, header, prefix and scope come from the profile of whatever keyspace; without examples there is one call', async () => {
  const source = `slug: passes
name: Passes
types: [{ id: pass, label: Pass, prefix: zz }]
credential: { headers: [{ name: X-Pass }, { name: Authorization, bearer: true }] }
permissions: { scopes: [{ id: 'doors:*', label: Doors }] }
`;
  payload(await server.api.settle('defineKeyspace', { source, allowWidening: true }));
  const { page } = await server.open('/w/demo/passes');
  await open(page);
  await page.getByText('X-Pass: zz_YOUR_KEY or Authorization: Bearer zz_YOUR_KEY').waitFor();
  await expect.poll(() => page.getByRole('tab').allInnerTexts()).toEqual(['curl', 'Verify a key']);
  expect(await codeOf(page, 'A call with the key')).toBe(`curl ${server.url}/ \\\n  -H "X-Pass: zz_YOUR_KEY"`);
  await page.getByRole('tab', { name: 'Verify a key' }).click();
  expect(await codeOf(page, 'curl')).toContain('"doors:*"');
  const service = await codeOf(page, 'TypeScript');
  expect(service).toContain("[{ name: 'X-Pass', bearer: false }, { name: 'Authorization', bearer: true }]");
  const gateway = await codeOf(page, 'nginx');
  for (const line of ['"keyspace=passes&scope=doors:*"', 'proxy_set_header X-Pass "";', 'Authorization "";'])
    expect(gateway).toContain(line);
});

test('the curl that is shown asks a real verifier, and is told what the key may do', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await open(page, 'Verify a key');
  const shown = await copied(page, 'curl');
  expect(await graveIssues(page)).toEqual([]);
  const ask = async (key: string): Promise<unknown> => {
    const env = { ...process.env, KEYFOLD_VERIFIER_URL: server.verifier.url, VERIFIER_TOKEN: '' };
    const { stdout } = await run('bash', ['-c', shown.replace('dg_YOUR_KEY', key)], { env });
    return (JSON.parse(stdout) as { readonly code: string }).code;
  };
  await expect.poll(() => ask(agents.secret)).toBe('VALID');
  await expect.poll(() => ask(workflows.secret)).toBe('INSUFFICIENT_SCOPE');
  expect(await ask('dg_YOUR_KEY')).toBe('MALFORMED');
});

test('the TypeScript that is shown is a service that lets in whoever has such a key, and nobody else', async () => {
  const { page } = await server.open('/w/demo/dagen');
  await open(page, 'Verify a key');
  const shown = await copied(page, 'TypeScript');
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-quick-start-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'node_modules'));
  await symlink(ROOT, join(folder, 'node_modules', 'keyfold'));
  const port = await freePort();
  const file = join(folder, 'service.mts');
  await writeFile(file, shown.replace('listen(3000)', `listen(${port})`));
  const env = { ...process.env, KEYFOLD_VERIFIER_URL: server.verifier.url };
  const service = spawn(process.execPath, ['--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), file], {
    env,
    stdio: 'inherit',
  });
  onTestFinished(async () => {
    service.kill();
    if (service.exitCode === null && service.signalCode === null) await once(service, 'exit');
  });
  const ask = async (key: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'X-API-Key': key } }).catch(() => null);
    return answer === null ? 'not up' : `${answer.status} ${answer.ok ? await answer.text() : ''}`.trim();
  };
  await expect.poll(() => ask(agents.secret)).toBe(`200 You are ${agents.keyId}`);
  expect(await ask(workflows.secret)).toBe('403');
  expect(await ask('dg_YOUR_KEY')).toBe('401');
});
