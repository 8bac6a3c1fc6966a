// A source whose shape is wrong in places, mended: what is wrong has a stand-in of its schema, so that the rest can be
// judged. What a stand-in brings about is nobody's fault and not told.
import type { Problem } from '../problem.ts';
import { profile, type Profile } from './profile.ts';
import { schemaAt, standIn, VARIANTS, type Variant } from './stand-ins.ts';

type Path = readonly string[];
type Judge = (profile: Profile) => readonly Problem[];

/** A source of the right shape, and where it is not what was written. */
interface Mended {
  readonly profile: Profile;
  readonly replaced: readonly Path[];
  /** Where a member was that is not known: it may have been meant for one that now is missing. */
  readonly cut: readonly Path[];
}

const MAX_ROUNDS = 8;

/** What is wrong besides the shape, as far as it is wrong whatever should stand in the places whose shape is. */
export function furtherProblems(value: unknown, judge: Judge): readonly Problem[] {
  const [first, ...others] = VARIANTS.map((variant) => mend(value, variant));
  if (!first) return [];
  const always = others.map((other) => new Set(other === null ? [] : judge(other.profile).map(kindOf)));
  return judge(first.profile).filter(
    (found) => always.every((kinds) => kinds.has(kindOf(found))) && !isBroughtAbout(found, first),
  );
}

/** Messages go on with what stands elsewhere, such as bounds and names. */
const kindOf = ({ path, message }: Problem): string => `${path.join('.')} ${message.slice(0, 14)}`;

function mend(value: unknown, variant: Variant): Mended | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const rest: unknown = structuredClone(value);
  const replaced: Path[] = [];
  const cut: Path[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const read = profile.safeParse(rest);
    if (read.success) return { profile: read.data, replaced, cut };
    for (const issue of read.error.issues) {
      const path = issue.path.map(String);
      const into = issue.code === 'unrecognized_keys' ? cut : replaced;
      into.push(path);
      if (issue.code === 'unrecognized_keys') for (const key of issue.keys) put(rest, [...path, key], undefined);
      else put(rest, path, standIn(schemaAt(path), variant, `${variant}${replaced.length}`));
    }
  }
  return null;
}

/** @param value `undefined`: nothing is to stand there. */
function put(rest: unknown, path: Path, value: unknown): void {
  const [step = '', ...further] = path;
  if (typeof rest !== 'object' || rest === null) return;
  if (further.length > 0) put((rest as Record<string, unknown>)[step], further, value);
  else if (value === undefined) Reflect.deleteProperty(rest, step);
  else (rest as Record<string, unknown>)[step] = value;
}

const isWithin = (path: Path, above: Path): boolean => above.every((step, index) => path[index] === step);
const isEntry = (path: Path): boolean => /^\d+$/.test(path.at(-1) ?? '');

/** What names something that stands elsewhere, by what it says, and where it should have stood. */
const NAMED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/scope/, ['permissions.scopes', 'permissions.matrix', 'permissions.matrix.resources', 'permissions.matrix.levels']],
  [/super scope/, ['permissions.superScopes']],
  [/removal\.reasons/, ['removal.reasons']],
  [/expiry\.presetDays/, ['expiry.presetDays']],
  [/roles\.view/, ['roles.view']],
  [/must be one of name/, ['metadataFields', 'permissions.scopes', 'types', 'environments']],
  [/that of the keyspace/, ['slug']],
];

function isBroughtAbout({ path, message }: Problem, { replaced, cut }: Mended): boolean {
  if (replaced.some((place) => isWithin(path, place) || (isEntry(place) && isSame(place.slice(0, -1), path))))
    return true;
  const homes = NAMED.flatMap(([words, members]) => (words.test(message) ? members : [])).map((home) =>
    home.split('.'),
  );
  return homes.some(
    (home) =>
      replaced.some((place) => losesNames(place, home)) || cut.some((at) => at.length > 0 && isWithin(home, at)),
  );
}

const isSame = (one: Path, other: Path): boolean => one.length === other.length && isWithin(one, other);

/** Whether a name that stood in a list may be gone with what was replaced: the list, an entry, or an entry's id. */
const losesNames = (place: Path, home: Path): boolean =>
  isWithin(home, place) || (isWithin(place, home) && (isEntry(place) || place.at(-1) === 'id'));
