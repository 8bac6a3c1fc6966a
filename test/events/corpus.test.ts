// The corpus: one record of every version of every event that was ever written, which every later build must still read.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue, isEventType, type AnyEvent, type EventType } from '../../events/catalogue.ts';
import { encodeFact } from '../../events/fact-record.ts';
import { eventKind, foldKey, foldKeyspaces } from '../../events/fold.ts';
import { isFactType, keyFacts, type FactType } from '../../events/key/facts.ts';
import type { KeyState } from '../../events/key/state.ts';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import { readRecord } from '../../events/quarantine.ts';
import { decodeRecord, encodeRecord, openPersonal } from '../../events/record.ts';
import type { CorpusFile } from '../corpus/file.ts';

const DIRECTORY = join(import.meta.dirname, '..', 'corpus');
const NAMES = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

const load = (name: string): CorpusFile =>
  JSON.parse(readFileSync(join(DIRECTORY, `${name}.json`), 'utf8')) as CorpusFile;

function decoded({ key, value }: CorpusFile): AnyEvent {
  const read = decodeRecord({ key, value: Buffer.from(value) });
  if (!read.ok) throw new Error(read.reason);
  if (!read.event) throw new Error(`${read.fact.type} is a fact`);
  return read.event;
}

/** Folds the records before it, and it. */
function stateAfter(name: string): unknown {
  let key: KeyState | null = null;
  let keyspaces: KeyspacesState = NO_KEYSPACES;
  let last: unknown = null;
  for (const each of [...load(name).before, name]) {
    const kind = eventKind(decoded(load(each)));
    const verdict = kind?.kind === 'key' ? foldKey(key, kind.event) : kind && foldKeyspaces(keyspaces, kind.event);
    if (verdict?.kind !== 'applied') throw new Error(`${each} is ${verdict?.kind ?? 'of no aggregate'}`);
    if (kind?.kind === 'key') key = verdict.state as KeyState;
    else keyspaces = verdict.state as KeyspacesState;
    last = verdict.state;
  }
  return last;
}

test('every version of every event of the catalogue has a file, and every file an event', () => {
  const versions = (Object.keys(catalogue) as EventType[]).flatMap((type) =>
    Array.from({ length: catalogue[type].version }, (_, index) => `${type}.v${index + 1}`),
  );
  const facts = (Object.keys(keyFacts) as FactType[]).flatMap((type) =>
    Array.from({ length: keyFacts[type].version }, (_, index) => `${type}.v${index + 1}`),
  );
  expect(NAMES.toSorted()).toEqual([...versions, ...facts].toSorted());
});

const isOfFact = (name: string): boolean => isFactType(name.split('.v')[0] ?? '');

describe.each(NAMES.filter(isOfFact))('%s', (name) => {
  const { key, value } = load(name);

  test('is read, byte by byte as it was written, as something that no fold takes', () => {
    const read = readRecord({ key, value: Buffer.from(value) });
    if (read.kind !== 'fact') throw new Error(read.kind);
    expect(`${read.fact.type}.v${keyFacts[read.fact.type].version}`).toBe(name);
    const record = encodeFact(read.fact);
    expect([record.key, Buffer.from(record.value).toString()]).toEqual([key, value]);
  });

  test('is found out when it is cut, or says something of another key, moment or kind', () => {
    const reasonOf = (text: string, of = key): string => {
      const read = readRecord({ key: of, value: Buffer.from(text) });
      return read.kind === 'unreadable' ? read.reason : read.kind;
    };
    expect(reasonOf(value.slice(0, -1))).toBe('not JSON');
    expect(reasonOf(value, `key_${'1'.repeat(22)}`)).toBe('subject is not the record key');
    expect(reasonOf(value.replace('"expiresAt":"2031-01-31', '"expiresAt":"2031-02-01'))).toBe(
      'time is not the moment that the data speak of',
    );
    expect(reasonOf(value.replace(`"id":"${key}`, '"id":"x'))).toBe('id is not subject@fact@time');
    expect(reasonOf(value.replaceAll('.v1', '.v2'))).toMatch(/^unknown type keyfold\.KeyExpir\w+\.v2$/);
    expect(reasonOf(value.replace('schema:KeyExpir', 'schema:XeyExpir'))).toBe('dataschema is not the one of its type');
    expect(reasonOf(value.replace('"keyspace":"', '"extra":1,"keyspace":"'))).toMatch(/^data /);
  });
});

describe.each(NAMES.filter((name) => !isOfFact(name)))('%s', (name) => {
  const file = load(name);
  const [type = '', version = ''] = name.split('.v');

  test('is read, byte by byte as it was written', () => {
    const event = decoded(file);
    expect([event.type, event.attributes.type]).toEqual([type, `keyfold.${type}.v${version}`]);
    if (isEventType(type) && catalogue[type].version === Number(version)) {
      const record = encodeRecord(event);
      expect(record.key).toBe(file.key);
      expect(Buffer.from(record.value).equals(Buffer.from(file.value))).toBe(true);
    }
  });

  test('has the personal part that it had', () => {
    expect(openPersonal(decoded(file), Buffer.from(file.dataKey, 'base64'))).toEqual(file.personal);
  });

  test('folds onto what came before it as it did', () => {
    expect(stateAfter(name)).toMatchObject(file.state as object);
  });

  test('is found out when it is cut or a character of it is another', () => {
    const { key, value } = file;
    expect(decodeRecord({ key, value: Buffer.from(value.slice(0, -1)) }).ok).toBe(false);
    const at = value.indexOf('"hash":"') + 8;
    const other = value.slice(0, at) + (value.charAt(at) === '0' ? '1' : '0') + value.slice(at + 1);
    expect(decodeRecord({ key, value: Buffer.from(other) })).toEqual({
      ok: false,
      reason: 'hash does not match the content',
    });
  });
});
