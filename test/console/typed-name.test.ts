// Which texts are taken for a key's name where it is asked for.
import { expect, test } from 'vitest';
import { isNameTyped } from '../../console/src/key/typed-name.ts';

test('a name is typed as it is seen: white space is one space, and what cannot be seen is left out', () => {
  for (const name of ['My key', 'My  key', ' My\tkey ', 'My\nkey', 'My \u200B key', '\u202EMy key', 'My\u00A0key'])
    expect(isNameTyped('My key', name), JSON.stringify(name)).toBe(true);
  expect(isNameTyped('Cafe\u0301', 'Caf\u00E9')).toBe(true);
  expect(isNameTyped(' My   key', 'My key')).toBe(true);
});

test('another name is not taken for it, nor is nothing', () => {
  for (const typed of ['', ' ', 'My', 'my key', 'Mykey', 'My key 2']) expect(isNameTyped(typed, 'My  key')).toBe(false);
});
