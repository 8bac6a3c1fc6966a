// Writes the corpus: for every event of the catalogue one record in its current version, `test/corpus/<Event>.v<n>.json`.
// What is there stays as it is, since it stands for what lies in logs: `npx tsx test/tools/write-corpus.ts`
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import {
  catalogue,
  type AnyEvent,
  type AnyNewEvent,
  type EventType,
  type KeyEvent,
  type KeyspaceEvent,
} from '../../events/catalogue.ts';
import { encodeFact, factAt } from '../../events/fact-record.ts';
import { foldKey, foldKeyspaces } from '../../events/fold.ts';
import { dataKeyId, keyIdFor, KEYSPACES } from '../../events/ids.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { keyFacts } from '../../events/key/facts.ts';
import { profile } from '../../events/keyspaces/profile.ts';
import { NO_KEYSPACES } from '../../events/keyspaces/state.ts';
import { encodeRecord, genesis, openPersonal, recordEvent, type Place } from '../../events/record.ts';
import { generateSecret, hashSecret } from '../../events/secret.ts';
import type { CorpusFile, FactFile } from '../corpus/file.ts';
import { seededBytes } from '../events/seeded.ts';

const DIRECTORY = join(import.meta.dirname, '..', 'corpus');
const KEY_ID = keyIdFor('acme', 'corpus');
const PEPPER = { id: '2030-01', key: seededBytes('corpus pepper')(32) };
const access = {
  scopes: ['orders:read', 'orders:write'],
  unrestricted: false,
  resources: { all: true, ids: [] },
  flags: ['inline'],
};
const restrictions = {
  origins: ['https://app.example.com'],
  ipRanges: ['10.0.0.0/8', '2001:db8::/32'],
  rateLimit: { limit: 60, windowSeconds: 60 },
};
const hashOf = (seed: string) => hashSecret(generateSecret('kf', seededBytes(seed)), PEPPER);
const defined = profile.parse({
  ...DEFAULT_PROFILE,
  flags: [{ id: 'inline', label: 'Inline assistants' }],
  environments: [{ id: 'live', label: 'Live' }],
  edit: { name: { how: 'SUCCESSOR', reason: 'A name is for ever.' } },
});

/** One life of a key, and one of the profiles, in which every event happens once. */
const KEY_LIFE: readonly AnyNewEvent[] = [
  {
    type: 'KeyCreated',
    data: {
      keyspace: 'default',
      type: 'secret',
      environment: 'live',
      ...access,
      ...restrictions,
      expiresAt: '2031-01-31T12:00:00.000Z',
      preview: 'kf_live_...a1b2',
      predecessor: keyIdFor('acme', 'predecessor'),
      ownerId: 'u-anna',
    },
    personal: {
      name: 'Nightly export – “ETL” 👩‍💻',
      description: 'line one\nline two',
      email: 'anna@example.com',
      tags: ['etl', 'prod'],
      metadata: { team: 'data', nested: { list: [1, 2.5, null, true, 'ü'], $gt: '', 'a.b': -1e-7 } },
    },
    private: hashOf('corpus first'),
  },
  {
    type: 'KeyDetailsChanged',
    data: { ownerId: 'u-ben' },
    personal: { name: 'Weekly export', email: null, tags: [] },
    private: {},
  },
  {
    type: 'ScopesChanged',
    data: {
      before: access,
      after: { ...access, scopes: [], unrestricted: true, resources: { all: false, ids: ['r-1'] } },
    },
    personal: {},
    private: {},
  },
  {
    type: 'RestrictionsChanged',
    data: { before: restrictions, after: { origins: [], ipRanges: ['192.0.2.1'], rateLimit: null } },
    personal: {},
    private: {},
  },
  { type: 'ExpiryChanged', data: { before: '2031-01-31T12:00:00.000Z', after: null }, personal: {}, private: {} },
  { type: 'KeyDisabled', data: {}, personal: { note: 'on leave' }, private: {} },
  { type: 'KeyEnabled', data: {}, personal: { note: null }, private: {} },
  {
    type: 'KeyRegenerated',
    data: { preview: 'kf_live_...c3d4', retiresAt: '2030-02-08T12:00:00.000Z' },
    personal: {},
    private: hashOf('corpus second'),
  },
  { type: 'PreviousSecretRetired', data: {}, personal: {}, private: {} },
  { type: 'RecordDiscarded', data: { position: 'p1_3-17', reason: 'written by hand' }, personal: {}, private: {} },
  { type: 'KeyForgotten', data: { destroyedDataKey: dataKeyId(KEY_ID, 1) }, personal: {}, private: {} },
  { type: 'KeyRevoked', data: { reason: 'Compromised' }, personal: { note: 'seen in a ticket' }, private: {} },
  { type: 'KeyDeleted', data: { destroyedDataKey: null }, personal: { note: null }, private: {} },
];
const KEYSPACES_LIFE: readonly AnyNewEvent[] = [
  { type: 'KeyspaceDefined', data: { version: 1, profile: defined }, personal: {}, private: {} },
  {
    type: 'KeyspaceChanged',
    data: { version: 2, profile: { ...defined, name: 'Changed', timeZone: 'Europe/Berlin' } },
    personal: {},
    private: {},
  },
];

