// The package as it is published: `keyfold/verify` loads from the tarball with nothing else installed, its types hold
// without leniency, and the programs of docs/verify-client.md do what the page says.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageText } from '../support/readme.ts';
import { start } from '../verifier/http-support.ts';
import { ask, bearer, nowhere } from './support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const node = (cwd: string, ...args: string[]) => run(process.execPath, args, { cwd });
const tsc = (cwd: string, ...args: string[]) =>
  node(cwd, join(ROOT, 'node_modules/typescript/bin/tsc'), ...args).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout);
  });

/** The programs of the page by their headings. */
const programs = new Map(
  [
    ...pageText('docs/verify-client.md').matchAll(/^## (.+)$\n\n(?:(?!^## |^```)[\s\S])*?^```ts\n([\s\S]*?)^```$/gm),
  ].map(([, title = '', program = '']) => [title, program]),
);
const file = (title: string): string => title.toLowerCase().replace(/[^a-z]+/g, '-');

const STRICT = {
  ...{ target: 'ES2023', lib: ['ES2023'], module: 'nodenext', moduleResolution: 'nodenext', types: ['node'] },
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, rootDir: '.', outDir: 'out' },
};

let root: string;
let app: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-package-'));
  const source = join(root, 'source');
  app = join(root, 'app');
  await mkdir(source);
  for (const name of ['package.json', 'bin']) await cp(join(ROOT, name), join(source, name), { recursive: true });
  await tsc(ROOT, '-p', 'tsconfig.build.json', '--outDir', join(source, 'dist'));
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', root], { cwd: source });
  const [tarball = ''] = (await readdir(root)).filter((name) => name.endsWith('.tgz'));
  await mkdir(join(app, 'node_modules/keyfold'), { recursive: true });
  await run('tar', ['-xzf', join(root, tarball), '--strip-components=1', '-C', join(app, 'node_modules/keyfold')]);
  await writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module', private: true }));
}, 300_000);

afterAll(() => rm(root, { recursive: true, force: true }));

