// Ayra A7–A12: regenerate, edit, rotate, revoke, the registry of keys, and advice on names.
import { expect, test, vi } from 'vitest';
import { BY_ITSELF } from '../../e2e/life/started.ts';
import { globalId } from '../../support/api.ts';
import type { Product } from '../harness.ts';
import { advice, APP, authorization, inDays } from './common.ts';

const EIGHT_DAYS_S = 691_200;
const REASONS = ['Compromised', 'Replaced', 'Unused', 'Employee Departure', 'Project Ended'];
const FAMILY = `query ($id: ID!) { key(id: $id) { predecessor { keyId } successors { keyId } } }`;

interface Family {
  readonly key: {
    readonly predecessor: { readonly keyId: string } | null;
    readonly successors: readonly { readonly keyId: string }[];
  };
}

export function lifecycle(product: () => Product): void {
  test('ayra A7: view, regenerate, edit, revoke, view usage; an edit makes a new key, and the old one works until revoked', async () => {
    const { code, place } = product();
    const { admin } = await place();
    const keyspace = await admin.keyspace();
    const called = Object.fromEntries(keyspace?.labels.actions.map(({ action, label }) => [action, label]) ?? []);
    expect(called).toMatchObject({
      ...{ VIEW: 'View Details', REGENERATE: 'Regenerate', REVOKE: 'Revoke', SEE_USAGE: 'View Usage' },
      ...{ UPDATE: 'Edit', CHANGE_EXPIRY: 'Edit', CHANGE_SCOPES: 'Edit' },
    });
    for (const id of ['name', 'expiresAt', 'scopes'])
      expect(keyspace?.fields.find((field) => field.id === id)?.edit, id).toBe('SUCCESSOR');

    const registry = { tags: ['web'], metadata: { purpose: 'Checkout' }, owner: { id: 'team-web' } };
    const first = await admin.create({ ...APP, ...registry, expiresAt: inDays(60) });
    expect(new Set(first.key.actions)).toEqual(
      new Set([
        ...['VIEW', 'UPDATE', 'CHANGE_SCOPES', 'CHANGE_EXPIRY', 'REGENERATE', 'REVOKE'],
        ...['FORGET', 'SEE_HISTORY', 'SEE_USAGE'],
      ]),
    );
    for (const name of ['disableKey', 'enableKey', 'deleteKey'] as const)
      expect(await admin.attempt(name, first.keyId)).toMatchObject({ __typename: 'NotEnabled' });

    const renewed = await admin.regenerate(first.keyId);
    const { version } = renewed.key;
    const { environment, scopes, expiresAt, tags, metadata, owner, name } = first.key;
    const same = { keyId: first.keyId, environment, scopes, expiresAt, tags, metadata, owner, name, status: 'ACTIVE' };
    expect(renewed.key).toMatchObject(same);
    expect(await code(first.secret, renewed.position)).toBe('NOT_FOUND');
    expect(await code(renewed.secret, renewed.position)).toBe('VALID');

    const edits = [
      ['updateKey', { name: 'Checkout' }],
      ['changeExpiry', { expiresAt: inDays(20) }],
      ['changeScopes', { scopes: ['contacts:write'] }],
    ] as const;
    let position = '';
    for (const [edit, change] of edits) {
      const made = await admin.succeed(edit, first.keyId, change);
      const { keyId, secret } = made;
      expect(made.key).toMatchObject({ ...same, keyId, ...change });
      expect(made.predecessor).toEqual({ keyId: first.keyId });
      expect(keyId).not.toBe(first.keyId);
      expect(secret).toMatch(/^sk_live_/);
      expect(secret).not.toBe(renewed.secret);

      expect(await admin.key(first.keyId, made.position)).toMatchObject({ ...same, version });
      expect(await code(renewed.secret, made.position, { scopes: ['agents:read'] })).toBe('VALID');
      const granted = edit === 'changeScopes' ? 'contacts:write' : 'agents:read';
      expect(await code(secret, made.position, { scopes: [granted] })).toBe('VALID');
      ({ position } = made);
    }
    const { key: old } = await admin.api.query<Family>(FAMILY, { id: globalId(first.keyId) });
    // An answer that was lost is asked for again: then there is one more.
    expect(old.successors.length).toBeGreaterThanOrEqual(edits.length);
    const [successor] = old.successors;
    const { key: heir } = await admin.api.query<Family>(FAMILY, { id: globalId(successor?.keyId ?? '') });
    expect(heir.predecessor).toEqual({ keyId: first.keyId });
    expect(await admin.api.history(first.keyId, position)).toHaveLength(version);

    const revoked = await admin.change('revokeKey', first.keyId, { reason: 'Replaced' });
    expect(await code(renewed.secret, revoked.position)).toBe('REVOKED');
    expect(await admin.key(successor?.keyId ?? '', revoked.position)).toMatchObject({ status: 'ACTIVE' });
  });

  test('ayra A8: rotation without downtime: both secrets work for the overlap, 0 to 8 days, then the old one retires by itself', async () => {
    const { code, place } = product();
    const { admin } = await place();
    expect((await admin.keyspace())?.rotation).toEqual({
      enabled: true,
      defaultOverlapSeconds: 0,
      maxOverlapSeconds: EIGHT_DAYS_S,
    });
    const first = await admin.create(APP);
    for (const overlapSeconds of [-1, EIGHT_DAYS_S + 1])
      expect(await admin.attempt('regenerateKey', first.keyId, { overlapSeconds })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['overlapSeconds'],
      });

    const before = Date.now();
    const second = await admin.regenerate(first.keyId, { overlapSeconds: EIGHT_DAYS_S });
    const retiresAt = Date.parse(second.key.previousSecret?.retiresAt ?? '');
    expect(retiresAt).toBeGreaterThanOrEqual(before + EIGHT_DAYS_S * 1000);
    expect(retiresAt).toBeLessThanOrEqual(Date.now() + EIGHT_DAYS_S * 1000);
    expect(await code(first.secret, second.position)).toBe('VALID');
    expect(await code(second.secret, second.position)).toBe('VALID');

    const byHand = await admin.change('retirePreviousSecret', first.keyId);
    expect(byHand.key.previousSecret).toBeNull();
    expect(await code(first.secret, byHand.position)).toBe('NOT_FOUND');
    expect(await code(second.secret, byHand.position)).toBe('VALID');

    const third = await admin.regenerate(first.keyId, { overlapSeconds: 1 });
    await vi.waitFor(async () => expect(await code(second.secret, third.position)).toBe('NOT_FOUND'), BY_ITSELF);
    expect(await code(third.secret, third.position)).toBe('VALID');
    await vi.waitFor(
      async () => expect((await admin.api.history(first.keyId)).at(-1)?.type).toBe('PREVIOUS_SECRET_RETIRED'),
      BY_ITSELF,
    );

    const fourth = await admin.regenerate(first.keyId);
    expect(fourth.key).toMatchObject({ previousSecret: null, keyId: first.keyId });
    expect(await code(third.secret, fourth.position)).toBe('NOT_FOUND');
    expect(await code(fourth.secret, fourth.position)).toBe('VALID');
  });

  test('ayra A9: a key is revoked at once and for ever, with one of five reasons; then it is an authentication error', async () => {
    const { code, forward, place } = product();
    const { admin } = await place();
    const keyspace = await admin.keyspace();
    expect(keyspace?.removal).toMatchObject({ mode: 'REVOKE', reasons: REASONS });
    expect(keyspace?.texts.revoke).toMatch(/irreversible/);
    expect(keyspace?.operations.find(({ action }) => action === 'REVOKE')?.confirmation).toEqual({
      ...{ title: 'Revoke this API key?', text: keyspace?.texts.revoke, button: 'Revoke' },
    });
    expect(keyspace?.texts.reasons.map(({ reason }) => reason)).toEqual(REASONS);
    expect(keyspace?.texts.reasons[0]?.text).toBe('Suspected security breach');

    const untouched = await admin.create(APP);
    for (const input of [{}, { reason: null }, { reason: 'Boredom' }, { reason: 'compromised' }])
      expect(await admin.attempt('revokeKey', untouched.keyId, input)).toMatchObject({
        __typename: 'InvalidInput',
        path: ['reason'],
      });
    expect(await code(untouched.secret, untouched.position)).toBe('VALID');

    for (const reason of REASONS) {
      const { keyId, secret } = await admin.create(APP);
      const overlapped = await admin.regenerate(keyId, { overlapSeconds: 3600 });
      const { key, position } = await admin.change('revokeKey', keyId, { reason, note: 'seen in a build log' });
      expect(key).toMatchObject({ status: 'REVOKED', revocation: { reason, note: 'seen in a build log' } });
      expect(await code(overlapped.secret, position)).toBe('REVOKED');
      expect(await code(secret, position)).not.toBe('VALID');
      for (const name of ['enableKey', 'regenerateKey', 'changeScopes', 'revokeKey'] as const)
        expect(
          await admin.attempt(name, keyId, name === 'changeScopes' ? { scopes: ['agents:read'] } : {}),
        ).toMatchObject({ __typename: 'InvalidState', status: 'REVOKED' });

      for (const gateway of ['caddy', 'nginx', 'traefik'] as const) {
        const headers = authorization(overlapped.secret);
        const refused = await forward({ headers, after: position, gateway });
        expect(refused).toMatchObject({ status: 401, code: 'REVOKED', body: { code: 'authentication_error' } });
        expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    }
  });

  test('ayra A10: the registry: purpose, usage location, owner or system, last rotation; found by environment, tag and scope', async () => {
    const { place, verify } = product();
    const { admin, viewer } = await place();
    const fields = (await admin.keyspace())?.fields ?? [];
    for (const [id, label] of [
      ['metadata.purpose', 'Purpose'],
      ['metadata.usageLocation', 'Usage location'],
    ])
      expect(fields.find((field) => field.id === id)).toMatchObject({ label, edit: 'IN_PLACE' });
    expect(fields.find(({ id }) => id === 'owner')).toMatchObject({ label: 'Assigned owner or system' });
    const registry = ['metadata.purpose', 'metadata.usageLocation', 'owner', 'tags'];
    const shown = fields.filter(({ inCreateForm }) => inCreateForm).map(({ id }) => id);
    expect(shown).toEqual(['name', 'environment', 'scopes', 'expiresAt', ...registry]);
    const edited = fields.filter(({ inEditForm }) => inEditForm).map(({ id }) => id);
    expect(edited).toEqual(['name', 'scopes', 'expiresAt', ...registry]);
    const guidance = (await admin.keyspace())?.texts.guidance ?? [];
    expect(guidance.find(({ title }) => title === 'Key Tracking')?.text).toMatch(/purpose and usage location/);

    const web = await admin.create({
      ...APP,
      tags: ['web', 'production'],
      owner: { id: 'svc-checkout' },
      metadata: { purpose: 'Takes orders', usageLocation: 'eu-west, checkout' },
    });
    const mobile = await admin.create({
      ...{ name: 'Mobile App - iOS', environment: 'test', scopes: ['contacts:write'] },
      tags: ['mobile'],
    });
    expect(web.key).toMatchObject({
      owner: { id: 'svc-checkout' },
      metadata: { purpose: 'Takes orders', usageLocation: 'eu-west, checkout' },
      lastRotatedAt: null,
    });
    expect(mobile.key.owner).toMatchObject({ id: admin.id });

    const metadata = { purpose: 'Takes orders', usageLocation: 'eu-north, checkout' };
    const moved = await admin.change('updateKey', web.keyId, { metadata, tags: ['web', 'production', 'eu'] });
    expect(moved.key).toMatchObject({ keyId: web.keyId, metadata });
    const rotated = await admin.regenerate(web.keyId);
    const event = (await admin.api.history(web.keyId, rotated.position)).findLast(
      ({ type }) => type === 'KEY_REGENERATED',
    );
    expect(rotated.key.lastRotatedAt).toBe(event?.time);
    expect(await verify(rotated.secret, rotated.position, { include: ['metadata'] })).toMatchObject({ metadata });

    const finds = async (filter: Readonly<Record<string, unknown>>, found: boolean) => {
      const ids = (await viewer.keys(filter, rotated.position)).map(({ keyId }) => keyId);
      expect(ids.includes(web.keyId), JSON.stringify(filter)).toBe(found);
      expect(ids.includes(mobile.keyId), JSON.stringify(filter)).toBe(!found);
    };
    for (const [filter, found] of [
      [{ environment: 'live' }, true],
      [{ environment: 'test' }, false],
      [{ tags: ['eu', 'web'] }, true],
      [{ tags: ['mobile'] }, false],
      [{ scope: 'agents:read' }, true],
      [{ scope: 'contacts:write' }, false],
      [{ owner: 'svc-checkout' }, true],
      [{ text: 'ios' }, false],
    ] as const)
      await finds(filter, found);
  });

  test('ayra A11: all keys of a person who leaves are found and revoked, and the history tells what each could reach', async () => {
    const { code, place } = product();
    const { admin, member } = await place();
    const mine = await admin.create(APP);
    const theirs = [
      await member.create({ ...APP, name: 'Export', scopes: ['contacts:read'] }),
      await member.create({ ...APP, name: 'Import', environment: 'test', scopes: ['contacts:write'] }),
      await admin.create({ ...APP, name: 'Assigned', owner: { id: member.id }, scopes: ['admin:full'] }),
    ];
    const after = theirs.at(-1)?.position;
    const found = await admin.keys({ owner: member.id }, after);
    const ids = found.map(({ keyId }) => keyId);
    expect(ids).toEqual(expect.arrayContaining(theirs.map(({ keyId }) => keyId)));
    expect(ids).not.toContain(mine.keyId);

    for (const { keyId, secret, key } of theirs) {
      const { position } = await admin.change('revokeKey', keyId, { reason: 'Employee Departure' });
      expect(await code(secret, position)).toBe('REVOKED');
      const [created, revoked] = await admin.api.history(keyId, position);
      expect(created?.data).toMatchObject({ scopes: key.scopes, environment: key.environment });
      expect(revoked).toMatchObject({ type: 'KEY_REVOKED', data: { reason: 'Employee Departure' } });
      expect(revoked?.requestId).toMatch(/./);
    }
    expect(await code(mine.secret, mine.position)).toBe('VALID');
  });

  test('ayra A12: a name that says nothing is advised against, and taken all the same', async () => {
    const { place } = product();
    const { admin } = await place();
    const naming = (await admin.keyspace())?.naming;
    expect(naming?.discouraged).toEqual(['Key 1', 'Test', 'New Key', 'API Key']);
    for (const name of ['Key 1', 'Test', 'New Key', 'API Key', ' test ', 'new key', 'API KEY']) {
      const made = await admin.create({ ...APP, name });
      expect(advice(made, 'DISCOURAGED_NAME'), name).toEqual([naming?.advice]);
      expect(made.key.name).toBe(name);
    }
    expect(naming?.examples).toContain('Production Web Application');
    for (const name of [
      ...(naming?.examples ?? []),
      "John's Dev Key",
      'Test suite of the web app',
      'Key 10',
      'Analytics Dashboard',
    ])
      expect(advice(await admin.create({ ...APP, name }), 'DISCOURAGED_NAME'), name).toEqual([]);
    const { keyId } = await admin.create(APP);
    const renamed = await admin.succeed('updateKey', keyId, { name: 'Test' });
    expect(advice(renamed, 'DISCOURAGED_NAME')).toEqual([naming?.advice]);
  });
}
