// Which origins the active public keys of a keyspace work from: told as each key would be judged, whatever happened to them.
import { describe, expect, test } from 'vitest';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { quarantined } from '../../events/quarantine.ts';
import { compilePolicy } from '../../services/verifier/policy.ts';
import { createView, FROM_NOTHING, type View } from '../../services/verifier/view.ts';
import { createRandom, SEED } from './random.ts';
import { createWriter, iso, NOW, project, type Created } from './support.ts';
import { fullFold, load, PEPPERS, setUp, tail } from './view-support.ts';

const APP = 'https://app.example.com';

const profileOf = (openNeeds: boolean, thirdIsPublic: boolean): ProfileInput => ({
  slug: 'default',
  name: 'Default',
  types: [
    { id: 'secret', label: 'Secret', prefix: 'kf_sec' },
    { id: 'open', label: 'Open', prefix: 'kf_open', public: true, unrestricted: 'NEVER', originsRequired: openNeeds },
    { id: 'third', label: 'Third', prefix: 'kf_third', public: thirdIsPublic, unrestricted: 'NEVER' },
  ],
});

function given(data: Partial<Created>, { openNeeds = true } = {}) {
  const { log, writer } = setUp();
  log.put(writer.keyspace(profileOf(openNeeds, false)));
  log.put(writer.create('a', { type: 'open', ...data }));
  const view = fullFold(log);
  const keyId = writer.keyId('a');
  const allowed = (origin = APP, now = NOW) => tail(view, log).allowsOrigin('default', origin, now);
  return { log, writer, view, keyId, allowed };
}

describe('origins of active public keys', () => {
  test('are listed ones, in any case, and those for which a wildcard’s one label stands', () => {
    const { allowed, view } = given({ origins: [APP, 'https://*.widgets.example'] });
    for (const origin of [APP, 'HTTPS://App.Example.com', 'https://eu.widgets.example'])
      expect(allowed(origin), origin).toBe(true);
    for (const origin of [
      ...[
        '',
        'null',
        'https://evil.example',
        `${APP}.evil.example`,
        'http://app.example.com',
        `${APP}:8443`,
        `${APP}/`,
      ],
      ...[
        'https://widgets.example',
        'https://a.b.widgets.example',
        'https://*.widgets.example',
        'https://\u212aidgets',
      ],
      ...['app.example.com', `${APP}\\@evil.com`, '__proto__', 'constructor'],
    ])
      expect(allowed(origin), origin).toBe(false);
    for (const keyspace of ['other', '', '__proto__']) expect(view.allowsOrigin(keyspace, APP, NOW)).toBe(false);
  });

  test('are none of a private key, and all of a public one that lists none, unless its type needs some', () => {
    expect(given({ type: 'secret', origins: [APP] }).allowed()).toBe(false);
    expect(given({ type: 'secret' }).allowed()).toBe(false);
    expect(given({ type: 'gone', origins: [APP] }).allowed()).toBe(false);
    expect(given({}).allowed()).toBe(false);
    for (const origin of [APP, 'null', '']) expect(given({}, { openNeeds: false }).allowed(origin)).toBe(true);
  });

  test('end with the last key that has them: disabled, revoked, deleted, edited; and come back with one', () => {
    const of = given({ origins: [APP] });
    const then = (record: ReturnType<typeof of.writer.create>) => {
      of.log.put(record);
      return of.allowed();
    };
    expect(of.allowed()).toBe(true);
    expect(then(of.writer.event(of.keyId, 'KeyDisabled', {}))).toBe(false);
    expect(then(of.writer.event(of.keyId, 'KeyEnabled', {}))).toBe(true);
    const settings = { ipRanges: [], rateLimit: null };
    const edit = (before: string[], after: string[]) =>
      of.writer.event(of.keyId, 'RestrictionsChanged', {
        before: { ...settings, origins: before },
        after: { ...settings, origins: after },
      });
    expect(then(edit([APP], ['https://new.example']))).toBe(false);
    expect(of.allowed('https://new.example')).toBe(true);
    expect(then(of.writer.create('b', { type: 'open', origins: [APP] }))).toBe(true);
    expect(then(edit(['https://new.example'], [APP]))).toBe(true);
    expect(then(of.writer.event(of.keyId, 'KeyRevoked', { reason: null }))).toBe(true);
    expect(then(of.writer.event(of.writer.keyId('b'), 'KeyDeleted', { destroyedDataKey: null }))).toBe(false);
  });

  test('end at the very end of the last key that has them, without an event', () => {
    const of = given({ origins: [APP], expiresAt: iso(NOW + 10) });
    of.log.put(of.writer.create('b', { type: 'open', origins: [APP], expiresAt: iso(NOW + 20) }));
    expect([0, 9, 10, 19, 20, 1e9].map((ms) => of.allowed(APP, NOW + ms))).toEqual([
      ...[true, true, true, true, false, false],
    ]);
    const extend = { before: iso(NOW + 10), after: iso(NOW + 2e9) };
    of.log.put(of.writer.event(of.keyId, 'ExpiryChanged', extend));
    expect([1e9, 2e9].map((ms) => of.allowed(APP, NOW + ms))).toEqual([true, false]);
    of.log.put(of.writer.event(of.keyId, 'ExpiryChanged', { before: extend.after, after: null }));
    expect(of.allowed(APP, NOW + 3e9)).toBe(true);
  });

  test('protocol F1: end with a quarantine and come back as the key is when it is lifted', () => {
    const of = given({ origins: [APP] });
    const position = of.log.put({ key: of.keyId, value: Buffer.from('{ not json') });
    expect(of.allowed()).toBe(false);
    of.log.put(of.writer.event(of.keyId, 'ExpiryChanged', { before: null, after: iso(NOW + 10) }));
    expect(of.allowed()).toBe(false);
    const data = { position: encodeRecordPosition(position), reason: 'by hand' };
    of.log.put(of.writer.event(of.keyId, 'RecordDiscarded', data));
    expect([NOW, NOW + 10].map((now) => of.allowed(APP, now))).toEqual([true, false]);
  });

  test('follow the profile: what is a public type now, and whether it needs origins', () => {
    const of = given({ type: 'third', origins: [APP] });
    of.log.put(of.writer.create('b', { type: 'open' }));
    const then = (openNeeds: boolean, thirdIsPublic: boolean, version: number) => {
      of.log.put(of.writer.keyspace(profileOf(openNeeds, thirdIsPublic), version));
      return [of.allowed(), of.allowed('https://other.example')];
    };
    expect([of.allowed(), of.allowed('https://other.example')]).toEqual([false, false]);
    expect(then(true, true, 2)).toEqual([true, false]);
    expect(then(false, true, 3)).toEqual([true, true]);
    expect(then(true, false, 4)).toEqual([false, false]);
  });
});

