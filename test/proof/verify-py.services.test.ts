// docs/verify.py, written from the protocol's page alone, against the same bundles as our own checker: it raises no alarm
// for an honest one, and finds every tampering, at the same place. Needs python3, and pip the first time.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkBundle, type CheckResult } from '../../events/proof/check.ts';
import { jwksOf, signCheckpoint } from '../../events/proof/checkpoint.ts';
import { linesOf } from '../../events/proof/lines.ts';
import { pythonWith } from '../services/downloads.ts';
import { bundleOf, KEYS, randomAsked, randomOf, randomWorld } from './bundles.ts';
import { KINDS, randomTampering } from './tamper.ts';
import { verifyPy, type Bundled } from './verify-py.ts';

const HONEST = 200;
const TAMPERINGS = 1000;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

let python: string;
beforeAll(async () => {
  python = join(await pythonWith('cryptography==48.0.0'), 'bin', 'python3');
}, 240_000);

const ours = ({ text, kept, keys }: Bundled): Promise<CheckResult> =>
  checkBundle({ lines: linesOf([Buffer.from(text)]), kept, keys: keys ? jwksOf(KEYS) : undefined });

describe('docs/verify.py', () => {
  test(`raises no alarm for ${HONEST} honest bundles (SEED=${SEED})`, { timeout: 400_000 }, async () => {
    const bundles: Bundled[] = [];
    for (let run = 0; run < HONEST; run++) {
      const random = randomOf(SEED + run);
      const world = await randomWorld(SEED + run);
      const asked = randomAsked(world, random);
      const kept = random.chance(0.3) ? undefined : random.pick([asked.to, ...asked.older]).signed;
      bundles.push({ text: bundleOf(world, asked).join(''), kept, keys: random.chance(0.5) });
    }
    const answers = await verifyPy(python, bundles);
    expect(answers).toHaveLength(HONEST);
    for (const [run, { code, result }] of answers.entries()) {
      const own = await ours(bundles[run]!);
      if (own.kind !== 'intact') throw new Error('our own checker raises an alarm');
      const { workspace, keys, events, checkpoint, erased } = own.summary;
      expect({ code, ...result }, `SEED=${SEED + run}`).toMatchObject({
        code: 0,
        kind: 'intact',
        summary: { workspace, keys, events, erased: erased.parts, checkpoint: checkpoint.id, known: checkpoint.known },
      });
    }
  });

  test(
    `finds ${TAMPERINGS} random tamperings, at the place where our own checker finds them (SEED=${SEED})`,
    { timeout: 400_000 },
    async () => {
      const worlds = await Promise.all(Array.from({ length: 60 }, (_, n) => randomWorld(SEED + n)));
      const random = randomOf(SEED);
      const bundles: (Bundled & { readonly what: string; readonly at: readonly number[] })[] = [];
      for (let run = 0; run < TAMPERINGS; run++) {
        const tampering = await randomTampering(random, worlds, KINDS[run % KINDS.length]!);
        bundles.push({ ...tampering, keys: tampering.kept === undefined });
      }
      const answers = await verifyPy(python, bundles);
      const missed: unknown[] = [];
      for (const [run, bundle] of bundles.entries()) {
        const { what, at } = bundle;
        const own = await ours(bundle);
        const { code, result } = answers[run]!;
        const same = own.kind === 'tampered' && own.line === result.line && own.eventId === result.eventId;
        if (code !== 1 || result.line === undefined || !at.includes(result.line) || !same)
          missed.push({ run, what, at, result, own });
      }
      expect(missed, JSON.stringify(missed, null, 1)).toEqual([]);
    },
  );

  test('ends with 2 where it cannot be told, as our own checker does', async () => {
    const [world, other] = [await randomWorld(SEED), await randomWorld(SEED + 1)];
    const to = world.marks.at(-1)!;
    const text = bundleOf(world, { workspace: null, from: null, older: [], to }).join('');
    const later = { ...to.signed.checkpoint, number: 99, id: 'checkpoint@99', previous: 'ab'.repeat(32) };
    const kept = await signCheckpoint({ checkpoint: later, key: KEYS[0]! });
    const bundles: Bundled[] = [
      { text: '', keys: false },
      { text: 'name,scopes\na,b\n', keys: true },
      { text: Buffer.from([0xff, 0x0a]), keys: false },
      { text, kept, keys: true },
      { text, kept: { ...to.signed, signature: other.marks.at(-1)!.signed.signature }, keys: false },
    ];
    const answers = await verifyPy(python, bundles);
    expect(answers.map(({ code, result }) => [code, result.kind])).toEqual(bundles.map(() => [2, 'untold']));
    for (const bundle of bundles) expect(await ours(bundle)).toMatchObject({ kind: 'untold' });
  });
});
