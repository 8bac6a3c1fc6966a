// A thousand tamperings, by somebody who may recompute whatever is not signed: each is found, and where it was done.
import { expect, test } from 'vitest';
import { checkBundle } from '../../events/proof/check.ts';
import { jwksOf } from '../../events/proof/checkpoint.ts';
import { linesOf } from '../../events/proof/lines.ts';
import { KEYS, randomOf, randomWorld } from './bundles.ts';
import { KINDS, randomTampering } from './tamper.ts';

const TAMPERINGS = 1000;
const WORLDS = 60;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

test(`${TAMPERINGS} random tamperings: each is found at its place (SEED=${SEED})`, { timeout: 300_000 }, async () => {
  const worlds = await Promise.all(Array.from({ length: WORLDS }, (_, n) => randomWorld(SEED + n)));
  const random = randomOf(SEED);
  const missed: unknown[] = [];
  for (let run = 0; run < TAMPERINGS; run++) {
    const { what, text, at, kept } = await randomTampering(random, worlds, KINDS[run % KINDS.length]!);
    // Whom a kept checkpoint is enough has no key file.
    const known = kept ? { kept } : { keys: jwksOf(KEYS) };
    const result = await checkBundle({ lines: linesOf([Buffer.from(text)]), ...known });
    const line = result.kind === 'tampered' ? result.line : null;
    if (line === null || !at.includes(line)) missed.push({ run, what, at, result });
  }
  expect(missed, JSON.stringify(missed, null, 1)).toEqual([]);
});
