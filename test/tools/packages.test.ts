// The package check refuses what it is there to refuse.
import { describe, expect, it } from 'vitest';
import { isAllowed, problems, runtimePackages } from './check-packages.ts';

const LIST = ['MIT', 'ISC', 'Apache-2.0'];

describe('the package check', () => {
  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['(MIT OR GPL-3.0-only)', true],
    ['GPL-2.0-only OR GPL-3.0-only', false],
    ['MIT AND ISC', true],
    ['MIT AND GPL-3.0-only', false],
    ['none named', false],
    ['', false],
    ['mit', false],
  ])('licence %j is allowed: %s', (licence, allowed) => {
    expect(isAllowed(licence, LIST)).toBe(allowed);
  });

  it('counts every installed name and version once, and none that is not installed', () => {
    const leaf = { version: '1.0.0', path: '/a' };
    const tree = {
      dependencies: {
        a: leaf,
        b: { version: '1.0.0', path: '/b', dependencies: { a: leaf, c: { version: '2.0.0', path: '/c' } } },
        optional: {},
      },
    };
    expect([...runtimePackages(tree).keys()].sort()).toEqual(['a@1.0.0', 'b@1.0.0', 'c@2.0.0']);
  });

  it('tells every package that is refused, and a budget that is over', () => {
    const licences = new Map([
      ['a@1', 'MIT'],
      ['b@1', 'GPL-3.0-only'],
      ['c@1', 'none named'],
    ]);
    expect(problems({ runtimePackages: 3, licences: LIST }, licences)).toHaveLength(2);
    expect(problems({ runtimePackages: 2, licences: LIST }, licences)).toHaveLength(3);
    expect(problems({ runtimePackages: 1, licences: LIST }, new Map([['a@1', 'MIT']]))).toEqual([]);
  });
});
