// The key table: what it gives back folds as the whole state does, and what keys share is given up with the last of them.
import { describe, expect, test } from 'vitest';
import type { KeyEvent } from '../../events/catalogue.ts';
import { foldKey } from '../../events/fold.ts';
import { readRecord } from '../../events/quarantine.ts';
import type { KeyState } from '../../events/key/state.ts';
import type { NewRecord } from '../../events/log.ts';
import { createKeyTable } from '../../services/verifier/key-table.ts';
import { ID_WORDS, packDigest, packId, unpackDigest, unpackId } from '../../services/verifier/packed.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createRandom, SEED } from './random.ts';
import { createWriter, iso, NOW, OLD_PEPPER, PEPPER } from './support.ts';

/** What no verdict and no later event of the fold depends on. */
const BLANK = {
  ...{ preview: '', predecessor: null, createdAt: '', createdBy: { kind: 'system', id: '' } },
  ...{ lastRotatedAt: null, revocation: null, dataKeyNumber: 0 },
};

/** Every state that a log's keys have been in, folded whole. */
function statesOf(records: readonly NewRecord[]): readonly { readonly event: KeyEvent; readonly state: KeyState }[] {
  const log = createMemoryLog({ partitions: 1 });
  for (const record of records) log.put(record);
  const states = new Map<string, KeyState>();
  return log.records(0).map((record) => {
    const read = readRecord(record);
    if (read.kind !== 'key') throw new Error(read.kind);
    const verdict = foldKey(states.get(read.event.attributes.subject) ?? null, read.event);
    if (verdict.kind !== 'applied') throw new Error(verdict.kind);
    states.set(verdict.state.keyId, verdict.state);
    return { event: read.event, state: verdict.state };
  });
}

function randomHistory(seed: number): NewRecord[] {
  const random = createRandom(seed);
  const writer = createWriter({ seed });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const settings = () => ({
    scopes: random.some(['r', 'w', 'x']),
    unrestricted: random.chance(20),
    resources: random.pick([
      { all: true, ids: [] },
      { all: false, ids: ['x'] },
    ]),
    flags: random.some(['f']),
  });
  const restrictions = () => ({
    origins: random.some(['https://a.example']),
    ipRanges: random.some(['10.0.0.0/8']),
    rateLimit: random.pick([null, { limit: 5, windowSeconds: 60 }]),
  });
  const expiry = () => random.pick([null, iso(NOW), iso(NOW + 1), '9999-12-31T23:59:59.999Z']);
  const records = names.map((name) =>
    writer.create(
      name,
      {
        ...settings(),
        ...restrictions(),
        environment: random.pick([null, 'live']),
        expiresAt: random.pick([null, iso(NOW)]),
        ownerId: random.pick([null, 'u1', 'ü"2']),
      },
      { pepper: random.pick([PEPPER, OLD_PEPPER]) },
    ),
  );
  const before = { ...settings(), ...restrictions() };
  for (let step = 0; step < 40; step++) {
    const id = writer.keyId(random.pick(names));
    const { scopes, unrestricted, resources, flags, origins, ipRanges, rateLimit } = before;
    const make: (() => NewRecord)[] = [
      () =>
        writer.event(id, 'ScopesChanged', {
          before: { scopes, unrestricted, resources, flags },
          after: settings(),
        }),
      () =>
        writer.event(id, 'RestrictionsChanged', { before: { origins, ipRanges, rateLimit }, after: restrictions() }),
      () => writer.event(id, 'ExpiryChanged', { before: null, after: expiry() }),
      () => writer.event(id, 'KeyDisabled', {}),
      () => writer.event(id, 'KeyEnabled', {}),
      () => writer.regenerate(id, random.pick([0, NOW, NOW + 1]), random.pick([PEPPER, OLD_PEPPER])),
      () => writer.regenerate(id, NOW + 5),
      () => writer.event(id, 'PreviousSecretRetired', {}),
      () => writer.event(id, 'KeyForgotten', { destroyedDataKey: `${id}.1` }),
    ];
    const last: (() => NewRecord)[] = [
      () => writer.event(id, 'KeyRevoked', { reason: null }),
      () => writer.event(id, 'KeyDeleted', { destroyedDataKey: null }),
    ];
    records.push(random.pick(random.chance(8) ? last : make)());
  }
  return records;
}

