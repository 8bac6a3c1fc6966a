// Keyed records and interned texts: they hold what a Map would hold, however they grow and whatever falls together.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createInterned } from '../../services/verifier/interned.ts';
import { createKeyedRecords } from '../../services/verifier/keyed-records.ts';
import { createRecords } from '../../services/verifier/records.ts';
import { SEED, seededBytes } from './random.ts';

const WIDTH = 6;
const KEY = 4;

/** A table beside a Map; each key gets a value of its own, which is changed from time to time. */
function createPair(hashOf?: (first: number, second: number) => number) {
  const table = createKeyedRecords(WIDTH, KEY, hashOf);
  const map = new Map<string, { readonly record: number; value: number }>();
  const valueOf = (record: number) => table.segment(record).words[table.at(record) + KEY];
  return {
    table,
    map,
    put(key: Uint32Array, value: number) {
      const known = map.get(key.join());
      const record = known?.record ?? table.insert(key);
      table.segment(record).words[table.at(record) + KEY] = value;
      map.set(key.join(), { record, value });
    },
    isAlike(key: Uint32Array): boolean {
      const known = map.get(key.join());
      const found = table.find(key);
      return known === undefined ? found === -1 : found === known.record && valueOf(found) === known.value;
    },
  };
}

describe('keyed records', () => {
  const word = fc.oneof(fc.constantFrom(0, 1, 2, 0x80000000, 0xffffffff), fc.nat({ max: 3 }));
  const key = fc.uint32Array({ minLength: KEY, maxLength: KEY }).chain((wild) =>
    fc.oneof(
      fc.constant(wild),
      fc.tuple(word, word, word, word).map((words) => Uint32Array.from(words)),
    ),
  );
  const hashes: fc.Arbitrary<((first: number, second: number) => number) | undefined> = fc.constantFrom(
    undefined,
    () => 0,
    () => 0xffffffff,
    (first: number) => first & 3,
  );

  test('are those of a Map after any inserts and changes, wherever keys fall together', () => {
    fc.assert(
      fc.property(
        hashes,
        fc.array(fc.tuple(key, fc.nat()), { maxLength: 120 }),
        fc.array(key, { maxLength: 40 }),
        (hashOf, puts, others) => {
          const pair = createPair(hashOf);
          for (const [each, value] of puts) pair.put(each, value);
          const keys = [...puts.map(([each]) => each), ...others];
          expect(keys.filter((each) => !pair.isAlike(each))).toEqual([]);
          expect(pair.table.size).toBe(pair.map.size);
        },
      ),
      { numRuns: 500 },
    );
  });

  test(`stay where they are while segments and index grow to 200,000 (SEED=${SEED})`, () => {
    const words = new Uint32Array(Uint8Array.from(seededBytes(SEED)(210_000 * KEY * 4)).buffer);
    const keyAt = (i: number): Uint32Array => words.slice(i * KEY, (i + 1) * KEY);
    const pair = createPair();
    let wrong = 0;
    for (let i = 0; i < 200_000; i++) {
      pair.put(keyAt(i), i);
      const before = keyAt((i * 7919) % (i + 1));
      if (i % 10 === 0) pair.put(before, i);
      else if (!pair.isAlike(before)) wrong++;
    }
    for (let i = 0; i < 210_000; i++) if (!pair.isAlike(keyAt(i))) wrong++;
    expect(wrong).toBe(0);
    expect(pair.table.size).toBe(pair.map.size);
    // Segments that are full, and an index that is at least half full.
    expect(pair.table.bytes).toBeLessThan((13 << 14) * WIDTH * 4 + (pair.table.size * 4) / 0.5);
  });
});

describe('records', () => {
  test('give a freed number out again before a new one, and keep the others', () => {
    const records = createRecords(2);
    const numbers = Array.from({ length: 100 }, () => records.allocate());
    expect(new Set(numbers).size).toBe(100);
    for (const each of numbers) records.segment(each).words[records.at(each)] = each + 1;
    records.free(7);
    expect(records.allocate()).toBe(7);
    expect(records.allocate()).toBe(100);
    for (const each of numbers) expect(records.segment(each).words[records.at(each)]).toBe(each + 1);
  });
});

describe('interned texts', () => {
  test('have one number each for as long as they are used, and leave nothing behind', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', 'ba'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 100 }), (steps) => {
        const interned = createInterned();
        const users = new Map<string, { readonly number: number; count: number }>();
        for (const [each, acquires] of steps) {
          const known = users.get(each);
          if (acquires) {
            const number = interned.acquire(each);
            if (known) expect(number).toBe(known.number);
            users.set(each, { number, count: (known?.count ?? 0) + 1 });
          } else if (known) {
            interned.release(known.number);
            if (known.count === 1) users.delete(each);
            else users.set(each, { ...known, count: known.count - 1 });
          }
          for (const [held, { number }] of users) expect(interned.text(number)).toBe(held);
          expect(interned.size).toBe(users.size);
        }
      }),
    );
  });
});
