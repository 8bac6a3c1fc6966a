// What the log says of a gateway whose token is wrong: enough to mend it, and no flood.
import { expect, test } from 'vitest';
import { createGatewayWarning } from '../../services/verifier/gateway-warning.ts';

test('names the setting and the header, once a minute however often it is asked', () => {
  const lines: unknown[] = [];
  let now = 0;
  const warn = createGatewayWarning({ warn: (line: unknown) => lines.push(line) }, () => now);
  for (; now < 59_999; now += 10) warn();
  expect(lines).toEqual([expect.stringMatching(/VERIFIER_TOKEN in X-Keyfold-Verifier-Token.*503 UNAVAILABLE/)]);
  now = 60_000;
  warn();
  expect(lines).toHaveLength(2);
});
