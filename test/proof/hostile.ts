// Bundles at which the parsers, number formats, texts and calendars of two languages are apart, and what every checker must
// say of them. Whoever made them could hash and sign whatever they liked.
import { canonical } from '../../events/canonical.ts';
import { bundleOf, randomWorld } from './bundles.ts';
import { forge } from './forged.ts';
import { lines, type Is } from './hostile-case.ts';
import { FILES, MEMBERS, PROOFS, SIGNATURES } from './hostile-forms.ts';
import { hostileHistories } from './hostile-histories.ts';
import { DEPTHS, NUMBERS, POSITIONS, TEXTS, TIMES } from './hostile-values.ts';
import type { Members } from './tamper.ts';

export interface Hostile {
  readonly what: string;
  readonly text: string | Buffer;
  readonly is: Is;
}

const proof: Members = { id: 'a', count: 1, root: 'ab'.repeat(32), index: 0, size: 1, path: [] };
/** Members of the first line of a range whose form is wrong. */
const forms: Readonly<Record<string, Members>> = {
  'a path of 65 digests in front': { workspace: { ...proof, path: Array.from({ length: 65 }, () => 'ab'.repeat(32)) } },
  'a count that is false in front': { workspace: { id: 'a', count: false } },
  'a size of 2^53 in front': { workspace: { ...proof, size: 2 ** 53 } },
  'a signature of 2,049 characters in front': { signature: 'A'.repeat(2049) },
};

/** Ranges and older checkpoints, of a history that is longer. */
async function ranges(): Promise<Hostile[]> {
  for (let seed = 1; ; seed++) {
    const world = await randomWorld(seed);
    const to = world.marks.at(-1)!;
    const [from, older] = [world.marks[0]!, world.marks[1]!];
    if (world.marks.length < 3 || from.reached < 3) continue;
    const all = bundleOf(world, { workspace: null, from, older: [older], to }).map(
      (line) => JSON.parse(line) as Members,
    );
    const head = all.findIndex((line) => line.head !== undefined);
    const behind = (all[1]!.older as Members).behind as Members;
    if (head === -1 || Object.keys(behind).length === 0) continue;
    const text = (change: (of: Members[]) => void): string => {
      const of = structuredClone(all);
      change(of);
      return of.map((line) => `${canonical(line)}\n`).join('');
    };
    const named = (of: Members[]): Members => (of[1]!.older as Members).behind as Members;
    const put = (name: string, value: number) => (of: Members[]) => {
      Object.defineProperty(named(of), name, { value, enumerable: true });
    };
    const key = (all[head]!.head as Members).key as string;
    const next = { ...(all.find((line) => line.event !== undefined)!.event as Members), subject: key };
    const version = Number((all[head]!.head as Members).version) + 1;
    return [
      { what: 'a range', text: text(() => undefined), is: 'intact' },
      { what: '__proto__ is behind', text: text(put('__proto__', 1)), is: 2 },
      { what: 'toString is behind', text: text(put('toString', 1)), is: 2 },
      { what: 'a key is behind by a fraction', text: text(put(Object.keys(behind)[0]!, 0.5)), is: 2 },
      // Where the end is wrong, too, only the form tells the first line.
      ...Object.entries(forms).map(([what, change]) => ({
        what,
        text: text((of) => (Object.assign(of[0]!.from as Members, change), (of.at(-1)!.signature = ''))),
        is: 1,
      })),
      {
        what: 'a key stands at two versions',
        text: text((of) => of.splice(head + 1, 0, { head: { ...(of[head]!.head as Members), version } })),
        is: head + 2,
      },
      {
        what: 'a key goes on that has no events here',
        text: text((of) => of.splice(head + 1, 0, { event: { ...next, version, id: `${key}@${version}` } })),
        is: head + 2,
      },
      {
        what: 'what is behind is wrong, and the end, too',
        text: text((of) => (put('__proto__', 1)(of), (of.at(-1)!.signature = ''))),
        is: 2,
      },
    ];
  }
}

/** The whole table. */
export async function hostileBundles(): Promise<Hostile[]> {
  const forged = [NUMBERS, DEPTHS, SIGNATURES, POSITIONS, TIMES, TEXTS, MEMBERS, PROOFS, FILES].flat();
  return [
    { what: 'a forged bundle', text: lines(...forge({})), is: 'intact' },
    ...forged.map(([what, is, how]) => ({
      what,
      is,
      text: typeof how === 'function' ? how(forge({})) : lines(...forge(how)),
    })),
    ...(await ranges()),
    ...(await hostileHistories()),
  ];
}