describe('the tarball', () => {
  it('gives keyfold/verify with none of its dependencies installed, and no other entry', async () => {
    const entry = "import * as entry from 'keyfold/verify'; console.log(Object.keys(entry).sort().join());";
    const { stdout } = await node(app, '--input-type=module', '-e', entry);
    expect(stdout.trim().split(',')).toEqual([
      ...['createVerifierClient', 'findKey', 'guardExpress', 'guardFastify', 'guardHono', 'guardHttp', 'keyOf'],
    ]);
    const inner = "await import('keyfold/dist/services/keyfold.js').catch((error) => console.log(error.code));";
    expect((await node(app, '--input-type=module', '-e', inner)).stdout.trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('has types that hold under strict with nodenext, libraries checked too, and @types/node alone', async () => {
    await mkdir(join(app, 'node_modules/@types'), { recursive: true });
    await symlink(join(ROOT, 'node_modules/@types/node'), join(app, 'node_modules/@types/node'));
    const program = [
      "import { createVerifierClient, type Outcome, type Verified } from 'keyfold/verify';",
      "const outcome: Outcome = await createVerifierClient({ url: 'http://127.0.0.1' }).verify({ key: '' });",
      'export const keyId: string | null = outcome.valid ? outcome.keyId : null;',
      "export const verified: Verified | null = outcome.code === 'VALID' ? outcome : null;",
      "export const why = outcome.code === 'UNAVAILABLE' ? outcome.reason : null;",
      '// @ts-expect-error: nothing is known of a key before its outcome is told apart.',
      'export const scopes: readonly string[] = outcome.scopes;',
    ].join('\n');
    await mkdir(join(app, 'alone'));
    await writeFile(join(app, 'alone/program.ts'), program);
    const compilerOptions = { ...STRICT, noEmit: true, skipLibCheck: false };
    await writeFile(join(app, 'alone/tsconfig.json'), JSON.stringify({ compilerOptions }));
    await tsc(join(app, 'alone'), '-p', '.');
  }, 300_000);
});

describe('docs/verify-client.md', () => {
  const titles = ['node:http', 'Express', 'Fastify', 'Hono', 'The client alone'];
  const running: ChildProcess[] = [];
  afterAll(async () => {
    const ended = running.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'));
    for (const child of running) child.kill();
    await Promise.all(ended);
  });

  beforeAll(async () => {
    const programsFolder = join(app, 'programs');
    await mkdir(join(programsFolder, 'node_modules'), { recursive: true });
    for (const name of ['express', 'fastify', 'hono', '@hono', '@types']) {
      await symlink(join(ROOT, 'node_modules', name), join(programsFolder, 'node_modules', name));
    }
    for (const [title, program] of programs) await writeFile(join(programsFolder, `${file(title)}.ts`), program);
    // Functions of the request have the framework's own request.
    const typed = [
      "import express, { type Request } from 'express';",
      "import fastify, { type FastifyRequest } from 'fastify';",
      "import { Hono, type Context } from 'hono';",
      "import { createVerifierClient, guardExpress, guardFastify, guardHono } from 'keyfold/verify';",
      "const verifier = createVerifierClient({ url: 'http://127.0.0.1' });",
      "const resource = (id: unknown) => ({ type: 'order', id: String(id) });",
      "express().get('/:id', guardExpress(verifier, { resource: (r: Request) => resource(r.params.id), ip: (r: Request) => r.ip }));",
      'const onRequest = guardFastify(verifier, { resource: (r: FastifyRequest) => resource(r.params), ip: (r: FastifyRequest) => r.ip });',
      "fastify().get('/:id', { onRequest }, () => 'ok').addHook('preHandler', onRequest);",
      "new Hono().get('/:id', guardHono(verifier, { resource: (c: Context) => resource(c.req.param('id')) }), (c) => c.text('ok'));",
    ].join('\n');
    await writeFile(join(programsFolder, 'typed.ts'), typed);
    const compilerOptions = { ...STRICT, skipLibCheck: true };
    await writeFile(join(programsFolder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    await writeFile(join(programsFolder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
    await tsc(programsFolder, '-p', '.');
  }, 300_000);

  /** A program with the verifier's address and a free port in place of its own. */
  async function launch(title: string, url: string, env: Record<string, string> = {}) {
    const port = new URL(await nowhere()).port;
    const compiled = join(app, 'programs/out', `${file(title)}.js`);
    const replaced = join(app, 'programs/out', `${file(title)}-${port}.js`);
    const program = await readFile(compiled, 'utf8');
    await writeFile(replaced, program.replaceAll('http://127.0.0.1:4100', url).replaceAll('3000', port));
    const child = spawn(process.execPath, [replaced], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    running.push(child);
    return { child, port: Number(port) };
  }

  it('has a program for every framework', () => expect([...programs.keys()]).toEqual(titles));

  it.each(titles.slice(0, 4))('its program for %s lets a good key pass and nothing else', async (title) => {
    const token = 'a-token-of-at-least-32-characters';
    const of = await start({ scopes: ['orders:read'] }, { token });
    const { port } = await launch(title, of.url, { VERIFIER_TOKEN: token });
    const answers = () =>
      ask(port).then(
        ({ status }) => status,
        () => null,
      );
    await expect.poll(answers, { timeout: 30_000 }).toBe(401);
    const good = () => ask(port, bearer(of.key()));
    // Its time-out is a second; the machine may be busy.
    await expect.poll(good, { timeout: 30_000 }).toMatchObject({
      ...{ status: 200, body: { workspaceId: 'acme', scopes: ['orders:read'] } },
    });
    expect(await ask(port, bearer('kf_unknown'))).toMatchObject({ status: 401, body: { code: 'MALFORMED' } });
    await of.verifier.stop(1000);
    expect(await ask(port, bearer(of.key()))).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  });

  it('its program for the client alone says what it found', async () => {
    const of = await start({ scopes: ['orders:read'] });
    const said = async (secret: string, url = of.url) => {
      const { child } = await launch('The client alone', url, { SECRET: secret });
      const out = await text(child.stdout);
      return out.trim();
    };
    expect(await said(of.key())).toBe('VALID acme');
    expect(await said('no key')).toBe('refused: MALFORMED');
    expect(await said(of.key(), await nowhere())).toBe('could not tell: CONNECTION');
  });
});
