// The view: loaded from any state of the read store and tailed, it is the fold of the whole log.
import { describe, expect, test } from 'vitest';
import { quarantined } from '../../events/quarantine.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { verify } from '../../services/verifier/verify.ts';
import { createView, FROM_NOTHING } from '../../services/verifier/view.ts';
import { NOW, OLD_PEPPER, PEPPER, project } from './support.ts';
import { code, fullFold, knowledge, load, PEPPERS, setUp, tail, whenScanned } from './view-support.ts';

describe('protocol V4', () => {
  test('protocol V4: a change between the scan and its checkpoint is not missed (no key is stale for ever)', async () => {
    const { log, store, writer } = setUp();
    const keyId = writer.keyId('a');
    await log.append([writer.keyspace(), writer.create('a')]);
    await project(log, store);
    const view = await load(
      // The key is read as ACTIVE; the projector then disables it and moves the checkpoint past that event.
      whenScanned(store, async () => {
        await log.append([writer.event(keyId, 'KeyDisabled', {})]);
        await project(log, store);
      }),
      log,
    );
    expect(code(tail(view, log), writer.secretOf(keyId))).toBe('DISABLED');
  });

  test('protocol V4: rows that are ahead of the checkpoint, or behind it, make no false gaps', async () => {
    const { log, store, writer } = setUp();
    const [a, b] = [writer.keyId('a'), writer.keyId('b')];
    await log.append([writer.keyspace(), writer.create('a'), writer.create('b')]);
    await project(log, store);
    const view = await load(
      whenScanned(store, async () => {
        await log.append([writer.event(a, 'KeyDisabled', {}), writer.event(a, 'KeyEnabled', {})]);
        await project(log, store);
        await log.append([writer.event(b, 'KeyDisabled', {}), writer.event(a, 'KeyRevoked', { reason: null })]);
        await project(log, store);
      }),
      log,
    );
    tail(view, log);
    expect([...quarantined(view.quarantine)]).toEqual([]);
    expect(knowledge(view, log)).toEqual(knowledge(fullFold(log), log));
    expect(code(view, writer.secretOf(a))).toBe('REVOKED');
    expect(code(view, writer.secretOf(b))).toBe('DISABLED');
  });

  test('protocol V4: a crash before the checkpoint leaves rows ahead of it; they are folded again without harm', async () => {
    const { log, store, writer } = setUp();
    const keyId = writer.keyId('a');
    await log.append([
      writer.create('a'),
      writer.event(keyId, 'KeyDisabled', {}),
      writer.event(keyId, 'KeyEnabled', {}),
    ]);
    store.beforeStep = ({ kind }) => {
      if (kind === 'checkpoint') throw new Error('killed');
    };
    await expect(project(log, store)).rejects.toThrow('killed');
    const view = await load(store, log);
    expect(view.keys.get(keyId)?.version).toBe(3);
    expect(view.position).toEqual({});
    expect(knowledge(tail(view, log), log)).toEqual(knowledge(fullFold(log), log));
  });

  test('protocol V4: a generation that is dropped while it is read is never taken for an empty one', async () => {
    const { log, store, writer } = setUp();
    await log.append([writer.keyspace(), writer.create('a'), writer.create('b')]);
    await project(log, store);
    const view = await load(
      whenScanned(store, async () => {
        const next = await store.createGeneration('2026-01-02T00:00:00.000Z');
        await project(log, store, {}, next);
        expect(await store.switchGeneration('g1', next)).toBe(true);
        await store.dropGeneration('g1');
      }),
      log,
    );
    expect(view.keys.size).toBe(2);
    expect(Object.keys(view.keyspaces.profiles)).toEqual(['default']);
  });
});

