// The client brings nothing of the verifier along; what both of them decide, they decide alike.
import { describe, expect, it } from 'vitest';
import { entryOf } from '../../events/keyspaces/state.ts';
import { createCredentials, DEFAULT_HEADERS } from '../../services/client/credential.ts';
import { unavailable, type RefusalCode } from '../../services/client/outcome.ts';
import { answerTo } from '../../services/client/refusal.ts';
import { credentialHeaders } from '../../services/verifier/credential-headers.ts';
import { mapRefusal, type RefusalCode as Code } from '../../services/verifier/error-map.ts';
import { start } from '../verifier/http-support.ts';

const CODES: Readonly<Record<RefusalCode & Code, true>> = {
  MALFORMED: true,
  NOT_FOUND: true,
  REVOKED: true,
  QUARANTINED: true,
  DISABLED: true,
  EXPIRED: true,
  WRONG_KEYSPACE: true,
  WRONG_ENVIRONMENT: true,
  IP_NOT_ALLOWED: true,
  ORIGIN_NOT_ALLOWED: true,
  INSUFFICIENT_SCOPE: true,
  RESOURCE_NOT_ALLOWED: true,
  RATE_LIMITED: true,
};

describe('beside forward-auth', () => {
  it.each(Object.keys(CODES) as RefusalCode[])('%s has the same status, code and message', (code) => {
    const told = { advice: 'send it', requestId: 'r1' };
    const expected = mapRefusal(code, {}, told);
    // Of a refusal nothing but its code is looked at.
    const refusal = { ...unavailable('STALE'), code } as unknown as Parameters<typeof answerTo>[0];
    const { status, body } = answerTo(refusal, { ...told, challenge: 'Bearer' });
    expect({ status, body }).toEqual({ status: expected.status, body: JSON.parse(expected.body) as unknown });
  });

  it('the headers of the keyspace "default" are read alike, and told alike', async () => {
    const of = await start();
    const key = of.key();
    const entry = entryOf(of.verifier.view()!.keyspaces, 'default')!;
    const theirs = credentialHeaders(entry);
    const ours = createCredentials(DEFAULT_HEADERS, 'default');
    expect([ours.advice, ours.challenge]).toEqual([theirs.advice, theirs.challenge]);
    const values = [
      key,
      `Bearer ${key}`,
      `bearer  ${key}`,
      `Bearer ${key} `,
      `Basic ${key}`,
      `Bearer ${key}, ${key}`,
      '',
    ];
    const names = ['Authorization', 'x-api-key', 'X-API-KEY', 'api-key'];
    const all = names.flatMap((name) => values.map((value) => [name, value]));
    const headers = [[], ...all, ...all.flatMap((one) => all.map((other) => [...one, ...other]))];
    for (const raw of headers) {
      for (const query of ['', 'page=2', `key=${key}`]) {
        // What is no key at all the verifier hands on, and calls MALFORMED then.
        const said = theirs.read(raw, query === '' ? '/' : `/?${query}`);
        expect(ours.read(raw, query), `${raw.length / 2} headers, query of ${query.length}`).toBe(
          said === key ? key : null,
        );
      }
    }
  });
});
