// A source with some members changed: the rest of the file stays as it is written, comments and order included. What comes
// out reads back as the old one with these changes, or nothing is changed. Pure.
import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isNode, isScalar, isSeq, visit, YAMLMap, type Node, type YAMLSeq } from 'yaml';
import type { Problem } from '../problem.ts';
import { problem } from './check/problems.ts';
import { ANY_STEP, memberAt, type ProfileMember } from './members.ts';
import { MAX_SOURCE } from './source.ts';
import { partsOf, splice, type SourceParts } from './source-splice.ts';
import { styleTexts } from './source-text.ts';
import { parseYaml, readYaml, type ReadYaml } from './source-yaml.ts';

/** Changes of one edit. */
export const MAX_CHANGES = 100;

export interface ProfileChange {
  readonly path: readonly string[];
  /** JSON; `undefined`: the member is removed. */
  readonly value: unknown;
}

export type EditedSource =
  | { readonly kind: 'edited'; readonly source: string; readonly profile: unknown }
  /** The source is no object in YAML: what is wrong with it. */
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] }
  /** Which change cannot be made; none was. */
  | { readonly kind: 'refused'; readonly problem: Problem };

type Collection = YAMLMap | YAMLSeq;

/** Makes the changes in their order. */
export function editSource(source: string, changes: readonly ProfileChange[]): EditedSource {
  const parsed = parseYaml(source);
  if ('problems' in parsed) return { kind: 'unreadable', problems: parsed.problems };
  const document = parsed.document?.contents ? parsed.document : new Document<Node>(new YAMLMap());
  if (!isMap(document.contents) || !isObject(parsed.value ?? {}))
    return { kind: 'unreadable', problems: [problem([], 'must be an object')] };
  if (changes.length === 0) return { kind: 'edited', source, profile: parsed.value ?? {} };
  // What aliases share is written out below: as often as it is shared.
  if (JSON.stringify(parsed.value ?? {}).length > 2 * MAX_SOURCE)
    return refused(['changes'], 'must be made in the source itself: without its aliases it would be too long');
  const before = partsOf(source, document);
  const untied = writeOutAliases(document);
  for (const [index, change] of changes.entries()) {
    const message = make(document, change);
    if (message !== null) return refused(['changes', String(index), 'path'], message);
  }
  const touched = new Set(changes.map(({ path }) => path[0]));
  return written(document, {
    longest: source.split('\n').reduce((most, line) => Math.max(most, line.length), MIN_LINE),
    // Without its aliases every member may be written otherwise.
    keep: (after) => (before && after && !untied ? splice(before, after, touched) : null),
  });
}

const refused = (path: readonly string[], message: string): EditedSource => ({
  kind: 'refused',
  problem: problem(path, message),
});

/** What two members share by an alias is changed in one of them. Answers whether there was any. */
function writeOutAliases(document: Document): boolean {
  const found: unknown[] = [];
  visit(document, {
    Alias: (_, alias) => {
      found.push(alias);
      const copy = alias.resolve(document)?.clone() as Node | undefined;
      if (copy && 'anchor' in copy) delete copy.anchor;
      return copy;
    },
  });
  if (found.length > 0)
    visit(document, {
      Node: (_, node) => {
        if ('anchor' in node) delete node.anchor;
      },
    });
  return found.length > 0;
}

/** `null`: it is made; else why it cannot be. */
function make(document: Document, { path, value }: ProfileChange): string | null {
  const chain = path.map((_, at) => memberAt(path.slice(0, at + 1)));
  const known = chain.filter((member) => member !== undefined);
  if (path.length === 0 || known.length < path.length || !path.every(isStep)) return 'must lead to a member';
  const above: Collection[] = [];
  let within = document.contents as Collection;
  for (const [at, step] of path.entries()) {
    const key = isSeq(within) ? Number(step) : step;
    const last = at === path.length - 1;
    if (isSeq(within) && !(Number(key) < within.items.length + (last && value !== undefined ? 1 : 0)))
      return 'must lead to an entry of the list, or to the next one';
    above.push(within);
    if (last) put(document, within, key, value);
    else within = collectionAt(document, within, key, known[at]);
  }
  if (value === undefined) prune(above, path, known);
  return null;
}

