// docs/verify.py and our own checker on hostile bundles, known ones and random ones: they say the same, at the same line, and
// neither breaks. Needs python3, and pip the first time.
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReadStream } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { checkBundle, type CheckResult } from '../../events/proof/check.ts';
import { linesOf, MAX_LINE_BYTES } from '../../events/proof/lines.ts';
import { pythonWith } from '../services/downloads.ts';
import { randomOf, randomWorld } from './bundles.ts';
import { hostileBundles } from './hostile.ts';
import { randomMutant } from './mutants.ts';
import { verifyPy, verifyPyFile, type Answered } from './verify-py.ts';

const MUTANTS = Number(process.env.MUTANTS ?? 600);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

let python: string;
beforeAll(async () => {
  python = join(await pythonWith('cryptography==48.0.0'), 'bin', 'python3');
}, 240_000);

const ours = (text: string | Buffer): Promise<CheckResult> => checkBundle({ lines: linesOf([Buffer.from(text)]) });

/** What two checkers must agree about. */
const verdict = (said: CheckResult | Answered['result']): unknown =>
  said.kind === 'tampered' ? [said.line, said.eventId] : said.kind;

test('bundles at which parsers differ: docs/verify.py judges each as our own checker does', async () => {
  const bundles = await hostileBundles();
  const answers = await verifyPy(
    python,
    bundles.map(({ text }) => ({ text, keys: false })),
  );
  const said: unknown[] = [];
  const wanted: unknown[] = [];
  for (const [n, { what, is, text }] of bundles.entries()) {
    const { code, result } = answers[n]!;
    said.push([what, code, result.line ?? result.kind, verdict(result)]);
    wanted.push([what, is === 'intact' ? 0 : is === 'untold' ? 2 : 1, is, verdict(await ours(text))]);
  }
  expect(said).toEqual(wanted);
});

test(`${MUTANTS} random mutants of bundles are judged alike (SEED=${SEED})`, { timeout: 400_000 }, async () => {
  const worlds = await Promise.all(Array.from({ length: 20 }, (_, n) => randomWorld(SEED + n)));
  const random = randomOf(SEED);
  const mutants = Array.from({ length: MUTANTS }, () => randomMutant(random, worlds));
  const answers = await verifyPy(
    python,
    mutants.map(({ text }) => ({ text, keys: false })),
  );
  const apart: unknown[] = [];
  const seen: Record<string, number> = { intact: 0, tampered: 0, untold: 0 };
  for (const [n, { what, text }] of mutants.entries()) {
    const own = await ours(text);
    const { result } = answers[n]!;
    seen[own.kind]! += 1;
    if (JSON.stringify(verdict(own)) !== JSON.stringify(verdict(result)))
      apart.push({ n, what, own, result, text: text.toString().slice(0, 2000) });
  }
  expect(apart, JSON.stringify(apart, null, 1)).toEqual([]);
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0);
});

test('a line that is longer than any of a bundle is read by neither', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-long-line-'));
  try {
    const path = join(folder, 'long.ndjson');
    const file = await open(path, 'w');
    await file.truncate(MAX_LINE_BYTES + 1);
    await file.close();
    const own = await checkBundle({ lines: linesOf(createReadStream(path, { highWaterMark: 1 << 20 })) });
    const { code, result } = await verifyPyFile(python, path);
    expect([own.kind, code, result.kind]).toEqual(['untold', 2, 'untold']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
