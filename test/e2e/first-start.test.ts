// What the first start prints, taken at its word: the commands in it are pasted as they stand into a shell that knows
// nothing else, and the addresses in it answer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeJwt } from 'jose';
import { banner } from '../../services/banner.ts';
import type { Running } from '../../services/serve.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { openBrowser } from '../support/browser.ts';
import { makeFolder, type EmbeddedFolder } from '../support/embedded-folder.ts';
import type { Environment, KeyfoldProcess } from '../support/processes.ts';
import { openShell } from '../support/shell.ts';
import { readyz } from '../support/system.ts';

const OWNER = { operator: true, workspaces: [{ workspace: { workspaceId: 'demo' }, role: 'ADMIN' }] };

/** Opens a link as the console does; answers who is signed in then. */
async function signIn(link: string): Promise<unknown> {
  const { origin, pathname, hash } = new URL(link);
  expect(pathname).toBe('/sign-in');
  const browser = openBrowser(origin);
  const body = { code: hash.replace(/^#code=/, '') };
  expect((await browser.send('/session', { method: 'POST', body })).status).toBe(200);
  const asked = await browser.graphql('{ viewer { operator workspaces { workspace { workspaceId } role } } }');
  return (asked.json() as { data: { viewer: unknown } }).data.viewer;
}

describe('a first start prints what can be pasted', () => {
  let folder: EmbeddedFolder;
  let running: KeyfoldProcess | undefined;

  beforeEach(async () => {
    folder = await makeFolder("my data's");
  });
  afterEach(async () => {
    await running?.stop();
    await folder.remove();
  });

  /** The commands of the banner: what it has indented under a line that ends in a colon. */
  async function started(env: Environment = {}): Promise<{ readonly text: string; readonly commands: string[] }> {
    running = folder.launch(env);
    await running.ready();
    const text = running.stdout();
    return { text, commands: [...text.matchAll(/:\n\n((?: {2}.*\n)+)/g)].map(([, lines = '']) => lines) };
  }

  /** One command in a new shell; what it printed. */
  async function paste(command: string, env: Environment = {}): Promise<string> {
    const shell = openShell(env);
    try {
      const printed = await shell.run(command);
      expect(printed, shell.complaints()).not.toBe('');
      return printed;
    } finally {
      await shell.exit();
    }
  }

  test('the link and the commands, as they stand, sign in, get a token, and make a key that is VALID', async () => {
    const { text, commands } = await started();
    const [link = '', another = '', token = '', key = '', ...more] = commands;
    expect(more, text).toEqual([]);
    for (const each of [link, await paste(another)]) expect(await signIn(each.trim())).toMatchObject(OWNER);
    const printed = (await paste(token)).trim();
    expect(decodeJwt(printed)).toMatchObject({ keyfold: { workspaces: { demo: 'admin' } } });
    expect((await paste(key)).trim()).toBe('VALID');
    const { api = '', verifier = '' } = running?.urls() ?? {};
    for (const address of [api, verifier]) expect((await readyz(address)).status).toBe(200);
    const ask = async (query: string): Promise<unknown> => {
      const asked = await fetch(`${api}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${printed}` },
        body: JSON.stringify({ query }),
      });
      return asked.json();
    };
    expect(await ask('{ viewer { operator } }')).toEqual({ data: { viewer: { operator: false } } });
    await ask('mutation { retryParked(input: {}) { __typename } }');
    const metrics = await (await fetch(`${api}/metrics`)).text();
    for (const counted of ['command="createKey",outcome="ok"', 'command="retryParked",outcome="NotAllowed"'])
      expect(metrics).toContain(`keyfold_mutations_total{${counted}} 1\n`);
  });

  test('where the verifier wants a token, it says so, and with it the command works; another claim is in it', async () => {
    const VERIFIER_TOKEN = 'a-token-that-is-long-enough-for-this-test';
    const { text, commands } = await started({ VERIFIER_TOKEN, AUTH_CLAIM: 'https://keyfold.example/access' });
    expect(text).toContain('Create a key and verify it, with VERIFIER_TOKEN set as it is here:');
    expect(text).not.toContain(VERIFIER_TOKEN);
    expect(await signIn((await paste(commands[1] ?? '')).trim())).toMatchObject(OWNER);
    expect((await paste(commands[3] ?? '', { VERIFIER_TOKEN })).trim()).toBe('VALID');
  });

  test('on the default ports and folder the commands stand alone', () => {
    const loaded = loadSettings({});
    if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
    const services = [
      { name: 'api', url: 'http://127.0.0.1:4000', signInLink: () => 'http://127.0.0.1:4000/sign-in#code=x' },
      { name: 'verifier', url: 'http://127.0.0.1:4100' },
    ] as unknown as Running['services'];
    const text = banner(loaded.settings, { services } as Running);
    for (const command of ['npx keyfold sign-in', 'npx keyfold token', 'npx keyfold keys create'])
      expect(text).toMatch(new RegExp(`\\n\\n  ${command}[ \\n]`));
    expect(text).toContain('    | npx keyfold verify');
  });

  test('without an address that browsers may have a cookie under, it says which setting is wanting', () => {
    const loaded = loadSettings({ HOST: '10.0.0.7' });
    if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
    const services = [{ name: 'api', url: 'http://10.0.0.7:4000', signInLink: () => null }];
    const text = banner(loaded.settings, { services } as unknown as Running);
    expect(text).toContain('set PUBLIC_URL');
    expect(text).not.toContain('sign-in');
  });

  test('npm start is what was started here', () => {
    const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    expect(scripts.start).toBe('node bin/keyfold.js serve');
  });
});
