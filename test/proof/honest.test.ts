// Honest bundles: whatever a history is like and whatever of it is exported, nothing is wrong with it.
import { expect, test } from 'vitest';
import { checkBundle } from '../../events/proof/check.ts';
import { jwksOf } from '../../events/proof/checkpoint.ts';
import { linesOf } from '../../events/proof/lines.ts';
import { bundleOf, headsOf, KEYS, randomAsked, randomOf, randomWorld, type Asked, type World } from './bundles.ts';

const BUNDLES = 200;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

const check = (lines: readonly string[], more: object = {}) =>
  checkBundle({ lines: linesOf([Buffer.from(lines.join(''))]), ...more });

test(
  `${BUNDLES} honest bundles: no alarm, and the summary says what is in them (SEED=${SEED})`,
  { timeout: 300_000 },
  async () => {
    const seen = { whole: 0, workspace: 0, empty: 0, range: 0, older: 0, erased: 0, keyspaces: 0, heads: 0 };
    for (let run = 0; run < BUNDLES; run++) {
      const random = randomOf(SEED + run);
      const world = await randomWorld(SEED + run);
      const asked = randomAsked(world, random);
      const lines = bundleOf(world, asked);
      const kept = random.pick([asked.to, ...asked.older, ...(asked.from ? [asked.from] : [])]).signed;
      const result = await check(lines, { kept, keys: jwksOf(KEYS) });
      const parts = inBundle(world, asked);
      expect(result, `SEED=${SEED + run}`).toMatchObject({
        kind: 'intact',
        summary: {
          workspace: asked.workspace,
          keys: headsOf(world.entries.slice(0, asked.to.reached)).filter(
            ({ workspace }) => asked.workspace === null || workspace === asked.workspace,
          ).length,
          events: parts.length,
          erased: { parts: parts.filter(({ personal }) => personal === null).length },
          checkpoint: { id: asked.to.signed.checkpoint.id, known: true },
          from: asked.from && { id: asked.from.signed.checkpoint.id },
          older: asked.older.map(({ signed }) => ({ id: signed.checkpoint.id })),
          kept: kept.checkpoint.id,
        },
      });
      seen.whole += Number(asked.workspace === null);
      seen.workspace += Number(asked.workspace !== null && parts.length > 0);
      seen.empty += Number(lines.length === 1);
      seen.range += Number(asked.from !== null);
      seen.older += Number(asked.older.length > 0);
      seen.erased += Number(parts.some(({ personal }) => personal === null));
      seen.keyspaces += Number(asked.workspace === null && parts.some(({ event }) => !event.attributes.workspaceid));
      seen.heads += Number(lines.some((line) => line.startsWith('{"head"')));
    }
    // None of the kinds is missing among them.
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(2);
  },
);

const inBundle = ({ entries }: World, { workspace, from, to }: Asked) =>
  entries
    .slice(from?.reached ?? 0, to.reached)
    .filter(({ event }) => workspace === null || event.attributes.workspaceid === workspace);
