// GraphQL over HTTP: the audit of graphql-http, signed in with the CSRF header, finds nothing but what is left out on purpose.
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFront, TOKEN, type Front } from './front-server.ts';

/** GET with variables is optional in the specification. */
const OPTIONAL = ['5A70', 'D6D5', '6A70'];

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.server.stop(0));

describe('graphql-http’s audit', () => {
  const audits = serverAudits({
    url: () => `${front.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${TOKEN}`);
      headers.set('x-keyfold-csrf', '1');
      return fetch(url, { ...init, headers });
    },
  });

  it('has 61 parts', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (id, _, audit) => {
    const result = await audit.fn();
    if (OPTIONAL.includes(id)) expect(['ok', 'notice']).toContain(result.status);
    else expect(result).toMatchObject({ status: 'ok' });
  });
});
