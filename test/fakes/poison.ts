// Forty ways in which a record can be broken. Each is made from a good event: the next one of a key.
import type { AnyEvent } from '../../events/catalogue.ts';
import { commitment, eventHash, withSalt, type Salted } from '../../events/chain.ts';
import type { NewRecord } from '../../events/log.ts';
import { encodeRecord } from '../../events/record.ts';
import { seededBytes } from './author.ts';

type Json = Record<string, unknown>;

export interface Poison {
  readonly name: string;
  /** The broken record; `good` is the key's next event, `later` the one after it. */
  make(good: AnyEvent, later: AnyEvent): NewRecord;
}

const text = (record: NewRecord): string => Buffer.from(record.value).toString('utf8');
const raw = (name: string, value: (good: string) => string | Uint8Array): Poison => ({
  name,
  make(good) {
    const record = encodeRecord(good);
    const bytes = value(text(record));
    return { ...record, value: typeof bytes === 'string' ? Buffer.from(bytes) : bytes };
  },
});
const json = (name: string, change: (value: Json) => unknown): Poison =>
  raw(name, (good) => JSON.stringify(change(JSON.parse(good) as Json)));
const omit = (value: Json, name: string): Json =>
  Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
/** Changed, and hashed again: only what the content means is wrong with it. */
const rehashed = (name: string, change: (value: Json) => Json): Poison =>
  json(name, (value) => {
    const changed = change(value);
    const { data, personal, private: hidden, ...attributes } = omit(changed, 'hash');
    const privatedigest = commitment(hidden as Salted<object>);
    const covered = { ...attributes, privatedigest };
    return { ...covered, data, personal, private: hidden, hash: eventHash(covered as never, data) };
  });
const without = (name: string): Poison => json(`without ${name}`, (value) => omit(value, name));
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

export const POISONS: readonly Poison[] = [
  raw('no bytes at all', () => ''),
  raw('one NUL', () => new Uint8Array([0])),
  raw('bytes that are no UTF-8', () => new Uint8Array([0xff, 0xfe, 0x80, 0x81])),
  raw('cut in the middle', (good) => good.slice(0, good.length / 2)),
  raw('something behind the object', (good) => `${good}x`),
  raw('twice in a row', (good) => good + good),
  raw('null', () => 'null'),
  raw('a number', () => '42'),
  raw('a text', () => '"KeyCreated"'),
  raw('a list', (good) => `[${good}]`),
  raw('an empty object', () => '{}'),
  raw('a megabyte of blanks', () => ' '.repeat(990_000)),
  raw('a megabyte of text in the data', (good) => good.replace('"data":{', `"data":{"x":"${'x'.repeat(990_000)}",`)),
  raw('a hundred thousand levels', () => deep(100_000)),
  raw('ten thousand levels in the data', (good) => good.replace('"data":{', `"data":{"x":${deep(10_000)},`)),
  raw('half a surrogate pair in the data', (good) => good.replace('"data":{', '"data":{"x":"\\ud800",')),
  raw('half a surrogate pair in an attribute', (good) => good.replace('"requestid":"', '"requestid":"\\udfff')),
  raw('__proto__ as a member', (good) => good.replace('"data":{', '"data":{"__proto__":{"a":1},')),
  without('id'),
  without('type'),
  without('version'),
  without('prev'),
  without('hash'),
  without('data'),
  without('private'),
  json('an extra attribute', (value) => ({ ...value, extra: 1 })),
  json('a blank type', (value) => ({ ...value, type: '' })),
  json('null as data', (value) => ({ ...value, data: null })),
  json('a version that is a text', (value) => ({ ...value, version: String(value.version) })),
  json('another hash', (value) => ({ ...value, hash: '0'.repeat(64) })),
  json('another commandId under the same hash', (value) => ({ ...value, commandid: 'another' })),
  json('another private part under the same commitment', (value) => ({
    ...value,
    private: withSalt({ fingerprint: '0'.repeat(64) }, seededBytes(1)),
  })),
  rehashed('an unknown type', (value) => ({ ...value, type: 'keyfold.KeyPainted.v1' })),
  rehashed('a version of its type that nobody knows', (value) => ({ ...value, type: 'keyfold.KeyDisabled.v999' })),
  rehashed('extra data', (value) => ({ ...value, data: { ...(value.data as object), extra: 1 } })),
  rehashed('a blank fingerprint', (value) => ({
    ...value,
    private: { ...(value.private as object), fingerprint: '' },
  })),
  rehashed('another subject than its key', (value) => ({
    ...value,
    subject: 'key_0000000000000000000000',
    id: `key_0000000000000000000000@${String(value.version)}`,
  })),
  rehashed('a day that does not exist', (value) => ({ ...value, time: '2026-02-30T00:00:00.000Z' })),
  rehashed('a chain that is another', (value) => ({ ...value, prev: 'f'.repeat(64) })),
  { name: 'a gap before it', make: (_good, later) => encodeRecord(later) },
];