/** Entries are told by their place, names are free but for those that are none. */
const isStep = (step: string, at: number, path: readonly string[]): boolean =>
  memberAt(path.slice(0, at))?.kind === 'ROWS' ? /^(?:0|[1-9]\d{0,4})$/.test(step) : step !== ANY_STEP && isName(step);
const isName = (step: string): boolean => step !== '__proto__' && /^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u.test(step);

/** What stands there if a member can be in it, else what holds in its place, written down. */
function collectionAt(
  document: Document,
  within: Collection,
  key: string | number,
  member: ProfileMember | undefined,
): Collection {
  const isList = member?.kind === 'ROWS';
  const there = within.get(key, true);
  if (isList ? isSeq(there) : isMap(there)) return there as unknown as Collection;
  put(document, within, key, isList ? (member.fallback ?? []) : {});
  return within.get(key, true) as unknown as Collection;
}

/** The comments of what stood there stay, and so do its quotes, or the kind of its block, where a text takes its place. */
function put(document: Document, within: Collection, key: string | number, value: unknown): void {
  if (value === undefined) {
    within.delete(key);
    return;
  }
  const before = within.get(key, true);
  const next = document.createNode(value, { aliasDuplicateObjects: false });
  if (isScalar(before) && isScalar(next) && isText(before.value) && isText(next.value))
    Object.assign(next, { type: before.type });
  styleTexts(next);
  if (isNode(before)) {
    const { comment, commentBefore, spaceBefore } = before;
    Object.assign(next, { comment, commentBefore, spaceBefore });
  }
  if (isSeq(within) || within.has(key)) within.set(key, next);
  else within.add(document.createPair(key, next));
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** A group that a removal has left empty goes, too, where that says the same: it would be one of a name alone. */
function prune(above: readonly Collection[], path: readonly string[], known: readonly ProfileMember[]): void {
  for (let at = path.length - 1; at > 0; at--) {
    const member = known[at - 1];
    if (above[at]?.items.length !== 0 || member?.kind !== 'GROUP' || member.required || member.instead !== null) return;
    above[at - 1]?.delete(path[at - 1]);
  }
}

interface Manner {
  /** Lines stay as long as the longest of the source; where a shorter one would not be exact, as long as they are. */
  readonly longest: number;
  /** The text with all of the source that need not change; `null`: all of it may. */
  readonly keep: (after: SourceParts | null) => string | null;
}

/** As much of the source as it was; less where that would not say exactly what the document says. */
function written(document: Document, { longest, keep }: Manner): EditedSource {
  const value = document.toJS() as unknown;
  for (const lineWidth of [longest, 0]) {
    const whole = document.toString({ lineWidth, doubleQuotedAsJSON: true });
    if (whole.length > MAX_SOURCE)
      return refused(['changes'], `must leave a source of at most ${MAX_SOURCE} characters`);
    const parsed = parseYaml(whole);
    if ('problems' in parsed) return refused(['changes'], parsed.problems[0]?.message ?? 'must leave YAML');
    const kept = keep(partsOf(whole, parsed.document));
    if (kept !== null && kept.length <= MAX_SOURCE && says(readYaml(kept), value))
      return { kind: 'edited', source: kept, profile: value };
    if (says(parsed, value)) return { kind: 'edited', source: whole, profile: value };
  }
  return refused(['changes'], 'must be made in the source itself: no text of it would say just this');
}

const says = (read: ReadYaml, value: unknown): boolean => 'value' in read && isDeepStrictEqual(read.value, value);

const MIN_LINE = 80;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
