// What the console's quick start shows for nginx, run as it is shown: only addresses are others.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyTab } from '../../console/src/keys/quick-start-code.ts';
import { readPresets } from '../../services/api/presets.ts';
import { startGateway, type RunningGateway } from './gateways.ts';
import { startInstallation, type Installation } from './installation.ts';

let of: Installation;
let nginx: RunningGateway;
beforeAll(async () => {
  of = await startInstallation();
  const [profile] = await readPresets(['ayra']);
  if (!profile) throw new Error('there is no such preset');
  const { slug, permissions, credential } = profile;
  const shown = verifyTab({ slug, permissions, credential: { ...credential, prefixes: [] } });
  const example = shown.examples.find(({ title }) => title === 'nginx')?.code ?? '';
  nginx = await startGateway('nginx', { ...of.behind, example });
});
afterAll(async () => {
  await nginx.stop();
  await of.stop();
});

test('the location that is shown lets in whoever has such a key, and nobody else, and keeps the key to itself', async () => {
  const reads = await of.key({ keyspace: 'ayra', environment: 'live', scopes: ['agents:read'] });
  const writes = await of.key({ keyspace: 'ayra', environment: 'live', scopes: ['contacts:write'] });
  const ask = (secret: string) => nginx.ask({ path: '/x', headers: { authorization: `Bearer ${secret}` } });
  const given = await ask(reads.secret);
  expect(given.status).toBe(200);
  expect(given.seen?.headers).toContainEqual(['x-keyfold-key-id', reads.keyId]);
  expect(JSON.stringify(given.seen)).not.toContain(reads.secret.slice(4, 20));
  expect((await ask(writes.secret)).status).toBe(403);
  expect((await nginx.ask({ path: '/x' })).status).toBe(401);
});