const nameOf = (type: EventType): string => `${type}.v${catalogue[type].version}`;

/** Records one life; `fold` answers the state after an event. */
function record<S>(
  aggregateId: string,
  life: readonly AnyNewEvent[],
  fold: (state: S | null, event: AnyEvent) => S,
): Map<string, CorpusFile> {
  let place: Place = genesis(aggregateId);
  let state: S | null = null;
  const files = new Map<string, CorpusFile>();
  let dataKeyNumber = 1;
  for (const [index, next] of life.entries()) {
    const name = nameOf(next.type);
    const dataKey = {
      id: dataKeyId(aggregateId, dataKeyNumber),
      key: seededBytes(`corpus data key ${aggregateId} ${dataKeyNumber}`)(32),
    };
    const event = recordEvent(
      next,
      place,
      {
        commandId: `corpus-${index + 1}`,
        fingerprint: Buffer.from(seededBytes(`corpus fingerprint ${name}`)(32)).toString('hex'),
        requestId: 'req-7f3a',
        actor: index === 8 ? { kind: 'system', id: 'projector' } : { kind: 'user', id: 'u-anna' },
        ip: index === 8 ? null : '203.0.113.9',
        userAgent: index === 8 ? null : 'keyfold/0.1.0',
        workspaceId: aggregateId === KEYSPACES ? null : 'acme',
        keyspaceVersion: aggregateId === KEYSPACES ? null : 1,
        now: new Date(Date.UTC(2030, 0, 31, 12, index)).toISOString(),
      },
      dataKey,
      seededBytes(`corpus ${name}`),
    );
    state = fold(state, event);
    files.set(name, {
      before: [...files.keys()],
      key: aggregateId,
      value: Buffer.from(encodeRecord(event).value).toString('utf8'),
      dataKey: Buffer.from(dataKey.key).toString('base64'),
      personal: openPersonal(event, dataKey.key),
      state,
    });
    const { version, hash: head, time } = event.attributes;
    place = { aggregateId, version, head, time };
    if (next.type === 'KeyForgotten') dataKeyNumber += 1;
  }
  return files;
}

function applied<S>(
  verdict: { kind: 'applied'; state: S } | { kind: 'ignored' } | { kind: 'broken'; reason: string },
): S {
  if (verdict.kind !== 'applied') throw new Error(`an example was ${verdict.kind}`);
  return verdict.state;
}

const files = new Map<string, CorpusFile | FactFile>([
  ...record(KEY_ID, KEY_LIFE, (state: Parameters<typeof foldKey>[0], event) =>
    applied(foldKey(state, event as KeyEvent)),
  ),
  ...[7, 0].map((days): [string, FactFile] => {
    const about = { keyId: KEY_ID, workspaceId: 'acme', keyspace: 'default', expiresAt: '2031-01-31T12:00:00.000Z' };
    const fact = factAt(about, days);
    const { key, value } = encodeFact(fact);
    return [`${fact.type}.v${keyFacts[fact.type].version}`, { key, value: Buffer.from(value).toString('utf8') }];
  }),
  ...record(KEYSPACES, KEYSPACES_LIFE, (state: typeof NO_KEYSPACES | null, event) =>
    applied(foldKeyspaces(state ?? NO_KEYSPACES, event as KeyspaceEvent)),
  ),
]);

let refused = 0;
for (const [name, content] of files) {
  const path = join(DIRECTORY, `${name}.json`);
  const text = await format(JSON.stringify(content), { ...(await resolveConfig(path)), parser: 'json' });
  if (!existsSync(path)) {
    writeFileSync(path, text, { flag: 'wx' });
    console.log(`written: ${basename(path)}`);
  } else if (readFileSync(path, 'utf8') !== text) {
    refused += 1;
    console.error(
      `${basename(path)} is there and differs from what would be written: raise the event's version instead`,
    );
  }
}
process.exitCode = refused === 0 ? 0 : 1;
