// Random histories: what must hold of every sequence of commands, however it is read.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyEvent, KeyEvent } from '../../events/catalogue.ts';
import { foldKey } from '../../events/fold.ts';
import type { KeyState } from '../../events/key/state.ts';
import { parseSecret } from '../../events/secret.ts';
import { anyProfile, anySteps, lenientProfile } from './arbitrary.ts';
import { decideOn } from './given.ts';
import { play } from './play.ts';
import { seededBytes } from './seeded.ts';
import { created, disabled, enabled, foldOne, NOTHING, recordOn, revoked, type Folded } from './world.ts';

/** Folds records as a reader meets them; broken and ignored ones change nothing. */
const readAll = (events: readonly AnyEvent[]): KeyState | null =>
  events.reduce<KeyState | null>((state, event) => {
    const verdict = foldKey(state, event as KeyEvent);
    return verdict.kind === 'applied' ? verdict.state : state;
  }, null);

test('versions are contiguous, times never run backwards, and each event extends the one before', () => {
  fc.assert(
    fc.property(anySteps(12), lenientProfile, (steps, profile) => {
      const { events, key } = play(steps, profile);
      expect(events.map(({ attributes }) => attributes.version)).toEqual(events.map((_, index) => index + 1));
      expect(key.state?.version).toBe(events.length);
      for (const [index, { attributes }] of events.entries()) {
        const before = events[index - 1]?.attributes;
        if (before) expect([attributes.prev, attributes.time >= before.time]).toEqual([before.hash, true]);
      }
    }),
    { numRuns: 200 },
  );
});

test('1,000 random histories: every event three times over and every writer that lost changes nothing', () => {
  const random = fc.integer({ min: 0, max: 2 ** 31 });
  fc.assert(
    fc.property(anySteps(8), lenientProfile, random, (steps, profile, seed) => {
      const { events, key, steps: played } = play(steps, profile);
      // Each loser was decided on a version that somebody else's event took meanwhile.
      const losers = played
        .filter(({ decision }) => decision.kind === 'event')
        .flatMap(({ before }, index) =>
          [enabled, disabled, revoked].map((event) => recordOn(before, event, { commandId: `late-${index}` })),
        );
      const noise = [...events, ...events, ...losers];
      const bytes = seededBytes(String(seed));
      // Any order that keeps each event's first copy in its place among the others, copies and losers behind it.
      const log = events.flatMap((event) => {
        const behind = noise.filter(
          ({ attributes }) => attributes.version <= event.attributes.version && (bytes(1)[0] ?? 0) < 60,
        );
        return [event, ...behind];
      });
      expect(readAll([...log, ...noise])).toEqual(key.state);
      expect(readAll(events)).toEqual(key.state);
    }),
    { numRuns: 1000 },
  );
});

test('folding all at once is folding step by step, from any state in between', () => {
  fc.assert(
    fc.property(anySteps(10), lenientProfile, fc.nat(10), (steps, profile, cut) => {
      const { events, key } = play(steps, profile);
      const fold = (from: Folded, some: readonly AnyEvent[]) => some.reduce(foldOne, from);
      // A snapshot is plain data: it survives being stored.
      const snapshot = JSON.parse(JSON.stringify(fold(NOTHING, events.slice(0, cut)))) as Folded;
      expect(fold(snapshot, events.slice(cut))).toEqual(key);
    }),
    { numRuns: 200 },
  );
});

test('what is revoked or deleted stays so: no command has another effect than a refusal', () => {
  fc.assert(
    fc.property(anySteps(12), lenientProfile, (steps, profile) => {
      for (const { before, after, decision } of play(steps, profile).steps) {
        const status = before.state?.status;
        if (status !== 'REVOKED' && status !== 'DELETED') continue;
        expect(decision).toMatchObject({ kind: 'refused', refusal: { type: 'InvalidState', status } });
        expect(after).toBe(before);
      }
    }),
    { numRuns: 300 },
  );
});

test('a refusal and "already so" leave the key as it was, and decisions depend on nothing but their facts', () => {
  fc.assert(
    fc.property(anySteps(6), anyProfile, (steps, profile) => {
      for (const { command, decision, before, after } of play(steps, profile).steps) {
        if (decision.kind !== 'event') expect(after).toBe(before);
        const again = [1, 2].map(() => decideOn(before, command, { profile }, seededBytes('again')));
        expect(JSON.stringify(again[0])).toBe(JSON.stringify(again[1]));
      }
    }),
    { numRuns: 200 },
  );
});

test('no preview ever shows more characters than the keyspace allows, and nothing else of a secret is recorded', () => {
  fc.assert(
    fc.property(anyProfile, fc.integer(), (profile, seed) => {
      const { first, last } = profile.credential.preview;
      const lenient = {
        ...profile,
        rotation: { ...profile.rotation, enabled: true },
        roles: { ...profile.roles, view: ['admin' as const], rotate: ['admin' as const] },
      };
      const before = foldOne(NOTHING, recordOn(NOTHING, created()));
      const decision = decideOn(
        before,
        { name: 'regenerateKey', input: {} },
        { profile: lenient },
        seededBytes(String(seed)),
      );
      if (decision.kind !== 'event' || !decision.secret) throw new Error(JSON.stringify(decision));
      const text = decision.secret.reveal();
      const { prefix } = parseSecret(text) ?? { prefix: '' };
      const recorded = recordOn(before, decision.event);
      const { preview } = recorded.data as { preview: string };
      const shown = text.slice(0, prefix.length + 1 + first);
      expect(preview).toBe(`${shown}...${text.slice(text.length - last)}`);
      const written = JSON.stringify(recorded);
      for (let at = prefix.length + 1; at + 12 <= text.length; at++)
        expect(written).not.toContain(text.slice(at, at + 12));
    }),
    { numRuns: 300 },
  );
});
