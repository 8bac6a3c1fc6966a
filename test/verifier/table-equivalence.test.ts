// Equivalence: the compact layout and a plain reference implementation agree on random keys, requests and times, however
// the keys came to be what they are.
import { expect, test } from 'vitest';
import type { Check } from '../../services/verifier/verify.ts';
import { createView, FROM_NOTHING } from '../../services/verifier/view.ts';
import { verify } from '../../services/verifier/verify.ts';
import { plainKey } from '../fakes/plain-key.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createRandom, SEED } from './random.ts';
import { referenceOf, type PlainKey } from './reference.ts';
import { createWriter, iso, NOW, OLD_PEPPER, PEPPER, type Created } from './support.ts';
import { PROFILE } from './verify-support.ts';

const KEYS = 1000;
const CHECKS = 100_000;
const TIMES = [NOW - 1, NOW, NOW + 1, NOW + 999, NOW + 1000];

type Random = ReturnType<typeof createRandom>;

const access = (random: Random) => ({
  scopes: random.some(['read', 'write', 'admin', 'agents', 'root', 'other']),
  unrestricted: random.chance(20),
  resources: random.chance(50) ? { all: true, ids: [] } : { all: false, ids: random.some(['r1', 'r2']) },
  flags: random.some(['f1', 'f2']),
});
const restrictions = (random: Random) => ({
  origins: random.chance(15) ? ['https://a.example'] : [],
  ipRanges: random.chance(15) ? ['10.0.0.1'] : [],
  rateLimit: null,
});
const moment = (random: Random) => random.pick([null, null, null, null, NOW, NOW + 1, NOW + 1000]);
const expiry = (random: Random) => {
  const at = moment(random);
  return at === null ? null : iso(at);
};

