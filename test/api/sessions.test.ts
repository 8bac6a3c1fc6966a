// Sessions of the console and what they are kept in: codes of links, cookies, and where a request may come from.
import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { originOf } from '../../services/api/same-origin.ts';
import { createConsoleCookies } from '../../services/api/session-cookie.ts';
import { createSessionIdentity } from '../../services/api/session-identity.ts';
import { createConsoleSessions, type ConsoleSessions } from '../../services/api/sessions.ts';
import { createSignInCodes } from '../../services/api/sign-in-codes.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';

const WHO = { subject: 'ada', email: 'ada@example.com', workspaces: { acme: 'admin' }, operator: false } as const;
const START = Date.parse('2026-03-01T12:00:00.000Z');
const HOUR = 3_600_000;
const logger = createLogger({ level: 'silent' });

let clock: number;
let store: MemoryStore;
let sessions: ConsoleSessions;

beforeEach(() => {
  clock = START;
  store = createMemoryStore();
  const now = (): string => new Date(clock).toISOString();
  sessions = createConsoleSessions({ sessions: store.sessions, randomBytes, now, logger });
});

describe('a session', () => {
  test('is found by its secret alone, of which the store keeps the SHA-256', async () => {
    const { row, secret } = await sessions.begin(WHO, 'code');
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(row.id).toBe(createHash('sha256').update(secret).digest('hex'));
    expect(JSON.stringify(row)).not.toContain(secret.slice(0, 12));
    expect(await sessions.find(secret, true)).toMatchObject(WHO);
    for (const other of [row.id, secret.slice(1), `${secret}A`, '', '$ne', randomBytes(32).toString('base64url')])
      expect(await sessions.find(other, true)).toBeNull();
  });

  test('is over when it was not used for 8 hours', async () => {
    const { secret } = await sessions.begin(WHO, 'code');
    clock += 8 * HOUR - 1;
    expect(await sessions.find(secret, false)).not.toBeNull();
    clock += 1;
    expect(await sessions.find(secret, false)).toBeNull();
  });

  test('lasts while it is used, but no longer than 24 hours', async () => {
    const { secret } = await sessions.begin(WHO, 'oidc');
    for (let hour = 1; hour < 24; hour += 1) {
      clock += HOUR;
      expect(await sessions.find(secret, true), `after ${hour} h`).not.toBeNull();
    }
    clock += HOUR - 1;
    expect(await sessions.find(secret, true)).not.toBeNull();
    clock += 1;
    expect(await sessions.find(secret, true)).toBeNull();
  });

  test('is written at most once a minute for being used, and not for being looked at', async () => {
    const { secret } = await sessions.begin(WHO, 'code');
    const writes = (): number => store.calls.get('sessions.extend') ?? 0;
    clock += 59_999;
    await sessions.find(secret, true);
    expect(writes()).toBe(0);
    clock += 1;
    await sessions.find(secret, false);
    expect(writes()).toBe(0);
    await sessions.find(secret, true);
    await sessions.find(secret, true);
    await expect.poll(writes).toBe(1);
  });

  test('goes on for who uses it while its use cannot be written down', async () => {
    const { secret } = await sessions.begin(WHO, 'code');
    clock += HOUR;
    store.beforeCall = (name) => {
      if (name === 'sessions.extend') throw new Error('no space is left');
    };
    expect(await sessions.find(secret, true)).toMatchObject(WHO);
  });

  test('that is ended is over at once, for every process', async () => {
    const { secret } = await sessions.begin(WHO, 'code');
    const now = (): string => new Date(clock).toISOString();
    const other = createConsoleSessions({ sessions: store.connect().sessions, randomBytes, now, logger });
    expect(await other.find(secret, true)).not.toBeNull();
    await sessions.end(secret);
    expect(await other.find(secret, true)).toBeNull();
  });
});

describe('the code of a link', () => {
  const codes = () => createSignInCodes({ randomBytes, clock: () => clock });

  test('signs in once', () => {
    const made = codes();
    const { code, expiresAt } = made.issue(WHO);
    expect(Buffer.from(code, 'base64url')).toHaveLength(32);
    expect(Date.parse(expiresAt)).toBe(START + 600_000);
    expect(made.redeem(`${code}x`)).toBeNull();
    expect(made.redeem(code)?.who).toEqual(WHO);
    expect(made.redeem(code)).toBeNull();
  });

  test('signs in for ten minutes', () => {
    const made = codes();
    const [early, late] = [made.issue(WHO), made.issue(WHO)];
    clock += 599_999;
    expect(made.redeem(early.code)).not.toBeNull();
    clock += 1;
    expect(made.redeem(late.code)).toBeNull();
  });

  test('is good again when nothing came of it, and then once', () => {
    const made = codes();
    const { code } = made.issue(WHO);
    made.redeem(code)?.giveBack();
    expect(made.redeem(code)?.who).toEqual(WHO);
    expect(made.redeem(code)).toBeNull();
  });

  test('goes when twenty newer ones wait to be used', () => {
    const made = codes();
    const all = Array.from({ length: 21 }, () => made.issue(WHO).code);
    expect(all.map((code) => made.redeem(code) !== null)).toEqual([false, ...Array<boolean>(20).fill(true)]);
  });
});

