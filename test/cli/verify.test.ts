// `keyfold verify`: exit 0 valid, 1 not valid, 2 could not tell; the key comes from standard input and nowhere else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyfold, startStub, type Ran, type Stub } from './command.ts';

const SECRET = 'kf_0123456789abcdefghijklmnopqrst012345';
let verifier: Stub;
beforeEach(async () => {
  verifier = await startStub();
  verifier.answer = () => ({ body: { valid: true, code: 'VALID', keyId: 'key_x' } });
});
afterEach(() => verifier.close());

const verify = (input: string, argv: readonly string[] = [], env: Record<string, string> = {}): Promise<Ran> =>
  keyfold(['verify', ...argv], { input, env: { KEYFOLD_VERIFIER_URL: verifier.url, ...env } });

describe('keyfold verify', () => {
  it('asks about the key alone, and prints the code', async () => {
    expect(await verify(`${SECRET}\n`)).toEqual({ code: 0, out: 'VALID\n', err: '' });
    expect(verifier.seen).toEqual([{ path: '/v1/verify', authorization: undefined, body: { key: SECRET } }]);
  });

  it('asks for everything that is wanted', async () => {
    const argv =
      '--scope a --scope b,c --permission x:read --flag f --flag g,h --resource agent:42:x --at-least p1_0-7 --keyspace k --environment live --origin https://a.example --ip ::1';
    await verify(SECRET, argv.split(' '), { VERIFIER_TOKEN: 'v'.repeat(32) });
    expect(verifier.seen[0]).toEqual({
      path: '/v1/verify',
      authorization: `Bearer ${'v'.repeat(32)}`,
      body: {
        key: SECRET,
        scopes: ['a', 'b', 'c'],
        permission: 'x:read',
        flags: ['f', 'g', 'h'],
        resource: { type: 'agent', id: '42:x' },
        atLeast: 'p1_0-7',
        keyspace: 'k',
        environment: 'live',
        origin: 'https://a.example',
        ip: '::1',
      },
    });
  });

  it('takes what "keys create" prints, and waits for its position unless another one is named', async () => {
    const lines = `key       key_0000000000000000000001\nsecret    ${SECRET}\nstatus    ACTIVE\nposition  p1_0-2\n`;
    await verify(lines);
    await verify(lines, ['--at-least', 'p1_0-9']);
    expect(verifier.seen.map(({ body }) => body)).toEqual([
      { key: SECRET, atLeast: 'p1_0-2' },
      { key: SECRET, atLeast: 'p1_0-9' },
    ]);
  });

  it.each(['MALFORMED', 'NOT_FOUND', 'REVOKED', 'DISABLED', 'EXPIRED', 'INSUFFICIENT_SCOPE'])(
    '%s: exit 1',
    async (code) => {
      verifier.answer = () => ({ body: { valid: false, code } });
      expect(await verify(SECRET)).toEqual({ code: 1, out: `${code}\n`, err: '' });
    },
  );

  it('--json prints the whole answer, valid or not', async () => {
    const answer = { valid: false, code: 'DISABLED', keyId: 'key_x', scopes: [] };
    verifier.answer = () => ({ body: answer });
    const ran = await verify(SECRET, ['--json']);
    expect([ran.code, JSON.parse(ran.out), ran.err]).toEqual([1, answer, '']);
  });

  it.each([
    [503, { code: 'STALE' }, 'STALE\n', /^STALE: /],
    [503, {}, 'UNEXPECTED_ANSWER\n', /503/],
    [401, { code: 'UNAUTHENTICATED' }, '', /VERIFIER_TOKEN/],
    [401, {}, '', /UNAUTHENTICATED.*\n.*VERIFIER_TOKEN/],
    [400, { code: 'BAD_REQUEST' }, '', /BAD_REQUEST/],
    [400, { code: 'INVALID_INPUT', message: 'body: must be JSON', path: [] }, '', /: body: must be JSON\n.*--help/],
    [500, 'x', '', /status 500/],
    [200, { something: 'else' }, '', /UNEXPECTED_ANSWER/],
    [200, 'x', '', /UNEXPECTED_ANSWER/],
  ])('status %i with %j could not tell: exit 2', async (status, body, out, err) => {
    verifier.answer = () => ({ status, body });
    const ran = await verify(SECRET);
    expect([ran.code, ran.out]).toEqual([2, out]);
    expect(ran.err).toMatch(err);
  });

  it.each([
    [['ip'], 'ip: must be an IP address', '--ip must be an IP address'],
    [['atLeast'], 'atLeast: must be a position', '--at-least must be a position'],
    [['scopes', '0'], 'scopes.0: must not be empty', '--scope must not be empty'],
    [['key'], 'key: must be given', 'standard input must be given'],
  ])('what it says of %j is told once, of its option', async (path, message, told) => {
    verifier.answer = () => ({ status: 400, body: { code: 'INVALID_INPUT', message, path } });
    expect(await verify(SECRET)).toEqual({
      code: 2,
      out: '',
      err: `INVALID_INPUT: ${told}\n  see: keyfold verify --help\n`,
    });
  });

  it('nobody listening, a connection that is cut, a wrong address: exit 2', async () => {
    verifier.answer = () => null;
    expect((await verify(SECRET)).code).toBe(2);
    expect(await verify(SECRET, [], { KEYFOLD_VERIFIER_URL: 'nonsense' })).toMatchObject({ code: 2, out: '' });
    await verifier.close();
    expect((await verify(SECRET)).code).toBe(2);
    verifier = await startStub();
  });

  it('a token or an address that cannot be sent is refused in words: exit 2, nothing asked', async () => {
    const withBreak = await verify(SECRET, [], { VERIFIER_TOKEN: `${'v'.repeat(32)}\n` });
    expect(withBreak).toMatchObject({ code: 2, err: expect.stringContaining('VERIFIER_TOKEN holds') as string });
    const withUser = await verify(SECRET, [], { KEYFOLD_VERIFIER_URL: 'http://u:canary@127.0.0.1:1' });
    expect(withUser.err).toMatch(/^BAD_SETTING: KEYFOLD_VERIFIER_URL must not hold/);
    expect(withUser.err).not.toContain('canary');
    expect(verifier.seen).toEqual([]);
  });

  it('its help breaks no sentence in two', async () => {
    const { out } = await keyfold(['verify', '--help']);
    expect(out.replaceAll(/\n +/g, ' ')).toContain('What "keys create" and "keys regenerate" print');
    expect(out).not.toMatch(/"keys create" and\n/);
  });

  it.each([
    ['nothing', '', []],
    ['a newline', '\n', []],
    ['too much', 'x'.repeat(65_537), []],
    ['a resource without type', SECRET, ['--resource', '42']],
    ['an option that is none', SECRET, ['--nonsense']],
  ])('%s: exit 2, nothing asked', async (_, input, argv) => {
    const ran = await verify(input, argv);
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(verifier.seen).toEqual([]);
  });

  it('a key as an argument is refused, and not repeated', async () => {
    const ran = await verify('', [SECRET]);
    expect(ran.code).toBe(2);
    expect(ran.out + ran.err).not.toContain(SECRET.slice(0, 12));
    expect(verifier.seen).toEqual([]);
  });

  it('the key is in no output, whatever the answer is', async () => {
    for (const answer of [
      { status: 200, body: { valid: false, code: 'NOT_FOUND' } },
      { status: 500, body: SECRET },
      null,
    ]) {
      verifier.answer = () => answer;
      for (const argv of [[], ['--json']]) {
        const { out, err } = await verify(SECRET, argv);
        // A server that repeats the key is shown with --json as it is: that answer is the server's.
        if (argv.length === 0 || answer?.status === 200) expect(out + err).not.toContain(SECRET.slice(0, 12));
      }
    }
  });

  it('the token may come from a file', async () => {
    const ran = await verify(SECRET, [], { VERIFIER_TOKEN_FILE: '/nowhere' });
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('VERIFIER_TOKEN')]);
  });
});
