// The driver's errors in the port's words, without a server.
import { MongoParseError } from 'mongodb';
import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../projections/read-store.ts';
import { translated } from '../../projections/stores/mongodb-errors.ts';
import { openMongoStore } from '../../projections/stores/mongodb.ts';

const NOW = '2030-01-31T12:00:00.000Z';

test.each([
  ['querySrv', 'ENOTFOUND'],
  ['querySrv', 'ETIMEOUT'],
  ['querySrv', 'ECONNREFUSED'],
  ['queryTxt', 'ESERVFAIL'],
  ['getaddrinfo', 'EAI_AGAIN'],
])('DNS that answers %s with %s is an outage, which is waited for', async (syscall, code) => {
  const cause = Object.assign(new Error(`${syscall} ${code} _mongodb._tcp.a.example`), { syscall, code });
  await expect(translated(() => Promise.reject(cause))).rejects.toMatchObject({
    name: new StoreUnavailableError('').name,
    code: 'STORE_UNAVAILABLE',
    cause,
  });
});

test('a host that mongodb+srv does not find is an outage too, and its password is not told', async () => {
  // RFC 2606: this name is in no DNS.
  const url = 'mongodb+srv://user:canary@keyfold.invalid/x';
  const error: unknown = await openMongoStore({ url, now: NOW, selectionTimeoutMs: 500 }).catch(
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect((error as Error).message).not.toContain('canary');
});

test('what the driver does not understand, and a defect, pass as they are', async () => {
  for (const error of [
    new MongoParseError('x'),
    new TypeError('x'),
    Object.assign(new Error('x'), { syscall: 'open' }),
  ])
    await expect(translated(() => Promise.reject(error))).rejects.toBe(error);
});
