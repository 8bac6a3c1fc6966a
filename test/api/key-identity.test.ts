// API keys as callers of the API: exactly one credential, in a header of the key's own keyspace, checked each time anew;
// whatever is not VALID is answered alike, and what cannot be proven now lets nobody in.
import { afterEach, expect, test } from 'vitest';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import type { NewRecord } from '../../events/log.ts';
import { positionAfter } from '../../events/position.ts';
import { createIdentityService, type Authentication } from '../../services/api/identity.ts';
import { createKeyIdentityService } from '../../services/api/key-identity.ts';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { makeIssuerKey } from '../../services/shared/data-folder.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createDecisionPoint, type DecisionPoint } from '../../services/verifier/decision-point.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createWriter, iso, PEPPER, project, silent, type Created } from '../verifier/support.ts';

const DAY = 86_400_000;
const MANAGES: Partial<ProfileInput> = {
  permissions: {
    scopes: ['api_keys:read', 'api_keys:write', 'calls:read'].map((id) => ({ id, label: id })),
    implications: [{ scope: 'api_keys:write', implies: ['api_keys:read'] }],
  },
  managesKeys: { view: 'api_keys:read', change: 'api_keys:write' },
};
const keyspace = (slug: string, prefix: string, more: Partial<ProfileInput>): ProfileInput => ({
  ...DEFAULT_PROFILE,
  slug,
  name: slug,
  types: [{ id: 'secret', label: 'Key', prefix }],
  ...more,
});
const IN_HEADER = keyspace('project', 'pa', { ...MANAGES, credential: { headers: [{ name: 'X-API-Key' }] } });
const AS_BEARER = keyspace('bearer', 'br', {
  ...MANAGES,
  credential: { headers: [{ name: 'Authorization', bearer: true }] },
});

const REFUSED = { ok: false, code: 'UNAUTHENTICATED' };
const UNAVAILABLE = { ok: false, code: 'UNAVAILABLE' };

const running: DecisionPoint[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((checker) => checker.stop(5000)));
});

async function start({ down = false } = {}) {
  const log = createMemoryLog({ partitions: 2 });
  const store = createMemoryStore();
  const writer = createWriter({ now: Date.now() - DAY });
  let profiles = 0;
  await log.append([DEFAULT_PROFILE, IN_HEADER, AS_BEARER].map((profile) => writer.keyspace(profile)));
  await project(log, store);
  log.setDown(down);
  const checker = createDecisionPoint({
    ...{ log, store, peppers: [PEPPER], maxStalenessMs: 60_000, logger: silent, metrics: createMetrics() },
  });
  running.push(checker);
  checker.start();
  if (!down) expect(await checker.whenReady(AbortSignal.timeout(10_000))).toBe(true);

  async function happens(record: NewRecord): Promise<void> {
    for (const written of await log.append([record]))
      expect(await checker.whenReached(positionAfter(written), AbortSignal.timeout(10_000))).toBe(true);
  }
  async function key(keyspaceSlug: string, data: Partial<Created> = {}) {
    const name = `key ${++profiles}`;
    const prefix = { project: 'pa', bearer: 'br' }[keyspaceSlug] ?? 'kf';
    const record = writer.create(name, { keyspace: keyspaceSlug, scopes: ['api_keys:read'], ...data }, { prefix });
    if (!down) await happens(record);
    const keyId = writer.keyId(name);
    return { keyId, secret: writer.secretOf(keyId) };
  }

  const issuerKey = await makeIssuerKey();
  const issuer = createLocalIssuer({ key: issuerKey, claim: 'keyfold' });
  const identity = createIdentityService({
    issuers: [issuer.trusted],
    claim: 'keyfold',
    maxTokenAgeMs: DAY,
    keys: createKeyIdentityService({ checker: () => checker, now: () => new Date().toISOString() }),
  });
  const ask = (headers: string[], { query = '', ip = null as string | null } = {}): Promise<Authentication> =>
    identity.authenticate(['Host', 'x', ...headers], new URLSearchParams(query), ip);
  const jwt = () => issuer.mint({ subject: 'alice', workspaces: { acme: 'admin' }, operator: true });
  return { writer, checker, key, happens, ask, jwt };
}

