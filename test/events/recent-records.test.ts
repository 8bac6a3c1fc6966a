// Records kept in memory: the last ones, within both bounds, whatever comes and goes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRecord } from '../../events/log.ts';
import { createRecentRecords } from '../../events/logs/recent-records.ts';

const MAX = { records: 5, bytes: 100 };
const recordAt = (offset: number, size: number): LogRecord => ({
  ...{ partition: 0, offset, key: 'a', headers: {} },
  value: new Uint8Array(size),
});

test('are those that were written last and not dropped, as many as fit', () => {
  const added = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 8 });
  const dropped = fc.record({ dropBefore: fc.integer({ min: 0, max: 40 }) });
  const property = fc.property(fc.array(fc.oneof(added, dropped), { maxLength: 12 }), (steps) => {
    const recent = createRecentRecords(MAX);
    let expected: LogRecord[] = [];
    let next = 0;
    for (const step of steps) {
      if ('dropBefore' in step) {
        recent.dropBefore(step.dropBefore);
        expected = expected.filter(({ offset }) => offset >= step.dropBefore);
      } else {
        const records = step.map((size) => recordAt(next++, size));
        recent.add(records);
        expected.push(...records);
        const size = () => expected.reduce((sum, { value }) => sum + value.byteLength, 0);
        while (expected.length > MAX.records || size() > MAX.bytes) expected.shift();
      }
      const oldest = expected[0]?.offset ?? next;
      for (let offset = 0; offset < next; offset++)
        expect(recent.from(offset, 3)).toEqual(
          offset < oldest ? null : expected.slice(offset - oldest, offset - oldest + 3),
        );
    }
  });
  fc.assert(property, { numRuns: 500 });
});
