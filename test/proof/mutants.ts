// Random mutants of bundles: bytes changed, members changed and signed again or not, several at once. Nothing says what is
// wrong with them; two checkers must say the same.
import { canonical } from '../../events/canonical.ts';
import { bundleOf, randomAsked, type Random, type World } from './bundles.ts';
import { baseEvent, forge } from './forged.ts';
import { edit, paths, type Json, type Members } from './tamper.ts';

export interface Mutant {
  readonly what: string;
  readonly text: Buffer;
}

/** What breaks parsers, and pieces of bundles. */
const TOKENS: readonly (string | Buffer)[] = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\n',
    '\r\n',
    '\r',
    ' ',
    '\t',
    '\0',
    '\ufeff',
    '\u2028',
    '\u{1f511}',
    '٣',
  ],
  ...['null', 'true', 'NaN', '-Infinity', '1e400', '-0', '1E5', '1.0', '01', '9007199254740993', '9'.repeat(30), '0'],
  ...[
    '"\\ud800"',
    '\\u0041',
    '\\/',
    '"__proto__":1,',
    '"event":{},',
    '{"event":',
    '{"checkpoint":1}\n',
    '{}\n',
    'null\n',
  ],
  ...['[]', '{}', '['.repeat(200), `${'['.repeat(150)}${']'.repeat(150)}`, '..', '=', '_0-1', '"personal":null,'],
  ...['ff', 'c080', 'eda080', 'f09f98', 'efbfbf', '80'].map((hex) => Buffer.from(hex, 'hex')),
];
const VALUES: readonly Json[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    1.5,
    2 ** 53,
    2 ** 53 - 1,
    1e21,
    1e-7,
    '',
    '0',
    'x',
    'acme',
    'keyspaces',
    '/keyfold',
  ],
  ...[
    '\n',
    '\0',
    '٣',
    '\u{1f511}'.repeat(130),
    'a'.repeat(300),
    'ab'.repeat(32),
    '0'.repeat(64),
    'A'.repeat(22),
    '\ufeff',
  ],
  ...['0000-01-01T00:00:00.000Z', '2026-02-30T00:00:00.000Z', 'p1_0-1_0-1', 'p1_0-9007199254740992', 'user:\u{1f511}'],
  ...['key_0000000000000000000001', 'key_0000000000000000000001@1', 'keyfold.KeyCreated.v1', 'urn:keyfold:schema:A.v1'],
  ...[[], {}, [[]], { salt: 'A'.repeat(22) }, { salt: 1 }, ['ab'.repeat(32)]],
];
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'event',
  'head',
  'salt',
  'personal',
  'workspace',
  'count',
  'é',
  '',
];

/** The bytes of the bundle with one thing done to them. */
const BYTES: readonly ((random: Random, bytes: Buffer) => Buffer)[] = [
  (random, bytes) => splice(bytes, random(bytes.length), 1, Buffer.of(random(256))),
  (random, bytes) => splice(bytes, random(bytes.length), 1 + random(4), Buffer.alloc(0)),
  (random, bytes) => splice(bytes, random(bytes.length), random(3), Buffer.from(random.pick(TOKENS))),
  (random, bytes) => splice(bytes, punctuation(random, bytes), random(2), Buffer.from(random.pick(TOKENS))),
  (random, bytes) => bytes.subarray(0, random(bytes.length)),
  (random, bytes) => {
    const [from, to] = [random(bytes.length), random(bytes.length)].sort((a, b) => a - b) as [number, number];
    return splice(bytes, random(bytes.length), 0, bytes.subarray(from, Math.min(to, from + 300)));
  },
];

const splice = (bytes: Buffer, at: number, remove: number, put: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + remove)]);

/** Where JSON is most easily broken. */
function punctuation(random: Random, bytes: Buffer): number {
  const from = random(bytes.length);
  const found = bytes.subarray(from).findIndex((byte) => '{}[],:"\n'.includes(String.fromCharCode(byte)));
  return from + Math.max(found, 0) + random(2);
}

function put(random: Random, members: Members, name: string): void {
  Object.defineProperty(members, name, {
    ...{ value: structuredClone(random.pick(VALUES)), enumerable: true, configurable: true, writable: true },
  });
}

/** One member changed, taken away, replaced by something of another form, or put beside the others. */
function mutate(random: Random, root: Members): void {
  const all = paths(root).filter((path) => path.length > 0);
  if (all.length === 0) return;
  const long = random.pick(all);
  const path = long.slice(0, 1 + random(long.length));
  if (random.chance(0.3)) {
    edit(random, root, path, random.chance(0.4));
    return;
  }
  const parent = path.slice(0, -1).reduce<Json>((at, step) => (at as Members)[step]!, root) as Members;
  const name = Array.isArray(parent) || random.chance(0.8) ? path.at(-1)! : random.pick(NAMES);
  put(random, parent, name);
}

function bytesOf(random: Random, text: string): Buffer {
  let bytes: Buffer = Buffer.from(text);
  for (let times = 1 + random(2); times > 0 && bytes.length > 0; times--) bytes = random.pick(BYTES)(random, bytes);
  return bytes;
}

const write = (lines: readonly unknown[]): string => lines.map((line) => `${canonical(line)}\n`).join('');

const KINDS: Readonly<Record<string, (random: Random, bundle: readonly string[]) => Buffer>> = {
  bytes: (random, bundle) => bytesOf(random, bundle.join('')),
  members: (random, bundle) => {
    const lines = bundle.map((line) => JSON.parse(line) as Members);
    for (let times = 1 + random(3); times > 0; times--) mutate(random, random.pick(lines));
    return Buffer.from(write(lines));
  },
  'lines in another order': (random, bundle) => {
    const lines = [...bundle];
    for (let times = 1 + random(3); times > 0; times--) {
      const [line = ''] = lines.splice(random(lines.length), 1);
      const copies = random.pick([0, 1, 1, 2]);
      lines.splice(random(lines.length + 1), 0, ...Array.from({ length: copies }, () => line));
    }
    return Buffer.from(lines.join(''));
  },
  'members, signed again': (random) => {
    const event = { ...baseEvent(), data: { n: random.pick(VALUES) } } as Members;
    const checkpoint: Members = random.chance(0.3)
      ? { [random.pick(['count', 'position', 'time', 'x'])]: random.pick(VALUES) }
      : {};
    const header: Members = { alg: 'EdDSA', kid: random.pick(VALUES) };
    if (random.chance(0.8)) mutate(random, event);
    const workspace: Members = {};
    if (random.chance(0.5))
      put(random, workspace, random.pick(['count', 'index', 'size', 'path', 'root', 'before', 'id']));
    return Buffer.from(
      `${forge({
        ...{ event, checkpoint },
        ...(random.chance(0.2) && { header }),
        ...(random.chance(0.5) && { workspace }),
      }).join('\n')}\n`,
    );
  },
};

/** One mutant; the same for the same random numbers. */
export function randomMutant(random: Random, worlds: readonly World[]): Mutant {
  const world = random.pick(worlds);
  const what = random.pick(Object.keys(KINDS));
  return { what, text: KINDS[what]!(random, bundleOf(world, randomAsked(world, random))) };
}
