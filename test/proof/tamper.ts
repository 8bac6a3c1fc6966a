// Tamperings of bundles, by somebody who may recompute whatever is not signed. Each says where it can be seen, from what was
// done alone: the line that was touched, the one behind it where the chain breaks, or the checkpoint where only a root tells.
import { sha256, canonical } from '../../events/canonical.ts';
import { commitment, eventHash, type Salted } from '../../events/chain.ts';
import type { Attributes } from '../../events/catalogue.ts';
import { keyIdFor } from '../../events/ids.ts';
import { signCheckpoint, type Checkpoint, type SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import { leafOf, merkleRoot } from '../../events/proof/tree.ts';
import { bundleOf, member, randomAsked, randomWorld, type Asked, type Random, type World } from './bundles.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Members = Record<string, Json>;
type Line = Members;

export interface Tampering {
  readonly what: string;
  readonly text: string | Buffer;
  /** Lines, from 1, at which it can be seen. */
  readonly at: readonly number[];
  /** Whether the checkpoint that the exporter was given is handed to the checker. */
  readonly kept?: SignedCheckpoint;
}

interface Bench {
  readonly random: Random;
  readonly asked: Asked;
  readonly world: World;
  readonly lines: Line[];
  /** Indexes of lines. */
  readonly events: readonly number[];
  readonly heads: readonly number[];
  readonly last: number;
  /** Indexes of the lines with a signature. */
  readonly signed: readonly number[];
}

type Change = (bench: Bench) => Promise<Omit<Tampering, 'what'> | null> | Omit<Tampering, 'what'> | null;

const write = (lines: readonly Line[]): string => lines.map((line) => `${canonical(line)}\n`).join('');
const eventOf = (line: Line | undefined): Members | null => (line?.event as Members | undefined) ?? null;
const subjectOf = (line: Line | undefined): string | null => {
  const of = eventOf(line)?.subject ?? (line?.head as Members | undefined)?.key;
  return typeof of === 'string' ? of : null;
};
const signedOf = (line: Line): Members => (line.from ?? line.older ?? line) as Members;

/** Paths to every leaf, and to every object and list that is empty. */
export function paths(value: Json, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  const entries = Object.entries(value);
  return entries.length === 0 ? [[...path]] : entries.flatMap(([name, each]) => paths(each, [...path, name]));
}

function changed(random: Random, value: Json): Json {
  if (value === null) return 'x';
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1 === value ? 0 : value + 1;
  if (typeof value === 'object') return Array.isArray(value) ? ['x'] : { x: 1 };
  const at = random(Math.max(1, value.length));
  const digit = value[at] === '1' ? '2' : '1';
  // Between surrogates nothing is put: what is not well-formed is not written.
  const whole = /[\ud800-\udfff]/.test(value) ? `${value}1` : `${value.slice(0, at)}${digit}${value.slice(at + 1)}`;
  return whole;
}

export function edit(random: Random, root: Members, path: readonly string[], remove: boolean): void {
  const name = path.at(-1)!;
  const parent = path.slice(0, -1).reduce<Json>((at, step) => (at as Members)[step]!, root) as Members;
  if (!remove) parent[name] = changed(random, parent[name]!);
  else if (Array.isArray(parent)) (parent as Json[]).splice(Number(name), 1);
  else Reflect.deleteProperty(parent, name);
}

export function rehash(event: Members): void {
  const { data, personal, ...covered } = event;
  Reflect.deleteProperty(covered, 'hash');
  if (personal) event.personaldigest = covered.personaldigest = commitment(personal as unknown as Salted<object>);
  event.hash = eventHash(covered as unknown as Attributes, data);
}

/** Recomputes the chain of a key from a line on; answers how many lines. */
function rechain({ lines }: Bench, from: number): void {
  const subject = subjectOf(lines[from]);
  for (let at = from; subjectOf(lines[at]) === subject; at++) {
    const event = eventOf(lines[at])!;
    const before = subjectOf(lines[at - 1]) === subject ? eventOf(lines[at - 1]) : null;
    if (before) {
      event.prev = before.hash!;
      event.version = Number(before.version) + 1;
      event.id = `${subject}@${event.version}`;
    }
    rehash(event);
  }
}

/** What a tamperer can of the last line, where it is a workspace's: number and root of what is left. */
function reroot({ lines, random }: Bench): void {
  const proof = lines.at(-1)!.workspace as Members | undefined;
  if (proof?.root === undefined || random.chance(0.5)) return;
  const heads = new Map<string, { key: string; version: number; head: string }>();
  for (const line of lines) {
    const event = eventOf(line);
    const head = line.head as Members | undefined;
    const key = subjectOf(line);
    if (key === null) continue;
    heads.set(key, {
      key,
      version: Number((event ?? head)!.version),
      head: (event ? event.hash : head!.head) as string,
    });
  }
  if (heads.size === 0) return;
  proof.count = heads.size;
  proof.root = merkleRoot([...heads.values()].map(leafOf)).toString('hex');
}

const seen = ({ lines }: Bench, ...at: readonly number[]): Omit<Tampering, 'what'> => ({
  text: write(lines),
  at: at.map((index) => index + 1),
});

const isFirst = ({ lines }: Bench, at: number): boolean => subjectOf(lines[at - 1]) !== subjectOf(lines[at]);
const isLast = ({ lines }: Bench, at: number): boolean => subjectOf(lines[at + 1]) !== subjectOf(lines[at]);
/** Members of an event that a change of leaves its form good. */
const FREE = /^(?:data|commandid|requestid|privatedigest|personal)$/;

const freePath = (random: Random, event: Members): string[] | null => {
  const free = paths(event).filter(([first = '', ...rest]) => FREE.test(first) && rest.at(-1) !== 'salt');
  return free.length === 0
    ? null
    : random.pick(free.map((path) => (path.length === 1 && path[0] === 'data' ? ['commandid'] : path)));
};

/** A member of one event, which somebody may then hash again as far as they like. */
const edited =
  (how: 'plain' | 'one' | 'all'): Change =>
  (bench) => {
    const { random, lines, events, last } = bench;
    if (events.length === 0) return null;
    const at = random.pick(events);
    const event = eventOf(lines[at])!;
    const before = canonical(event);
    if (how === 'plain') {
      const path = random.pick(paths(event));
      edit(random, event, path, path.length > 1 && random.chance(0.3));
      return canonical(event) === before ? null : seen(bench, at);
    }
    const path = freePath(random, event);
    if (!path) return null;
    edit(random, event, path, path.length > 1 && random.chance(0.3));
    if (canonical(event) === before) return null;
    if (how === 'one') {
      rehash(event);
      return seen(bench, isLast(bench, at) ? last : at + 1);
    }
    rechain(bench, at);
    reroot(bench);
    return seen(bench, last);
  };

const CHANGES: Readonly<Record<string, Change>> = {
  'an event edited': edited('plain'),
  'an event edited and hashed again': edited('one'),
  'an event edited and the chain hashed again': edited('all'),
  'an event deleted': (bench) => {
    const { random, lines, events, last, asked } = bench;
    if (events.length === 0) return null;
    const at = random.pick(events);
    const [first, final, v1] = [isFirst(bench, at), isLast(bench, at), eventOf(lines[at])!.version === 1];
    lines.splice(at, 1);
    if (final) return seen(bench, last - 1);
    if (!first) return seen(bench, at);
    // In a range what is missing before the first event is seen by the checkpoint that the range begins at.
    if (asked.from) return seen(bench, 0);
    return v1 ? seen(bench, at) : null;
  },
  'an event deleted and the chain closed': (bench) => {
    const { random, events, lines, last } = bench;
    const within = events.filter((at) => !isFirst(bench, at) && !isLast(bench, at));
    if (within.length === 0) return null;
    const at = random.pick(within);
    lines.splice(at, 1);
    rechain(bench, at);
    reroot(bench);
    return seen(bench, last - 1);
  },
  "a key's last event deleted": (bench) => {
    const { random, events, lines, last } = bench;
    const finals = events.filter((at) => isLast(bench, at));
    if (finals.length === 0) return null;
    lines.splice(random.pick(finals), 1);
    reroot(bench);
    return seen(bench, last - 1);
  },
  'a key left out': (bench) => {
    const { random, events, heads, lines } = bench;
    const all = [...events, ...heads];
    if (all.length === 0) return null;
    const key = subjectOf(lines[random.pick(all)]);
    const left = lines.filter((line) => subjectOf(line) !== key);
    lines.splice(0, lines.length, ...left);
    reroot(bench);
    return seen(bench, left.length - 1);
  },
  'all keys left out': (bench) => {
    const { random, events, heads, lines } = bench;
    if (events.length + heads.length === 0) return null;
    lines.splice(0, lines.length, ...lines.filter((line) => subjectOf(line) === null));
    const last = lines.at(-1)!;
    const proof = last.workspace as Members | undefined;
    if (proof && random.chance(0.7)) last.workspace = { id: proof.id!, count: 0 };
    return seen(bench, lines.length - 1);
  },
  'a line written twice': (bench) => {
    const { random, lines } = bench;
    const at = random(lines.length);
    const copy = structuredClone(lines[at]!);
    lines.splice(at + 1, 0, copy);
    return copy.older ? seen(bench, at, at + 1) : seen(bench, at + 1);
  },
  'two lines of keys swapped': (bench) => {
    const { random, events, heads, lines } = bench;
    const all = [...events, ...heads].sort((a, b) => a - b);
    if (all.length < 2) return null;
    const [i, j] = [random.pick(all), random.pick(all)].sort((a, b) => a - b) as [number, number];
    if (i === j) return null;
    [lines[i], lines[j]] = [lines[j]!, lines[i]!];
    return seen(bench, i, i + 1);
  },
  'cut off between two lines': (bench) => {
    const { random, lines } = bench;
    if (lines.length < 2) return null;
    const left = 1 + random(lines.length - 1);
    lines.splice(left);
    return seen(bench, left);
  },
  'cut off within a line': ({ random, lines }) => {
    if (lines.length < 2) return null;
    const at = 1 + random(lines.length - 1);
    const bytes = Buffer.from(canonical(lines[at]));
    const cut = bytes.subarray(0, 1 + random(bytes.length - 1));
    return { text: Buffer.concat([Buffer.from(write(lines.slice(0, at))), cut]), at: [at + 1] };
  },
  'a history forked': (bench) => {
    const { random, events, lines, last } = bench;
    if (events.length === 0) return null;
    const at = random.pick(events);
    const event = eventOf(lines[at])!;
    event.actor = 'user:mallory';
    event.data = { ...(event.data as Members), forged: random(1e9) };
    rechain(bench, at);
    reroot(bench);
    return seen(bench, last);
  },
  'a history that goes on': (bench) => {
    const { random, events, lines, last } = bench;
    const finals = events.filter((at) => isLast(bench, at));
    if (finals.length === 0) return null;
    const at = random.pick(finals);
    lines.splice(at + 1, 0, structuredClone(lines[at]!));
    rechain(bench, at + 1);
    reroot(bench);
    return seen(bench, last + 1);
  },
  'the data of two events swapped': (bench) => {
    const { random, events, lines } = bench;
    if (events.length < 2) return null;
    const [i, j] = [random.pick(events), random.pick(events)];
    const [a, b] = [eventOf(lines[i])!, eventOf(lines[j])!];
    if (canonical(a.data) === canonical(b.data)) return null;
    [a.data, b.data] = [b.data!, a.data!];
    return seen(bench, Math.min(i, j));
  },
  'a personal part of another event': (bench) => {
    const { random, events, lines } = bench;
    const sealed = events.filter((at) => eventOf(lines[at])!.personal !== undefined);
    if (sealed.length < 2) return null;
    const [i, j] = [random.pick(sealed), random.pick(sealed)];
    if (i === j) return null;
    eventOf(lines[i])!.personal = structuredClone(eventOf(lines[j])!.personal!);
    return seen(bench, i);
  },
  'the histories of two keys swapped': (bench) => {
    const { random, events, heads, lines, last, asked } = bench;
    const keys = [...new Set(events.map((at) => subjectOf(lines[at])!))].filter((key) => key !== 'keyspaces');
    if (keys.length < 2 || heads.length > 0 || asked.from) return null;
    const [a, b] = [random.pick(keys), random.pick(keys)];
    if (a === b) return null;
    const renamed = new Map([
      [a, b],
      [b, a],
    ]);
    const workspaceOf = (key: string) => eventOf(lines.find((line) => subjectOf(line) === key))!.workspaceid!;
    const [wa, wb] = [workspaceOf(a), workspaceOf(b)];
    for (const at of events) {
      const event = eventOf(lines[at])!;
      const to = renamed.get(event.subject as string);
      if (to === undefined) continue;
      event.subject = to;
      event.id = `${to}@${Number(event.version)}`;
      event.workspaceid = to === a ? wa : wb;
    }
    const order = (line: Line): string =>
      `${subjectOf(line)!}@${String(Number(eventOf(line)!.version)).padStart(5, '0')}`;
    const sorted = events.map((at) => lines[at]!).sort((x, y) => (order(x) < order(y) ? -1 : 1));
    events.forEach((at, n) => (lines[at] = sorted[n]!));
    for (const at of events) if (isFirst(bench, at) && [a, b].includes(subjectOf(lines[at])!)) rechain(bench, at);
    reroot(bench);
    return seen(bench, last);
  },
  'a key that never was': (bench) => {
    const { random, lines, asked, events } = bench;
    const model = events.find((at) => eventOf(lines[at])!.version === 1 && subjectOf(lines[at]) !== 'keyspaces');
    if (model === undefined) return null;
    const line = structuredClone(lines[model]!);
    const event = eventOf(line)!;
    event.subject = keyIdFor('x', String(random(1e9)));
    event.id = `${event.subject}@1`;
    const foreign = asked.workspace !== null && random.chance(0.5);
    if (foreign) event.workspaceid = 'elsewhere';
    rehash(event);
    const place = lines.findIndex(
      (each) => each.checkpoint !== undefined || (subjectOf(each) ?? '') > (event.subject as string),
    );
    lines.splice(place, 0, line);
    if (!foreign) reroot(bench);
    return seen(bench, foreign ? place : lines.length - 1);
  },
  'a head changed': (bench) => {
    const { random, heads, lines, last } = bench;
    if (heads.length === 0) return null;
    const at = random.pick(heads);
    const head = lines[at]!.head as Members;
    const name = random.pick(['version', 'head', 'workspace']);
    if (name === 'workspace' && head.key === 'keyspaces') return null;
    head[name] = name === 'workspace' ? 'elsewhere' : changed(random, head[name]!);
    if (name !== 'workspace') reroot(bench);
    return seen(bench, last);
  },
  'an unknown member': (bench) => {
    const { random, lines } = bench;
    const at = random(lines.length);
    const inner = Object.values(lines[at]!)[0] as Members;
    if (random.chance(0.5)) lines[at]!.extra = 'x';
    else inner.extra = 'x';
    return seen(bench, at);
  },
  'a proof or a checkpoint edited': (bench) => {
    const { random, lines, signed } = bench;
    const at = random.pick(signed);
    const target = signedOf(lines[at]!);
    const path = random.pick(paths(target).filter(([first]) => first !== 'behind'));
    // That a workspace has no keys may be as true of one with another name: whose digest lies beside it.
    const absent = (target.workspace as Members | undefined)?.count === 0;
    if (absent && path.join('.') === 'workspace.id') return null;
    edit(random, target, path, random.chance(0.2));
    return seen(bench, at);
  },
  'a proof taken away': (bench) => {
    const { random, lines, signed } = bench;
    const at = random.pick(signed);
    const { workspace, checkpoint } = signedOf(lines[at]!);
    // Where all keys are the workspace's, it is the bundle of everything without.
    if (workspace === undefined || (checkpoint as Members).count === (workspace as Members).count) return null;
    Reflect.deleteProperty(signedOf(lines[at]!), 'workspace');
    return seen(bench, at);
  },
  'what was behind edited': (bench) => {
    const { random, lines } = bench;
    const olders = lines.flatMap((line, at) => (line.older ? [at] : []));
    if (olders.length === 0) return null;
    const at = random.pick(olders);
    const behind = (lines[at]!.older as Members).behind as Members;
    const [key] = Object.keys(behind);
    if (key === undefined || random.chance(0.2)) behind[keyIdFor('x', 'y')] = random(3);
    else if (random.chance(0.5)) Reflect.deleteProperty(behind, key);
    else behind[key] = Number(behind[key]) + 1;
    return seen(bench, at);
  },
  'a checkpoint changed and signed with another key': async (bench) => {
    const { random, lines, signed } = bench;
    const at = random.pick(signed);
    const target = signedOf(lines[at]!);
    const checkpoint = target.checkpoint as unknown as Checkpoint;
    const key = { id: random.pick(['c-1', 'c-2', 'mine']), key: Buffer.alloc(32, 99) };
    const forged = random.chance(0.5) ? checkpoint : { ...checkpoint, time: '2031-01-01T00:00:00.000Z' };
    const { signature } = await signCheckpoint({ checkpoint: forged, key });
    Object.assign(target, { checkpoint: forged, signature });
    return seen(bench, at);
  },
  'a checkpoint of another bundle': async (bench) => {
    const { random, lines, signed, asked } = bench;
    // Where there are no keys, another installation's word that there are none is as true.
    const counts = (line: Line): number =>
      Number(((signedOf(line).workspace ?? signedOf(line).checkpoint) as Members).count);
    const at = random.pick(signed);
    if (counts(lines[at]!) === 0) return null;
    const other = await randomWorld(random(1e9));
    Object.assign(signedOf(lines[at]!), member(random.pick(other.marks), asked.workspace));
    return seen(bench, at);
  },
  'a history rewritten and signed anew, past a checkpoint that was kept': async (bench) => {
    const { random, asked, lines } = bench;
    const kept = [...asked.older, asked.to, ...(asked.from ? [asked.from] : [])];
    const { signed } = random.pick(kept);
    const at = lines.findIndex(
      (line) => (signedOf(line).checkpoint as unknown as Checkpoint | undefined)?.number === signed.checkpoint.number,
    );
    const target = signedOf(lines[at]!);
    const checkpoint = { ...signed.checkpoint, time: signed.checkpoint.time.replace('.000Z', '.001Z') };
    Object.assign(target, await signCheckpoint({ checkpoint, key: { id: 'c-1', key: Buffer.alloc(32, 99) } }));
    return { ...seen(bench, at), kept: signed };
  },
  'the beginning of a range taken away': (bench) => {
    const { lines, asked } = bench;
    if (!asked.from) return null;
    lines.shift();
    const begins = (at: number): boolean => isFirst(bench, at) && Number(eventOf(lines[at])?.version ?? 1) > 1;
    const at = lines.findIndex((line, index) => line.head !== undefined || begins(index));
    return at === -1 ? null : seen(bench, at);
  },
  'a line written anew in another form': ({ random, lines }) => {
    const at = random(lines.length);
    const text = lines.map((line) => canonical(line));
    const form = random.pick<(json: string) => string>([
      (json) => json.replace('{', '{ '),
      (json) => `${json}\r`,
      (json) => json.replace('{', '{"event":{},'),
      (json) => json.replace(/"([a-z])/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`),
      (json) => json.replace(/("version":|"number":)(\d+)/, '$1$2.0'),
    ]);
    const before = text[at]!;
    text[at] = form(before);
    // A name that stands twice: the first is what somebody reads, the second what a parser takes.
    return text[at] === before ? null : { text: text.map((line) => `${line}\n`).join(''), at: [at + 1] };
  },
  'something behind the checkpoint': (bench) => {
    const { random, lines } = bench;
    lines.push(random.pick([{ event: {} }, { more: 1 }, structuredClone(lines[0]!)]));
    return seen(bench, lines.length - 1);
  },
  'a line that is no line of a bundle': ({ random, lines }) => {
    const at = random(lines.length);
    const text = lines.map((line) => `${canonical(line)}\n`);
    text.splice(
      at,
      0,
      random.pick(['\n', 'null\n', '[]\n', '{}\n', '{"a":1}\n', '\u0000\n', '{"event":1}\n', '"x"\n', '#\n']),
    );
    return { text: text.join(''), at: [at + 1] };
  },
  'bytes that are no text': ({ random, lines }) => {
    const at = random(lines.length);
    const parts = lines.map((line) => Buffer.from(`${canonical(line)}\n`));
    const bytes = Buffer.from(parts[at]!);
    bytes[random(bytes.length - 1)] = 0xff;
    parts[at] = bytes;
    return lines.length === 1 ? null : { text: Buffer.concat(parts), at: [at + 1] };
  },
};

/** The kinds of tampering there are. */
export const KINDS = Object.keys(CHANGES);

/** One tampering of a random bundle; the same for the same random numbers. */
export async function randomTampering(random: Random, worlds: readonly World[], kind: string): Promise<Tampering> {
  for (;;) {
    const world = random.pick(worlds);
    const asked = randomAsked(world, random);
    const text = bundleOf(world, asked);
    const lines = text.map((line) => JSON.parse(line) as Line);
    const indexes = lines.map((_, at) => at);
    const bench: Bench = {
      ...{ random, asked, world, lines, last: lines.length - 1 },
      events: indexes.filter((at) => lines[at]!.event !== undefined),
      heads: indexes.filter((at) => lines[at]!.head !== undefined),
      signed: indexes.filter((at) => Reflect.has(signedOf(lines[at]!), 'checkpoint')),
    };
    const done = await CHANGES[kind]!(bench);
    if (done !== null && sha256(done.text) !== sha256(text.join(''))) return { what: kind, ...done };
  }
}