describe(`the key table (SEED=${SEED})`, () => {
  test('gives back each state as it was put, but for what is not held; the fold goes on from there as from the whole', () => {
    for (let round = 0; round < 100; round++) {
      const table = createKeyTable();
      const whole = new Map<string, KeyState>();
      for (const { event, state } of statesOf(randomHistory(SEED + round))) {
        const verdict = foldKey(table.get(state.keyId), event);
        if (verdict.kind !== 'applied') throw new Error(`SEED=${SEED + round}: ${verdict.kind}`);
        table.put(verdict.state);
        whole.set(state.keyId, state);
        for (const each of whole.values())
          expect(table.get(each.keyId), `SEED=${SEED + round}`).toEqual({ ...each, ...BLANK });
      }
      const states = [...whole.values()];
      expect(table.size).toBe(states.length);
      expect(Object.fromEntries(table.peppers)).toEqual(
        states
          .filter(({ status }) => status !== 'DELETED')
          .flatMap(({ secret, previousSecret }) => [secret, ...(previousSecret ? [previousSecret] : [])])
          .reduce<Record<string, number>>(
            (all, { pepperId }) => ({ ...all, [pepperId]: (all[pepperId] ?? 0) + 1 }),
            {},
          ),
      );
      const policies = states.map((state) => {
        const { keyspace, keyspaceVersion, environment, type, scopes, unrestricted, resources, flags } = state;
        const { origins, ipRanges, rateLimit } = state;
        const shared = [keyspace, keyspaceVersion, environment, type, scopes, unrestricted, resources, flags];
        return JSON.stringify([...shared, origins, ipRanges, rateLimit]);
      });
      expect(table.policies.size()).toBe(new Set(policies).size);
    }
  }, 120_000);

  test('the first key that has a hash keeps it, and a hash that no text has leads nowhere', () => {
    const writer = createWriter();
    const [first, second] = statesOf([writer.create('a'), writer.create('b')]).map(({ state }) => state);
    if (!first || !second) throw new Error('two keys were made');
    const table = createKeyTable();
    table.put(first);
    table.put({ ...second, secret: first.secret });
    expect(table.bySecret(wordsOf(first.secret.hash))).toMatchObject({
      record: { keyId: first.keyId },
      secret: 'CURRENT',
    });
    // Two bits of the last character say nothing: as it is written, nothing hashes to it.
    const twisted = `${second.secret.hash.slice(0, -1)}${second.secret.hash.endsWith('A') ? 'B' : 'A'}`;
    const untrue = packDigest(twisted, 'base64url') === null ? twisted : `${twisted.slice(0, -1)}B`;
    table.put({ ...second, secret: { ...second.secret, hash: untrue } });
    expect(table.get(second.keyId)?.secret.hash).toBe('');
    expect(table.bySecret(wordsOf(second.secret.hash))).toBeNull();
  });

  test('holds no text of a key that others do not share: its size does not depend on what a key says of itself', () => {
    const table = createKeyTable();
    const writer = createWriter();
    const [given] = statesOf([writer.create('a')]);
    if (!given) throw new Error('a key was made');
    table.put(given.state);
    const { bytes } = table;
    table.put({ ...given.state, version: 2, preview: 'x'.repeat(10_000), predecessor: 'y', createdAt: 'z' });
    expect(table.bytes).toBe(bytes);
    expect(JSON.stringify(table.get(given.state.keyId))).not.toContain('xx');
  });
});

const wordsOf = (hash: string): Uint32Array => {
  const words = packDigest(hash, 'base64url');
  if (words === null) throw new Error('a stored hash is a digest');
  return words.slice();
};

describe('packed', () => {
  test(`ids and digests come back as they were (SEED=${SEED})`, () => {
    const random = createRandom(SEED);
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const words = new Uint32Array(ID_WORDS + 1);
    for (let i = 0; i < 5000; i++) {
      const id = `key_${Array.from({ length: 22 }, () => digits.charAt(random.below(62))).join('')}`;
      packId(id, words);
      expect(unpackId(words, 0)).toBe(id);
      const hex = Array.from({ length: 64 }, () => random.below(16).toString(16)).join('');
      expect(unpackDigest(packDigest(hex, 'hex') ?? words, 0, 'hex')).toBe(hex);
    }
    for (const wrong of ['', 'a'.repeat(63), 'A'.repeat(64), 'g'.repeat(64), 'a'.repeat(66)])
      expect(packDigest(wrong, 'hex')).toBeNull();
  });
});