test('a key is a caller in its own workspace, as what its scopes make it, and never an operator', async () => {
  const { key, ask } = await start();
  const reader = await key('project');
  const answer = await ask(['x-api-key', reader.secret]);
  expect(answer).toMatchObject({
    ok: true,
    identity: { actor: { kind: 'key', id: reader.keyId }, operator: false, email: null },
  });
  if (!answer.ok) throw new Error('refused');
  expect([...answer.identity.workspaces]).toMatchObject([['acme', { keyspace: 'project', may: 'view' }]]);
  const manager = await ask(['X-API-Key', (await key('project', { scopes: ['api_keys:write'] })).secret]);
  expect(manager.ok && [...manager.identity.workspaces.values()]).toMatchObject([{ may: 'change' }]);
});

test('the secret before the current one manages nothing during an overlap, so that it cannot take the key over', async () => {
  const { writer, key, happens, ask } = await start();
  const { keyId } = await key('project', { scopes: ['api_keys:write'] });
  await happens(writer.regenerate(keyId, Date.now() + DAY));
  expect(await ask(['X-API-Key', writer.secretOf(keyId, 1)])).toEqual(REFUSED);
  expect(await ask(['X-API-Key', writer.secretOf(keyId)])).toMatchObject({ ok: true });
});

test('a key without a scope for it is a caller without access, like a token without the claim', async () => {
  const { key, ask } = await start();
  const answer = await ask(['x-api-key', (await key('project', { scopes: ['calls:read'] })).secret]);
  expect(answer.ok && answer.identity.workspaces.size).toBe(0);
});

test('a key counts in the headers of its own keyspace and nowhere else', async () => {
  const { key, ask } = await start();
  const { secret: inHeader } = await key('project');
  const { secret: asBearer } = await key('bearer');
  expect(await ask(['Authorization', `Bearer ${asBearer}`])).toMatchObject({ ok: true });
  for (const headers of [
    ['Authorization', `Bearer ${inHeader}`],
    ['Authorization', inHeader],
    ['X-API-Key', `Bearer ${inHeader}`],
    ['api-key', inHeader],
    ['X-API-Key', asBearer],
    ['Authorization', asBearer],
    ['Cookie', inHeader],
  ])
    expect(await ask(headers), headers[0]).toEqual(REFUSED);
});

test('two credentials are none, whatever they are and wherever they stand', async () => {
  const { key, ask, jwt } = await start();
  const [{ secret }, { secret: other }] = [await key('project'), await key('bearer')];
  const token = await jwt();
  expect(await ask(['Authorization', `Bearer ${token}`])).toMatchObject({ ok: true });
  for (const headers of [
    ['X-API-Key', secret, 'X-API-Key', secret],
    ['X-API-Key', secret, 'x-api-key', 'anything'],
    ['X-API-Key', secret, 'Authorization', `Bearer ${token}`],
    ['X-API-Key', secret, 'Authorization', `Bearer ${other}`],
    ['X-API-Key', secret, 'Authorization', 'Basic YTpi'],
    ['Authorization', `Bearer ${token}`, 'api-key', secret],
    ['Authorization', `Bearer ${token}`, 'X-API-Key', ''],
  ])
    expect(await ask(headers), headers.join().slice(0, 30)).toEqual(REFUSED);
});

test('a key in the query is refused, under whatever name, beside a good one too', async () => {
  const { key, ask } = await start();
  const { secret } = await key('project');
  for (const query of [`api_key=${secret}`, `x=${secret}`, 'api_key=x']) {
    expect(await ask([], { query })).toEqual(REFUSED);
    expect(await ask(['X-API-Key', secret], { query })).toEqual(REFUSED);
  }
  expect(await ask(['X-API-Key', secret], { query: 'query=x' })).toMatchObject({ ok: true });
});

