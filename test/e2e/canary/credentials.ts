// Credentials that are wrong, doubled, or in the wrong place of a request.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { JSON_BODY, type Watching } from './watch.ts';

export function credentials(watching: Watching): void {
  test('credentials that are wrong, doubled, or in the wrong place of a request', async () => {
    const { watched, admin, canaries, newSecret, send, asAdmin } = watching();
    const body = JSON.stringify({ query: '{ viewer { operator } }' });
    const lost = newSecret('a secret as a credential');
    const [head, claims] = admin.token.split('.');
    const forged = `${head}.${claims}.${randomBytes(64).toString('base64url')}`;
    canaries.add('a forged token', forged);
    const credentials = [
      ['authorization', `Bearer ${lost}`],
      ['authorization', `Bearer ${forged}`],
      ['authorization', `Basic ${Buffer.from(`user:${lost}`).toString('base64')}`],
      ['authorization', lost],
      ['authorization', `Bearer ${admin.token}`, 'authorization', `Bearer ${lost}`],
      ['authorization', `Bearer ${admin.token} ${lost}`],
      ['x-api-key', lost],
      ['cookie', `__Host-keyfold=${lost}; session=${lost}`],
      ['x-keyfold-csrf', lost, 'origin', `https://${lost}.example`, 'accept', lost],
    ];
    for (const headers of credentials) {
      const { status } = await send('a wrong credential', admin.url, {
        path: '/graphql',
        headers: [...JSON_BODY, ...headers],
        body,
      });
      expect(status).toBeGreaterThanOrEqual(400);
      for (const path of ['/v1/verify', `/v1/verify?key=${lost}`]) {
        const { url } = watched.system.verifiers[0]!;
        const asked = { path, headers: [...JSON_BODY, ...headers], body: JSON.stringify({ key: lost }) };
        expect((await send('a wrong credential', url, asked)).status).toBeGreaterThanOrEqual(400);
      }
    }
    const paths = [
      `/${lost}`,
      `/graphql?access_token=${lost}`,
      `/graphql?query=${lost}`,
      `/healthz?${lost}`,
      `/metrics/${lost}`,
    ];
    for (const url of [admin.url, watched.system.verifiers[0]!.url]) {
      for (const path of paths) {
        for (const method of ['GET', 'POST', 'DELETE'])
          await send('a secret in a URL', url, {
            method,
            path,
            headers: asAdmin(),
            body: method === 'POST' ? body : '',
          });
      }
    }
    const media = ['content-type', `text/${lost.slice(3)}`, 'authorization', `Bearer ${admin.token}`];
    await send('a strange media type', admin.url, { path: '/graphql', headers: media, body: lost });
  });
}
