// Being signed in to the console across the lives of a process: sessions last, links do not, and a restored backup signs
// nobody in.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBrowser, type Browser } from '../support/browser.ts';
import { makeFolder, type EmbeddedFolder } from '../support/embedded-folder.ts';
import { runKeyfold, type Environment, type KeyfoldProcess } from '../support/processes.ts';

let folder: EmbeddedFolder;
let running: KeyfoldProcess;

beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(async () => {
  await running.stop();
  await folder.remove();
});

async function start(env: Environment = {}): Promise<string> {
  running = folder.launch(env);
  await running.ready();
  return running.urls().api ?? '';
}
const LINK = /(\S+)\/sign-in#code=([A-Za-z0-9_-]{43})$/m;
const printedLink = () => LINK.exec(running.stdout()) ?? [];
const post = (browser: Browser, code: string) => browser.send('/session', { method: 'POST', body: { code } });
const isSignedIn = async (browser: Browser): Promise<unknown> =>
  ((await browser.send('/session')).json() as { signedIn: unknown }).signedIn;

test('a session goes on when the process is started again on the same port, after kill -9 too; a link does not', async () => {
  const first = await start();
  const { port } = new URL(first);
  const [, origin, code = ''] = printedLink();
  expect(origin).toBe(first);
  const [browser, left] = [openBrowser(first), openBrowser(first)];
  const page = await browser.open('/sign-in'); // built or not
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect((await post(browser, code)).status).toBe(200);
  const { stdout } = await runKeyfold(['sign-in'], { ...folder.env, KEYFOLD_URL: first });
  const [, , second = ''] = LINK.exec(stdout) ?? [];
  expect(stdout).toBe(`${first}/sign-in#code=${second}\n`);
  expect((await post(left, second)).status).toBe(200);
  const listed = await runKeyfold(['sessions', 'list'], { ...folder.env, KEYFOLD_URL: first });
  expect(listed.stdout.split('\n').map((each) => each.split(/ {2,}/).slice(0, 3))).toEqual([
    ['SUBJECT', 'BY', 'ROLES'],
    ...Array<string[]>(2).fill(['local', 'code', 'operator, demo: admin']),
    [''],
  ]);
  const over = await runKeyfold(['sessions', 'end', 'nobody'], { ...folder.env, KEYFOLD_URL: first });
  expect([over.code, over.stdout]).toEqual([0, '0 sessions ended\n']);
  const { stdout: unused } = await runKeyfold(['sign-in', '--json'], { ...folder.env, KEYFOLD_URL: first });
  expect((await left.send('/session', { method: 'DELETE' })).status).toBe(204);
  for (const [name, value] of browser.jar) left.jar.set(name, `${value.slice(0, -1)}!`);
  await running.kill();

  expect(await start({ API_PORT: port })).toBe(first);
  expect(await isSignedIn(browser)).toBe(true);
  expect((await browser.graphql('{ viewer { operator } }')).json()).toEqual({ data: { viewer: { operator: true } } });
  expect(await isSignedIn(left)).toBe(false);
  const [, , old = ''] = LINK.exec((JSON.parse(unused) as { url: string }).url) ?? [];
  expect((await post(left, old)).status).toBe(401);
  for (const text of [running.stderr(), running.stdout()])
    for (const secret of [code, second, old, ...browser.jar.values()]) expect(text).not.toContain(secret.slice(0, 12));
}, 240_000);

test('a backup signs nobody in', async () => {
  const first = await start();
  const env = { ...folder.env, KEYFOLD_URL: first };
  const browser = openBrowser(first);
  const [, , code = ''] = printedLink();
  expect((await post(browser, code)).status).toBe(200);
  const backup = join(folder.path, '..', 'backup');
  const made = await runKeyfold(['backup', backup], env);
  expect(made.code, made.stderr).toBe(0);
  expect((await readdir(backup)).filter((name) => name.includes('session'))).toEqual([]);
  await running.stop();
  const restored = await runKeyfold(['restore', backup], env);
  expect(restored.code, restored.stderr).toBe(0);
  expect(await start({ API_PORT: new URL(first).port })).toBe(first);
  expect(await isSignedIn(browser)).toBe(false);
}, 240_000);

test('behind a proxy that speaks https, links and cookies are those of PUBLIC_URL', async () => {
  const url = await start({ PUBLIC_URL: 'https://keys.example.com' });
  const [, origin, code = ''] = printedLink();
  expect(origin).toBe('https://keys.example.com');
  const browser = openBrowser(url);
  const host = { host: 'keys.example.com', 'sec-fetch-site': null, origin: 'https://keys.example.com' };
  const signedIn = await browser.send('/session', { method: 'POST', headers: host, body: { code } });
  expect(signedIn.status, signedIn.body).toBe(200);
  expect(signedIn.cookies[0]).toMatch(
    /^__Host-keyfold=[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict; Secure$/,
  );
  expect((await browser.graphql('{ viewer { operator } }', {}, host)).status).toBe(200);
  const elsewhere = { ...host, origin: url };
  expect((await browser.graphql('{ viewer { operator } }', {}, elsewhere)).status).toBe(403);
}, 120_000);