/** Keys in one view, made and changed by events, some of them broken; and the same keys as plain objects. */
function build(random: Random) {
  const log = createMemoryLog({ partitions: 1 });
  const writer = createWriter({ seed: SEED });
  log.put(writer.keyspace(PROFILE));
  const make = (name: string): PlainKey => {
    const id = writer.keyId(name);
    let data: Created = plainKey({
      ...access(random),
      ...restrictions(random),
      environment: random.pick(['live', 'live', null]),
      expiresAt: expiry(random),
      ownerId: random.pick([null, 'u1', `u-${name}`]),
    });
    log.put(writer.create(name, data, { pepper: random.pick([PEPPER, OLD_PEPPER]) }));
    let secrets = [{ text: writer.secretOf(id), goodUntil: Infinity }];
    const retire = (until: number): void => {
      secrets = secrets.map((each) => ({ ...each, goodUntil: each.goodUntil === Infinity ? until : 0 }));
    };
    const endOverlap = (): void => {
      secrets = secrets.map((each) => (each.goodUntil === Infinity ? each : { ...each, goodUntil: 0 }));
    };
    for (let changes = random.below(4); changes > 0; changes--) {
      const { scopes, unrestricted, resources, flags, origins, ipRanges, rateLimit, expiresAt } = data;
      const after = { access: access(random), restrictions: restrictions(random), expiry: expiry(random) };
      switch (random.below(5)) {
        case 0:
          data = { ...data, ...after.access };
          log.put(
            writer.event(id, 'ScopesChanged', {
              before: { scopes, unrestricted, resources, flags },
              after: after.access,
            }),
          );
          break;
        case 1:
          data = { ...data, ...after.restrictions };
          log.put(
            writer.event(id, 'RestrictionsChanged', {
              before: { origins, ipRanges, rateLimit },
              after: after.restrictions,
            }),
          );
          break;
        case 2:
          data = { ...data, expiresAt: after.expiry };
          log.put(writer.event(id, 'ExpiryChanged', { before: expiresAt, after: after.expiry }));
          break;
        case 3:
          endOverlap();
          log.put(writer.event(id, 'PreviousSecretRetired', {}));
          break;
        default: {
          const retiresAt = moment(random) ?? 0;
          retire(retiresAt);
          log.put(writer.regenerate(id, retiresAt, random.pick([PEPPER, OLD_PEPPER])));
          secrets = [...secrets, { text: writer.secretOf(id), goodUntil: Infinity }];
        }
      }
    }
    const end = random.pick(['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'DISABLED', 'REVOKED', 'DELETED']);
    if (end === 'DISABLED') log.put(writer.event(id, 'KeyDisabled', {}));
    if (end === 'REVOKED') log.put(writer.event(id, 'KeyRevoked', { reason: null }));
    if (end === 'DELETED') log.put(writer.event(id, 'KeyDeleted', { destroyedDataKey: null }));
    if (end === 'REVOKED' || end === 'DELETED') endOverlap();
    const quarantined = random.chance(5);
    if (quarantined) log.put({ key: id, value: Buffer.from(`broken ${name}`) });
    return { key: { ...data, status: end, quarantined }, secrets };
  };
  const keys = Array.from({ length: KEYS }, (_, i) => make(`k${i}`));
  const view = createView(FROM_NOTHING, [PEPPER, OLD_PEPPER]);
  for (const record of log.records(0)) view.fold(record);
  const unknown = Array.from({ length: 20 }, (_, i) => {
    writer.create(`nobody${i}`);
    return writer.secretOf(writer.keyId(`nobody${i}`));
  });
  return { keys, view, unknown };
}

function request(random: Random): Partial<Check> {
  const asked: Partial<Check> = {
    keyspace: random.pick(['default', 'default', 'default', 'other']),
    environment: random.pick(['live', 'live', 'test']),
    ip: random.pick(['10.0.0.1', '10.0.0.1', '10.0.0.2']),
    origin: random.pick(['https://a.example', 'https://a.example', 'https://b.example']),
    scopes: random.some(['read', 'write', 'other']),
    permission: 'read and (agents or write)',
    flags: random.some(['f1', 'f2']),
    resource: { type: random.pick(['agent', 'file', 'file', 'thing']), id: random.pick(['r1', 'r2']) },
  };
  const kept = Object.entries(asked).filter(([name]) => random.chance(name === 'ip' || name === 'origin' ? 80 : 25));
  return Object.fromEntries(kept);
}

test(`the compact layout and the plain reference agree on ${CHECKS} random (keys, requests, times) (SEED=${SEED})`, () => {
  const random = createRandom(SEED);
  const { keys, view, unknown } = build(random);
  const seen = new Map<string, number>();
  const wrong: unknown[] = [];
  for (let i = 0; i < CHECKS / 100; i++) {
    // Few of the keys at a time, since the reference looks through all that it is given.
    const some = Array.from({ length: 10 }, () => random.pick(keys));
    for (let j = 0; j < 100; j++) {
      const secrets = random.pick(some).secrets;
      const key = random.chance(2) ? random.pick(unknown) : random.pick(secrets).text;
      const [check, now] = [request(random), random.pick(TIMES)];
      const expected = referenceOf(some, key, check, now);
      const { code } = verify({ key, ...check }, view, now);
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
      if (code !== expected) wrong.push({ expected, code, check, now });
    }
  }
  expect(wrong).toEqual([]);
  expect([...seen.keys()].sort()).toEqual(
    [
      ...['DISABLED', 'EXPIRED', 'INSUFFICIENT_SCOPE', 'IP_NOT_ALLOWED', 'NOT_FOUND', 'ORIGIN_NOT_ALLOWED'],
      ...['QUARANTINED', 'RESOURCE_NOT_ALLOWED', 'REVOKED', 'VALID', 'WRONG_ENVIRONMENT', 'WRONG_KEYSPACE'],
    ].sort(),
  );
  for (const count of seen.values()) expect(count).toBeGreaterThan(CHECKS / 1000);
}, 120_000);