describe('the view', () => {
  test('is not loaded from a row that no fold has made, and says which table is damaged', async () => {
    const { log, store, writer } = setUp();
    await log.append([writer.keyspace(), writer.create('a')]);
    await project(log, store);
    for (const bad of [{ head: 'no hash' }, { keyId: 'no id' }]) {
      const damaged: ReadStore = {
        ...store,
        read: (work) =>
          store.read((live) =>
            work({
              ...live,
              scanKeys: async (after, limit) =>
                (await live.scanKeys(after, limit)).map((row) => ({ ...row, state: { ...row.state, ...bad } })),
            }),
          ),
      };
      const message = 'a row of keys in the read store is damaged';
      await expect(load(damaged, log)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT', message });
    }
  });

  test('a key that was unknown a moment ago is known as soon as its event is folded', async () => {
    const { log, writer } = setUp();
    const view = createView(FROM_NOTHING, PEPPERS);
    const record = writer.create('a');
    const text = writer.secretOf(writer.keyId('a'));
    expect(code(view, text)).toBe('NOT_FOUND');
    await log.append([record]);
    expect(code(tail(view, log), text)).toBe('VALID');
  });

  test('every secret that a key ever had leads to it, and only the good ones are good', async () => {
    const { log, writer } = setUp();
    const keyId = writer.keyId('a');
    const retiresAt = NOW + 1000;
    await log.append([
      writer.create('a', {}, { pepper: OLD_PEPPER }),
      writer.regenerate(keyId, NOW - 5000, OLD_PEPPER),
      writer.regenerate(keyId, retiresAt),
    ]);
    const view = fullFold(log);
    expect(code(view, writer.secretOf(keyId))).toBe('VALID');
    expect(code(view, writer.secretOf(keyId, 1))).toBe('VALID');
    expect(code(view, writer.secretOf(keyId, 1), retiresAt - 1)).toBe('VALID');
    expect(code(view, writer.secretOf(keyId, 1), retiresAt)).toBe('NOT_FOUND');
    expect(verify({ key: writer.secretOf(keyId, 2) }, view, NOW)).toMatchObject({
      code: 'NOT_FOUND',
      record: { keyId },
    });
    await log.append([writer.event(keyId, 'PreviousSecretRetired', {})]);
    expect(code(tail(view, log), writer.secretOf(keyId, 1))).toBe('NOT_FOUND');
  });

  test('a key whose pepper is not in the settings fails closed, and the view names the pepper', async () => {
    const { log, writer } = setUp();
    await log.append([writer.create('a', {}, { pepper: OLD_PEPPER }), writer.create('b')]);
    const view = tail(createView(FROM_NOTHING, [PEPPER]), log);
    expect(code(view, writer.secretOf(writer.keyId('a')))).toBe('NOT_FOUND');
    expect(code(view, writer.secretOf(writer.keyId('b')))).toBe('VALID');
    expect(view.missingPeppers()).toEqual(['p1']);
    await log.append([writer.event(writer.keyId('a'), 'KeyDeleted', { destroyedDataKey: null })]);
    expect(tail(view, log).missingPeppers()).toEqual([]);
  });

  test('several generations of peppers verify side by side', async () => {
    const { log, writer } = setUp();
    const third = { id: 'p0', key: new Uint8Array(32).fill(7) };
    await log.append([
      writer.create('a', {}, { pepper: third }),
      writer.create('b', {}, { pepper: OLD_PEPPER }),
      writer.create('c'),
    ]);
    const view = tail(createView(FROM_NOTHING, [PEPPER, OLD_PEPPER, third]), log);
    const codes = ['a', 'b', 'c'].map((name) => code(view, writer.secretOf(writer.keyId(name))));
    expect(codes).toEqual(['VALID', 'VALID', 'VALID']);
  });

  test('a change of the profile binds keys that were made before it', async () => {
    const { log, writer } = setUp();
    const profile = (implies: string[]) => ({
      slug: 'default',
      name: 'Default',
      types: [{ id: 'secret', label: 'Secret', prefix: 'kf' }],
      permissions: { freeForm: true, implications: [{ scope: 'write', implies }] },
    });
    await log.append([writer.keyspace(profile([])), writer.create('a', { scopes: ['write'] })]);
    const view = fullFold(log);
    const check = { key: writer.secretOf(writer.keyId('a')), scopes: ['read'] };
    expect(verify(check, view, NOW).code).toBe('INSUFFICIENT_SCOPE');
    await log.append([writer.keyspace(profile(['read']), 2)]);
    expect(verify(check, tail(view, log), NOW)).toMatchObject({
      code: 'VALID',
      record: { policy: { keyspaceVersion: 2 } },
    });
  });
});