test('a key of a keyspace that does not let keys manage keys is nobody, unrestricted or not', async () => {
  const { key, ask } = await start();
  const { secret } = await key('default', { unrestricted: true });
  expect(await ask(['Authorization', `Bearer ${secret}`])).toEqual(REFUSED);
  expect(await ask(['X-API-Key', secret])).toEqual(REFUSED);
});

test('a key that is disabled, revoked, deleted, expired, rotated away or unknown is nobody, from that moment on', async () => {
  const { key, ask, happens, writer } = await start();
  const of = ({ secret }: { secret: string }) => ask(['X-API-Key', secret]);
  for (const [type, data] of [
    ['KeyDisabled', {}],
    ['KeyRevoked', { reason: null }],
    ['KeyDeleted', { destroyedDataKey: null }],
  ] as const) {
    const made = await key('project');
    expect(await of(made)).toMatchObject({ ok: true });
    await happens(writer.event(made.keyId, type, data));
    expect(await of(made), type).toEqual(REFUSED);
  }
  expect(await of(await key('project', { expiresAt: iso(Date.now() - 1000) }))).toEqual(REFUSED);
  const rotated = await key('project');
  await happens(writer.regenerate(rotated.keyId, Date.now() - DAY));
  expect(await of(rotated)).toEqual(REFUSED);
  const { secret } = await key('project');
  const broken = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
  expect(await ask(['X-API-Key', broken])).toEqual(REFUSED);
  expect(await ask(['Authorization', `Bearer ${broken}`])).toEqual(REFUSED);
});

test('a key that is bound to addresses or origins calls from there only', async () => {
  const { key, ask } = await start();
  const { secret: byAddress } = await key('project', { ipRanges: ['192.0.2.0/24'] });
  const from = (ip: string | null) => ask(['X-API-Key', byAddress], { ip });
  expect(await from('192.0.2.9')).toMatchObject({ ok: true });
  expect(await from('198.51.100.9')).toEqual(REFUSED);
  expect(await from(null)).toEqual(REFUSED);
  const { secret: byOrigin } = await key('project', { origins: ['https://a.example'] });
  const origin = (...origins: string[]) =>
    ask(['X-API-Key', byOrigin, ...origins.flatMap((value) => ['Origin', value])]);
  expect(await origin('https://a.example')).toMatchObject({ ok: true });
  expect(await origin('https://b.example')).toEqual(REFUSED);
  expect(await origin()).toEqual(REFUSED);
  expect(await origin('https://a.example', 'https://a.example')).toEqual(REFUSED);
});

test('protocol L8: a key that was let in is checked again when its command is handed over', async () => {
  const { key, ask, happens, writer } = await start();
  const made = await key('project');
  const answer = await ask(['X-API-Key', made.secret]);
  if (!answer.ok) throw new Error('refused');
  expect(answer.identity.recheck?.()).toMatchObject({ ok: true, version: 1 });
  await happens(writer.event(made.keyId, 'KeyDisabled', {}));
  expect(answer.identity.recheck?.()).toEqual(REFUSED);
});

test('while nothing can be proven, a key is not refused but told to ask again; a token is not held up', async () => {
  const { key, ask, jwt } = await start({ down: true });
  const { secret } = await key('project');
  expect(await ask(['X-API-Key', secret])).toEqual(UNAVAILABLE);
  expect(await ask(['Authorization', `Bearer ${await jwt()}`])).toMatchObject({ ok: true });
});

test('where no keys are taken, a key is nobody', async () => {
  const { key } = await start();
  const { secret } = await key('bearer');
  const identity = createIdentityService({ issuers: [], claim: 'keyfold', maxTokenAgeMs: DAY });
  expect(await identity.authenticate(['Authorization', `Bearer ${secret}`], null)).toEqual(REFUSED);
});
