// Honest bundles of random histories: workspaces with and without keys, profiles, erased personal parts, checkpoints on
// the way, exported whole, by workspace and by range, with older checkpoints that somebody kept.
import type { AnyEvent, AnyNewEvent } from '../../events/catalogue.ts';
import type { Salted } from '../../events/chain.ts';
import { keyIdFor, KEYSPACES } from '../../events/ids.ts';
import {
  compareLines,
  eventLine,
  fromLine,
  headLine,
  lastLine,
  olderLine,
  type SignedMember,
} from '../../events/proof/bundle.ts';
import {
  checkpointDigest,
  checkpointId,
  signCheckpoint,
  type SignedCheckpoint,
  type SigningKey,
} from '../../events/proof/checkpoint.ts';
import { leafOf, merkleRoot, type Head, type Subtree } from '../../events/proof/tree.ts';
import { workspaceTree, type WorkspaceTree } from '../../events/proof/workspaces.ts';
import { openSealed } from '../../events/record.ts';
import {
  at,
  createAuthor,
  created,
  defined,
  noted,
  regenerated,
  renamed,
  seededRandom,
  testDataKeys,
} from '../fakes/author.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

export interface Random {
  (below: number): number;
  readonly chance: (of: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
}

export function randomOf(seed: number): Random {
  const next = seededRandom(seed);
  const below = (n: number): number => Math.floor(next() * n);
  return Object.assign(below, {
    chance: (of: number) => next() < of,
    pick: <T>(from: readonly T[]): T => {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
  });
}

/** An event and its personal part as it was sealed; `null`: erased. */
export interface Entry {
  readonly event: AnyEvent;
  readonly personal: Salted<object> | null;
}

export interface Mark {
  readonly signed: SignedCheckpoint;
  /** How many entries it stands for. */
  readonly reached: number;
  readonly tree: WorkspaceTree;
}

export interface World {
  /** In the order of the log. */
  readonly entries: readonly Entry[];
  readonly marks: readonly Mark[];
  readonly workspaces: readonly string[];
  /** Of them, one that has no keys. */
  readonly empty: string;
}

export const KEYS: readonly SigningKey[] = [
  { id: 'c-2', key: Buffer.alloc(32, 12) },
  { id: 'c-1', key: Buffer.alloc(32, 11) },
];

const workspaceOf = ({ attributes }: AnyEvent): string => attributes.workspaceid ?? '';

/** Numbers and names whose canonical form is easy to get wrong. */
const ODD_NUMBERS = [
  0.1, 1e21, 1e-7, 123456789012345680000, 5e-324, 1.7976931348623157e308, -0.000001, 4.35, 1e20, -17,
];
const ODD_NAMES = ['\ufb33', '\u{1f600}', 'é', '1', '\u0080', 'a"\\\n', '€'];

function metadata(random: Random): Record<string, unknown> {
  const entries = ODD_NAMES.filter(() => random.chance(0.5)).map((name) => [name, random.pick(ODD_NUMBERS)] as const);
  return { ...Object.fromEntries(entries), deep: { double: random(1e9) / 7, list: [null, true, 'ü\u2028'] } };
}

function newEvent(random: Random, name: string): AnyNewEvent {
  const events: readonly (() => AnyNewEvent)[] = [
    () => noted('KeyDisabled', random.chance(0.5) ? `because ${name} \u{1f511}` : null),
    () => noted('KeyEnabled'),
    () => renamed(`renamed ${name}`),
    () => regenerated(`${name}-${random(1e9)}`, at(90_000)),
  ];
  return random.pick(events)();
}

/** A random history and checkpoints of it; the same for the same seed. */
export async function randomWorld(seed: number): Promise<World> {
  const random = randomOf(seed);
  const store = createMemoryStore();
  const dataKeys = testDataKeys(store, seed);
  const author = createAuthor({ dataKeys, seed });
  const workspaces = ['acme', 'Globex', 'a', 'umbrella_7', 'zz-9'].slice(0, 1 + random(5));
  const empty = 'hollow';
  const keys: { readonly id: string; readonly workspaceId: string; events: number; readonly forget: boolean }[] = [];
  const events: AnyEvent[] = [];
  let profiles = 0;
  const steps = 3 + random(30);
  for (let step = 0; step < steps; step++) {
    if (random.chance(0.1)) {
      profiles += 1;
      const profile = defined({ ...DEFAULT_PROFILE, name: `profile ${profiles}` }, profiles);
      events.push(await author.next(KEYSPACES, profile));
    } else if (keys.length === 0 || random.chance(0.35)) {
      const workspaceId = random.pick(workspaces);
      const name = `key ${step}`;
      const id = keyIdFor(workspaceId, `${seed} ${name}`);
      const details = created(`${seed} ${name}`, { personal: { name, metadata: metadata(random), tags: ['ä'] } });
      events.push(await author.next(id, details, { workspaceId }));
      keys.push({ id, workspaceId, events: 1, forget: random.chance(0.2) });
    } else {
      const key = random.pick(keys);
      const { id, workspaceId } = key;
      key.events += 1;
      const forgotten: AnyNewEvent = {
        type: 'KeyForgotten',
        data: { destroyedDataKey: `${id}.1` },
        personal: {},
        private: {},
      };
      const next = key.forget && random.chance(0.5) ? forgotten : newEvent(random, `${seed} ${step}`);
      events.push(await author.next(id, next, { workspaceId }));
    }
  }
  const erased = new Set(keys.filter(({ forget }) => forget).map(({ id }) => id));
  const entries: Entry[] = [];
  for (const event of events) {
    const { key } = await dataKeys.forWriting(event.attributes.subject, 1);
    entries.push({ event, personal: erased.has(event.attributes.subject) ? null : openSealed(event, key) });
  }
  return { entries, marks: await marksOf(entries, random), workspaces, empty };
}

/** Checkpoints at random places, the last at the end; the signing key changes on the way. */
async function marksOf(entries: readonly Entry[], random: Random): Promise<Mark[]> {
  const places = new Set([entries.length, ...Array.from({ length: random(4) }, () => random(entries.length + 1))]);
  const marks: Mark[] = [];
  for (const reached of [...places].sort((a, b) => a - b)) {
    const heads = headsOf(entries.slice(0, reached));
    const tree = treeOf(heads);
    const number = marks.length + 1;
    const before = marks.at(-1)?.signed.checkpoint;
    const checkpoint = {
      ...{ id: checkpointId(number), number, source: '/keyfold' as const, time: at(100 * number) },
      ...{ count: heads.length, workspaces: tree.size, root: tree.root, position: `p1_0-${reached}_1-7` },
      previous: before ? checkpointDigest(before) : null,
    };
    const [newest, oldest] = KEYS;
    const key = random.chance(0.5) ? newest : oldest;
    marks.push({ signed: await signCheckpoint({ checkpoint, key: key! }), reached, tree });
  }
  return marks;
}

export interface HeadAt extends Head {
  readonly workspace: string;
}

/** Heads after some entries, by key. */
export function headsOf(entries: readonly Entry[]): HeadAt[] {
  const heads = new Map<string, HeadAt>();
  for (const { event } of entries) {
    const { subject: key, version, hash: head } = event.attributes;
    heads.set(key, { key, version, head, workspace: workspaceOf(event) });
  }
  return [...heads.values()].sort(compareLines);
}

export function subtreesOf(heads: readonly HeadAt[]): Subtree[] {
  return [...new Set(heads.map(({ workspace }) => workspace))].map((id) => {
    const own = heads.filter(({ workspace }) => workspace === id);
    return { id, count: own.length, root: merkleRoot(own.map(leafOf)).toString('hex') };
  });
}

export const treeOf = (heads: readonly HeadAt[]): WorkspaceTree => workspaceTree(subtreesOf(heads));

export interface Asked {
  /** `null`: everything. */
  readonly workspace: string | null;
  readonly from: Mark | null;
  readonly older: readonly Mark[];
  readonly to: Mark;
}

export const member = ({ signed, tree }: Mark, workspace: string | null): SignedMember => ({
  ...signed,
  ...(workspace === null ? {} : { workspace: tree.prove(workspace) }),
});

/** The bundle, a line each, each with its line feed. */
export function bundleOf({ entries }: World, { workspace, from, older, to }: Asked): string[] {
  const inScope = ({ event }: Entry): boolean => workspace === null || workspaceOf(event) === workspace;
  const now = headsOf(entries.slice(0, to.reached).filter(inScope));
  const inRange = entries.slice(from?.reached ?? 0, to.reached).filter(inScope);
  const moved = new Set(inRange.map(({ event }) => event.attributes.subject));
  const keyLines = [
    ...inRange.map(({ event, personal }) => {
      const { subject: key, version } = event.attributes;
      return { key, version, text: eventLine(event, personal) };
    }),
    ...now.filter(({ key }) => !moved.has(key)).map((head) => ({ ...head, text: headLine(head) })),
  ].sort(compareLines);
  const behindAt = (mark: Mark): Record<string, number> => {
    const then = new Map(headsOf(entries.slice(0, mark.reached)).map(({ key, version }) => [key, version]));
    const behind = now.map(({ key, version }) => [key, then.get(key) ?? 0, version] as const);
    return Object.fromEntries(behind.flatMap(([key, was, is]) => (was < is ? [[key, was]] : [])));
  };
  return [
    ...(from ? [fromLine(member(from, workspace))] : []),
    ...older.map((mark) => olderLine({ ...member(mark, workspace), behind: behindAt(mark) })),
    ...keyLines.map(({ text }) => text),
    lastLine(member(to, workspace)),
  ];
}

/** One of the bundles that a world has. */
export function randomAsked({ marks, workspaces, empty }: World, random: Random): Asked {
  const to = marks[random.chance(0.7) ? marks.length - 1 : random(marks.length)]!;
  const before = marks.filter(({ reached }) => reached < to.reached);
  const from = before.length > 0 && random.chance(0.5) ? random.pick(before) : null;
  const between = before.filter(({ reached }) => reached > (from?.reached ?? -1));
  return {
    workspace: random.chance(0.35) ? null : random.pick([...workspaces, empty]),
    from,
    older: between.filter(() => random.chance(0.6)),
    to,
  };
}