describe(`origins of active public keys, in random histories (SEED=${SEED})`, () => {
  const ORIGINS = [APP, 'https://*.example.com', 'https://b.example', 'http://localhost:3000'];
  const ASKED = [...ORIGINS, 'https://x.example.com', 'http://app.example.com', 'null'];

  /** Every key judged on its own. */
  function expected(view: View, keyIds: readonly string[], origin: string, now: number): boolean {
    const entry = view.keyspaces.profiles.default;
    const shutOut = quarantined(view.quarantine);
    return keyIds.some((keyId) => {
      const state = view.keys.get(keyId);
      if (state?.status !== 'ACTIVE' || shutOut.has(keyId)) return false;
      if (state.expiresAt !== null && Date.parse(state.expiresAt) <= now) return false;
      if (!entry?.profile.types.some((type) => type.id === state.type && type.public)) return false;
      const { fromOrigin } = compilePolicy(state, entry);
      return fromOrigin === null || fromOrigin(origin);
    });
  }

  test('an answer is what judging every key gives, folded from the start and loaded midway', async () => {
    for (let round = 0; round < 30; round++) {
      const seed = SEED + round;
      const random = createRandom(seed);
      const { log, store } = setUp();
      const writer = createWriter({ seed });
      const names = ['a', 'b', 'c', 'd'];
      const keyIds = names.map((name) => writer.keyId(name));
      const expiry = () => random.pick([null, iso(NOW + 5), iso(NOW + 30), iso(NOW + 60)]);
      const restrictions = () => ({ origins: random.some(ORIGINS), ipRanges: [], rateLimit: null });
      log.put(writer.keyspace(profileOf(random.chance(50), random.chance(50))));
      for (const name of names)
        log.put(
          writer.create(name, {
            ...restrictions(),
            expiresAt: expiry(),
            type: random.pick(['secret', 'open', 'third']),
          }),
        );
      const views = [createView(FROM_NOTHING, PEPPERS)];
      let version = 1;
      const broken: string[] = [];
      for (let step = 0; step < 30; step++) {
        const id = random.pick(keyIds);
        const before = { origins: [], ipRanges: [], rateLimit: null };
        const dice = random.below(10);
        if (dice === 0) log.put(writer.keyspace(profileOf(random.chance(50), random.chance(50)), ++version));
        else if (dice === 1)
          broken.push(encodeRecordPosition(log.put({ key: id, value: Buffer.from(`{ broken ${step}`) })));
        else if (dice <= 3 && broken.length > 0)
          log.put(writer.event(id, 'RecordDiscarded', { position: broken.shift() ?? '', reason: 'by hand' }));
        else if (dice <= 5) log.put(writer.event(id, random.pick(['KeyDisabled', 'KeyEnabled']), {}));
        else if (dice <= 7) log.put(writer.event(id, 'RestrictionsChanged', { before, after: restrictions() }));
        else if (dice === 8) log.put(writer.event(id, 'ExpiryChanged', { before: null, after: expiry() }));
        else log.put(writer.regenerate(id, 0));
        if (step === 15) {
          await project(log, store);
          views.push(await load(store, log));
        }
        // Time goes on, and never back.
        const now = NOW + step * 3;
        for (const view of views)
          expect(
            ASKED.map((origin) => tail(view, log).allowsOrigin('default', origin, now)),
            `SEED=${seed} step ${step}`,
          ).toEqual(ASKED.map((origin) => expected(view, keyIds, origin, now)));
      }
    }
  });
});
