// What our own checker says of hostile bundles; docs/verify.py must say the same (verify-py-hostile.services.test.ts).
import { expect, test } from 'vitest';
import { checkBundle } from '../../events/proof/check.ts';
import { linesOf } from '../../events/proof/lines.ts';
import { hostileBundles } from './hostile.ts';

test('bundles at which parsers differ: each is judged by its bytes, at its line', async () => {
  const said: unknown[] = [];
  const bundles = await hostileBundles();
  for (const { what, text } of bundles) {
    const result = await checkBundle({ lines: linesOf([Buffer.from(text)]) });
    said.push([what, result.kind === 'tampered' ? result.line : result.kind]);
  }
  expect(said).toEqual(bundles.map(({ what, is }) => [what, is]));
});
