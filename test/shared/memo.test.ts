// Memos: what was computed is kept for texts that come again, within a bound.
import { expect, test } from 'vitest';
import { createMemo } from '../../services/shared/memo.ts';

function counted<T>(compute: (text: string) => T, limit: number, keeps?: (result: T) => boolean) {
  const computed: string[] = [];
  const read = createMemo((text) => (computed.push(text), compute(text)), limit, keeps);
  return { read, computed };
}

test('a text that comes again is not computed again, whatever came of it', () => {
  const { read, computed } = counted<string | null>((text) => (text === 'none' ? null : text.toUpperCase()), 10);
  for (let i = 0; i < 3; i++) expect([read('a'), read('none')]).toEqual(['A', null]);
  expect(computed).toEqual(['a', 'none']);
});

test('what is not worth it is computed each time', () => {
  const { read, computed } = counted(
    (text) => text.length,
    10,
    (length) => length > 1,
  );
  expect([read('a'), read('a'), read('bb'), read('bb')]).toEqual([1, 1, 2, 2]);
  expect(computed).toEqual(['a', 'a', 'bb']);
});

test('past its bound those go that have not come for a while; answers stay right', () => {
  const { read, computed } = counted((text) => `${text}!`, 10);
  const others = Array.from({ length: 1000 }, (_, i) => `other-${i}`);
  for (const other of others) expect([read('often'), read(other)]).toEqual(['often!', `${other}!`]);
  expect(computed.filter((text) => text === 'often')).toHaveLength(1);
  expect(computed).toHaveLength(1001);
  expect(read('other-999')).toBe('other-999!');
  expect(computed).toHaveLength(1001);
  expect(read('other-0')).toBe('other-0!');
  expect(computed).toHaveLength(1002);
});

test('a text that was cut out of a longer one, or is not Latin, is found again', () => {
  const { read, computed } = counted((text) => text.length, 10);
  const line = `${'x'.repeat(5000)}, 2001:db8::1234, ${'y'.repeat(5000)}`;
  expect([read(line.slice(5002, 5018)), read('2001:db8::1234, '.trim()), read('ключ 🔑'), read('ключ 🔑')]).toEqual([
    16, 15, 7, 7,
  ]);
  expect(read('2001:db8::1234, ')).toBe(16);
  expect(computed).toHaveLength(3);
});
