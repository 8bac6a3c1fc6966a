// Conditions on a subscription's one field: refused in words, wherever they stand, as they may leave nothing to follow.
import { expect, test } from 'vitest';
import { checkDocument } from '../../schema/limits.ts';

const FIELD = 'keyEvents(workspaceId: "acme")';

test.each([
  `subscription { ${FIELD} @skip(if: true) { id } }`,
  `subscription ($on: Boolean!) { ${FIELD} @include(if: $on) { id } }`,
  `subscription { ... @skip(if: true) { ${FIELD} { id } } }`,
  `subscription { ...Events @include(if: false) } fragment Events on Subscription { ${FIELD} { id } }`,
  `subscription { ...Events } fragment Events on Subscription { ${FIELD} @skip(if: true) { id } }`,
])('%s', (query) => {
  const checked = checkDocument(query);
  expect(checked.ok ? [] : checked.errors.map(({ message, extensions }) => [message, extensions.code])).toEqual([
    ['The field of a subscription may not depend on @skip or @include.', 'BAD_USER_INPUT'],
  ]);
});

test('conditions below the field, and on queries, are taken', () => {
  expect(checkDocument(`subscription { ${FIELD} { time @skip(if: true) type } }`).ok).toBe(true);
  expect(checkDocument('{ viewer @skip(if: true) { operator } }').ok).toBe(true);
});