describe('the cookie', () => {
  const https = createConsoleCookies({ publicUrl: 'https://keys.example.com', port: () => 4000 }).session;
  const http = createConsoleCookies({ publicUrl: null, port: () => 4001 });

  test('is __Host- and Secure on https, HttpOnly, SameSite=Strict and of the whole host', () => {
    expect(https.set('secret', 86_400).split('; ')).toEqual([
      '__Host-keyfold=secret',
      ...['Path=/', 'Max-Age=86400', 'HttpOnly', 'SameSite=Strict', 'Secure'],
    ]);
    expect(https.clear()).toBe('__Host-keyfold=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure');
  });

  test('has the port in its name on http', () => {
    expect(http.session.set('secret', 60)).toBe('keyfold-4001=secret; Path=/; Max-Age=60; HttpOnly; SameSite=Strict');
    expect(http.session.read(['Host', '127.0.0.1:4001', 'Cookie', 'keyfold-4000=a; keyfold-4001=b'])).toBe('b');
  });

  test.each(['localhost:4001', 'LOCALHOST:4001', '127.0.0.1:4001', '127.8.8.8', '[::1]:4001'])(
    'is taken on http at %s',
    (host) => expect(http.session.read(['Host', host, 'Cookie', 'keyfold-4001=b'])).toBe('b'),
  );

  test.each(['keys.example.com', '10.0.0.7:4001', 'localhost.example.com', '127.0.0.1.example.com', 'a@127.0.0.1', ''])(
    'is neither taken nor given on http at %j',
    (host) => {
      expect(http.session.read(['Host', host, 'Cookie', 'keyfold-4001=b'])).toBeNull();
      expect(http.safe(['Host', host])).toBe(false);
    },
  );

  test('is nobody’s where it is there twice, or under another name', () => {
    const host = ['Host', 'keys.example.com'];
    expect(https.read([...host, 'Cookie', 'a=1; __Host-keyfold=x; b=2'])).toBe('x');
    expect(https.read([...host, 'Cookie', '__Host-keyfold=x; __Host-keyfold=y'])).toBeNull();
    expect(https.read([...host, 'Cookie', '__Host-keyfold=x', 'cookie', '__Host-keyfold=x'])).toBeNull();
    expect(https.read([...host, 'Cookie', 'keyfold-4000=x; __host-keyfold=x; x__Host-keyfold=x'])).toBeNull();
    expect(https.read(host)).toBeNull();
  });
});

describe('where a request comes from', () => {
  const HOST = ['Host', '127.0.0.1:4000'];
  const PUBLIC = 'https://keys.example.com';

  test('is what Sec-Fetch-Site says, whatever else is said', () => {
    const of = (site: string) => originOf([...HOST, 'Origin', 'https://evil.example', 'Sec-Fetch-Site', site], null);
    expect(of('same-origin')).toBe('own');
    for (const site of ['same-site', 'cross-site', 'none', 'SAME-ORIGIN', '']) expect(of(site), site).toBe('other');
    const twice = ['Sec-Fetch-Site', 'same-origin', 'sec-fetch-site', 'same-origin'];
    expect(originOf([...HOST, ...twice], null)).toBe('other');
  });

  test('is without it what Origin says', () => {
    expect(originOf([...HOST, 'Origin', 'http://127.0.0.1:4000'], null)).toBe('own');
    expect(originOf([...HOST, 'Origin', PUBLIC], PUBLIC)).toBe('own');
    const others = ['null', 'http://127.0.0.1:4001', 'https://127.0.0.1:4000', 'https://keys.example.com.evil.example'];
    for (const origin of [...others, '']) {
      expect(originOf([...HOST, 'Origin', origin], null), origin).toBe('other');
      expect(originOf([...HOST, 'Origin', origin], PUBLIC), origin).toBe('other');
    }
    // A name that a stranger has made to point here.
    expect(originOf(['Host', 'evil.example:4000', 'Origin', 'http://evil.example:4000'], null)).toBe('other');
    expect(originOf([...HOST, 'Origin', 'http://127.0.0.1:4000'], PUBLIC)).toBe('other');
  });

  test('is not known where the browser says neither', () => {
    expect(originOf(HOST, null)).toBe('unsaid');
  });
});

describe('who asks with the cookie', () => {
  const CSRF = ['X-Keyfold-CSRF', '1'];
  const SITE = ['Sec-Fetch-Site', 'same-origin'];
  const ask = async (rawHeaders: readonly string[]) => {
    const cookies = createConsoleCookies({ publicUrl: null, port: () => 4000 });
    const { secret } = await sessions.begin(WHO, 'code');
    const identity = createSessionIdentity({ sessions, cookies, publicUrl: null });
    return identity.authenticate(secret, ['Host', '127.0.0.1:4000', ...rawHeaders], true);
  };

  test('is who is signed in, as a user', async () => {
    expect(await ask([...CSRF, ...SITE])).toEqual({
      ok: true,
      identity: {
        actor: { kind: 'user', id: 'ada' },
        workspaces: new Map([['acme', 'admin']]),
        operator: false,
        email: 'ada@example.com',
      },
    });
    expect(await ask([...CSRF, 'Origin', 'http://127.0.0.1:4000'])).toMatchObject({ ok: true });
  });

  test('is refused without the header, or from anywhere but a page of our own', async () => {
    const refused = [
      SITE,
      CSRF,
      [],
      ['X-Keyfold-CSRF', '0', ...SITE],
      [...CSRF, ...CSRF, ...SITE],
      [...CSRF, 'Sec-Fetch-Site', 'same-site'],
      [...CSRF, 'Sec-Fetch-Site', 'cross-site', 'Origin', 'http://127.0.0.1:4000'],
      [...CSRF, 'Origin', 'http://127.0.0.1:4001'],
    ];
    for (const headers of refused) expect(await ask(headers), headers.join()).toEqual({ ok: false, code: 'FORBIDDEN' });
  });

  test('cannot be told while the store is away', async () => {
    store.beforeCall = (name) => {
      if (name === 'sessions.load') throw new Error('away');
    };
    expect(await ask([...CSRF, ...SITE])).toEqual({ ok: false, code: 'UNAVAILABLE' });
  });
});
