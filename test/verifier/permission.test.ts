// Permission queries: what they mean, what they refuse, and that neither costs much twice.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPermissionCache, parsePermission, PermissionSyntaxError } from '../../services/verifier/permission.ts';

const ask = (query: string, ...granted: string[]) => parsePermission(query)((scope) => granted.includes(scope));

type Tree = string | { readonly op: 'and' | 'or'; readonly items: readonly Tree[] };

const leaf = fc.constantFrom('a:read', 'b:write', 'c', 'android', 'order', 'x.y/z*');
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      items: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

const evaluate = (node: Tree, granted: readonly string[]): boolean =>
  typeof node === 'string'
    ? granted.includes(node)
    : node.op === 'and'
      ? node.items.every((item) => evaluate(item, granted))
      : node.items.some((item) => evaluate(item, granted));

/** Writes a tree with the parentheses that it needs, and sometimes more. */
function write(node: Tree, pad: string, inAnd = false): string {
  if (typeof node === 'string') return node;
  const text = node.items.map((item) => write(item, pad, node.op === 'and')).join(` ${pad}${node.op} `);
  return (inAnd && node.op === 'or') || pad !== '' ? `(${pad}${text})` : text;
}

describe('permission queries', () => {
  test('mean what their tree means: `and` before `or`, parentheses before both', () => {
    const granted = fc.subarray(['a:read', 'b:write', 'c', 'android', 'order', 'x.y/z*']);
    fc.assert(
      fc.property(tree, granted, fc.constantFrom('', ' ', '\n\t'), (node, scopes, pad) => {
        expect(ask(write(node, pad), ...scopes)).toBe(evaluate(node, scopes));
      }),
      { numRuns: 2000 },
    );
  });

  test('the contract’s example', () => {
    const query = 'a:read and (b:write or c)';
    expect(ask(query, 'a:read', 'c')).toBe(true);
    expect(ask(query, 'a:read', 'b:write')).toBe(true);
    expect(ask(query, 'a:read')).toBe(false);
    expect(ask(query, 'b:write', 'c')).toBe(false);
    expect(ask('a or b and c', 'a')).toBe(true);
    expect(ask('a or b and c', 'b')).toBe(false);
  });

  test.each([
    ['', 'must have a scope at the end'],
    ['   ', 'must have a scope at the end'],
    ['and', 'must have a scope at character 1'],
    ['a and', 'must have a scope at the end'],
    ['a or or b', 'must have a scope at character 6'],
    ['a b', 'must have and, or or the end at character 3'],
    ['a AND b', 'must have and, or or the end at character 3'],
    ['(a or b', 'must have a closing parenthesis at the end'],
    ['a) or b', 'must have and, or or the end at character 2'],
    ['()', 'must have a scope at character 2'],
    ['a, b', 'must have a scope at character 1'],
    ['not a', 'must have and, or or the end at character 5'],
    ['ü', 'must have a scope at character 1'],
    ['x'.repeat(65), 'must have a scope at character 1'],
    [`${'('.repeat(40)}a${')'.repeat(40)}`, 'must nest at most 32 deep: too deep at character 34'],
    ['a'.repeat(2000), 'must have at most 1024 characters'],
  ])('%j is refused with the place and nothing of the text', (query, message) => {
    expect(() => parsePermission(query)).toThrow(new PermissionSyntaxError(message));
  });

  test('whatever is written, it is compiled or refused', () => {
    const pieces = fc.array(fc.constantFrom('and', 'or', '(', ')', 'a', 'b:c', ' ', '\0', '💥', '__proto__'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(pieces, (words) => {
        try {
          expect(typeof parsePermission(words.join(' '))(() => true)).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(PermissionSyntaxError);
        }
      }),
    );
  });

  test('the cache answers the same query with the same function and holds no more than its bound', () => {
    const compile = createPermissionCache(2);
    const first = compile('a');
    expect(compile('a')).toBe(first);
    compile('b');
    compile('c');
    expect(compile('a')).not.toBe(first);
  });
});
