// Peppers rotate: what is made takes the newest one, what is there goes on, and the count says which one nothing needs.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { readIssuerKey } from '../../services/shared/data-folder.ts';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { change, createKey, regenerate } from '../support/keys.ts';
import { runKeyfold } from '../support/processes.ts';
import { metric } from '../support/system.ts';

const [first, second, third] = ['p-one', 'p-two', 'p-three'].map((id) => `${id}:${randomBytes(32).toString('base64')}`);
let folder: EmbeddedFolder;
let running: RunningFolder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(async () => {
  await running.process.kill();
  await folder.remove();
});

/** Starts it anew with these peppers, newest first. */
async function withPeppers(...peppers: readonly (string | undefined)[]): Promise<void> {
  running = await folder.start({ KEYFOLD_PEPPERS: peppers.join(',') });
}
const status = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await runKeyfold(['peppers', 'status', ...args], {
    ...folder.env,
    KEYFOLD_URL: running.api.url,
  });
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};
const counted = async () => {
  const { peppers, ...rest } = JSON.parse(await status('--json')) as { peppers: Record<string, unknown>[] };
  return { ...rest, peppers: peppers.map(({ id, current, previous }) => [id, current, previous]) };
};
const code = async (key: string, atLeast?: string) =>
  (await running.verifier.verify(key, atLeast === undefined ? {} : { atLeast })).code;

test('new keys and regenerated secrets take the newest pepper, old ones go on; what nothing needs can be taken out', async () => {
  await withPeppers(first);
  const [a, b] = [await createKey(running.api), await createKey(running.api)];
  expect(await counted()).toEqual({ keys: 2, peppers: [['p-one', 2, 0]], removable: [] });
  await running.process.stop();

  await withPeppers(second, first);
  const c = await createKey(running.api);
  const b2 = await regenerate(running.api, b.keyId, { overlapSeconds: 3600 });
  for (const { secret } of [a, b, c, b2]) expect(await code(secret, b2.position)).toBe('VALID');
  expect(await counted()).toEqual({
    keys: 3,
    peppers: [
      ['p-two', 2, 0],
      ['p-one', 1, 1],
    ],
    removable: [],
  });
  await running.process.stop();

  await withPeppers(third, second, first);
  const d = await createKey(running.api);
  const gone = await createKey(running.api);
  await change(running.api, 'deleteKey', gone.keyId);
  for (const { secret } of [a, b, c, b2, d]) expect(await code(secret, d.position)).toBe('VALID');
  const before = [
    ['p-three', 1, 0],
    ['p-two', 2, 0],
    ['p-one', 1, 1],
  ];
  expect(await counted()).toEqual({ keys: 4, peppers: before, removable: [] });
  expect(await status()).toMatch(
    /^PEPPER +IN SETTINGS +CURRENT +PREVIOUS\np-three +newest +1 +0\np-two +kept +2 +0\np-one +kept +1 +1\n\n4 keys/,
  );

  const a2 = await regenerate(running.api, a.keyId);
  const retired = await change(running.api, 'retirePreviousSecret', b.keyId);
  expect(await code(a.secret, retired.position)).toBe('NOT_FOUND');
  expect(await counted()).toMatchObject({
    peppers: [
      ['p-three', 2, 0],
      ['p-two', 2, 0],
      ['p-one', 0, 0],
    ],
    removable: ['p-one'],
  });
  expect(await status()).toContain('Nothing needs p-one: it can be taken out of KEYFOLD_PEPPERS.');
  await running.process.stop();

  await withPeppers(third, second);
  for (const { secret } of [a2, b2, c, d]) expect(await code(secret)).toBe('VALID');
  await running.process.stop();

  // Taken out too early: what needs it is refused, and it is said how many.
  await withPeppers(third);
  expect(running.process.stderr() + running.process.stdout()).toContain(
    'secrets that are refused, as their pepper is not in KEYFOLD_PEPPERS: 2',
  );
  expect([await code(c.secret), await code(b2.secret), await code(d.secret)]).toEqual([
    'NOT_FOUND',
    'NOT_FOUND',
    'VALID',
  ]);
  expect(await metric(running.verifier.url, 'keyfold_missing_pepper_total')).toBe(2);
  expect(await status()).toMatch(
    /p-two +missing +2 +0\n\n4 keys[^\n]*\n2 secrets are refused: put p-two back into KEYFOLD_PEPPERS/,
  );
}, 180_000);

describe('GET /v1/operations/peppers', () => {
  const ask = async (token: string | null, path = 'peppers', method = 'GET') => {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${running.api.url}/v1/operations/${path}`, { method, headers });
    const body = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toContain('application/json');
    return { status: response.status, allow: response.headers.get('allow'), code: body.errors?.[0]?.extensions.code };
  };

  test('is for operators alone, by GET alone', async () => {
    const issuer = createLocalIssuer({ key: await readIssuerKey(folder.path), claim: 'keyfold' });
    const mint = (operator: boolean) => issuer.mint({ subject: 'bob', workspaces: { acme: 'admin' }, operator });
    const [operator, admin] = [await mint(true), await mint(false)];
    expect(await ask(operator)).toMatchObject({ status: 200 });
    expect(await ask(admin)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    for (const nobody of [null, 'nonsense', `${operator}x`])
      expect(await ask(nobody)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect(await ask(operator, 'peppers', method)).toMatchObject({ status: 405, allow: 'GET' });
    for (const path of ['', 'peppers/', 'constructor', 'nothing']) expect((await ask(operator, path)).status).toBe(404);
  });

  test('the command says why it may not', async () => {
    const issuer = createLocalIssuer({ key: await readIssuerKey(folder.path), claim: 'keyfold' });
    const token = await issuer.mint({ subject: 'bob', workspaces: { acme: 'admin' }, operator: false });
    const refused = await runKeyfold(['peppers', 'status'], { KEYFOLD_URL: running.api.url, KEYFOLD_TOKEN: token });
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('FORBIDDEN: This is for operators of the installation.');
    const elsewhere = await runKeyfold(['peppers', 'status'], {
      KEYFOLD_URL: running.verifier.url,
      KEYFOLD_TOKEN: token,
    });
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('BAD_SETTING') as string]);
  });
});
