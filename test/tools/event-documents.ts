// The documents of events, made from the catalogue: docs/asyncapi.json for whoever subscribes, docs/schemas/ for the data of
// each type, and docs/events.md to be read. Examples are the corpus'. `npm run codegen` writes them; `npm run check:generated`
// and test/events/event-documents.test.ts find them stale. Schemas of former versions were made when those were current.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { attributes, catalogue, schemaName, wireType, type EventType } from '../../events/catalogue.ts';
import { factWireType } from '../../events/fact-record.ts';
import { eventJsonSchema, factJsonSchema, plainJsonSchema } from '../../events/json-schema.ts';
import { factAttributes, isFactType, keyFacts, type FactType } from '../../events/key/facts.ts';
import { signedCheckpoint } from '../../events/proof/checkpoint.ts';
import { attributesOf, checkpointAttributes, CHECKPOINT_TYPE } from '../../events/proof/checkpoint-event.ts';
import type { EntryType } from '../../projections/rows.ts';
import { upperSnakeCase } from '../../schema/enums.ts';
import type { CorpusFile } from '../corpus/file.ts';
import { CHECKPOINT_EXAMPLE } from './checkpoint-example.ts';
import { ABOUT, ABOUT_CHECKPOINTS } from './event-words.ts';
import { pageOf } from './roles-page.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const ASYNCAPI = 'docs/asyncapi.json';
export const EVENTS_PAGE = 'docs/events.md';
/** What the topic has beside entries of the log. */
export const CHECKPOINT = 'Checkpoint';
export const CHECKPOINT_SCHEMA = `docs/schemas/${CHECKPOINT_TYPE.slice('keyfold.'.length)}.json`;

const EVENT_TYPES = Object.keys(catalogue) as EventType[];
const FACT_TYPES = Object.keys(keyFacts) as FactType[];
export const ENTRY_TYPES: readonly EntryType[] = [...EVENT_TYPES, ...FACT_TYPES];

const nameOf = (type: EntryType): string =>
  (isFactType(type) ? factWireType(type) : wireType(type)).slice('keyfold.'.length);
export const schemaFile = (type: EntryType): string => `docs/schemas/${nameOf(type)}.json`;
export const schemaOf = (type: EntryType): Readonly<Record<string, unknown>> =>
  isFactType(type) ? factJsonSchema(type) : eventJsonSchema(type);

type Json = Readonly<Record<string, unknown>>;

/** A version of an event that is not written any more, and lies in logs and topics as it was written. */
export interface Former {
  readonly type: EventType;
  /** `KeyspaceDefined.v1` */
  readonly name: string;
  readonly file: string;
}

/** Kept as they were: no code makes their schemas any more. */
export const FORMER: readonly Former[] = EVENT_TYPES.flatMap((type) =>
  Array.from({ length: catalogue[type].version - 1 }, (_, index) => `${type}.v${index + 1}`).map((name) => ({
    ...{ type, name },
    file: `docs/schemas/${name}.json`,
  })),
);
export const formerSchema = ({ file }: Former): Json => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Json;
/** Under which the AsyncAPI document has it. */
export const messageName = ({ name }: Former): string => name.replace('.v', 'V');

/** An event as the public topic has it: attributes and public data. */
export interface Example {
  readonly key: string;
  readonly attributes: Json;
  readonly data: Json;
}

/** The record of the corpus, without what is not public. */
export function exampleOf(type: EntryType, name = nameOf(type)): Example {
  const file = JSON.parse(readFileSync(join(ROOT, 'test', 'corpus', `${name}.json`), 'utf8')) as CorpusFile;
  const { data, ...rest } = JSON.parse(file.value) as Json & { readonly data: Json };
  const known: Json = (isFactType(type) ? factAttributes : attributes).shape;
  return {
    key: file.key,
    attributes: Object.fromEntries(Object.entries(rest).filter(([name]) => name in known)),
    data,
  };
}

/** The headers of a record: CloudEvents 1.0, binary mode of the Kafka protocol binding; all of them are texts. */
export const headersOf = (given: Json): Json => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`ce_${name}`, String(value)])),
});

function headersSchema(of: z.ZodObject, wire: string): Json {
  const { properties = {}, required = [] } = plainJsonSchema(of, 'draft-7') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  const asText = ({ type, ...rest }: Json): Json =>
    type === 'integer' ? { type: 'string', pattern: '^[1-9][0-9]*$' } : { type, ...rest };
  const exact: Json = { type: { const: wire }, dataschema: { const: schemaName(wire) } };
  return {
    type: 'object',
    properties: {
      'content-type': { const: 'application/json' },
      ce_specversion: { const: '1.0' },
      ...Object.fromEntries(
        Object.entries(properties).map(([name, schema]) => [
          `ce_${name}`,
          { ...(exact[name] ?? asText(schema)), description: ATTRIBUTES[name] },
        ]),
      ),
    },
    required: ['content-type', 'ce_specversion', ...required.map((name) => `ce_${name}`)],
  };
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  id: '`subject@version`; of a fact `subject@fact@time`; of a checkpoint `checkpoint@number`. Copies have the same.',
  source: 'Always `/keyfold`.',
  type: 'Name and version of the event.',
  subject: 'The id of the key, `keyspaces`, or `checkpoint`. Also the key of the record.',
  time: 'When it happened; of a fact, the moment that it speaks of. It never runs backwards within a subject’s events.',
  dataschema: 'Names the JSON Schema of the data.',
  version: 'Counts the events of the subject, from 1.',
  workspaceid: 'Whose key it is; events of keyspaces have none.',
  commandid: 'Of the command that made it.',
  requestid: 'Of the request that the command came with.',
  actor: 'Who did it: `user:ID`, `key:ID` or `system:NAME`.',
  keyspaceversion: 'The version of the profile that it was decided by.',
  datakeyid: 'The data key that its personal part is sealed under.',
  personaldigest: 'Commitment to the personal part.',
  privatedigest: 'Commitment to the private part.',
  prev: '`hash` of the event before it; zeros for the first.',
  hash: 'SHA-256 over all other attributes and the data.',
};

/** JSON Schema (draft 2020-12) of what is published of a checkpoint; its `$id` is the event's `dataschema`. */
export function checkpointSchema(): Json {
  const { $schema, ...schema } = plainJsonSchema(signedCheckpoint);
  return { $schema, $id: schemaName(CHECKPOINT_TYPE), title: CHECKPOINT, ...schema };
}

function checkpointMessage(): Json {
  const schema = plainJsonSchema(signedCheckpoint, 'draft-7');
  const payload = Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
  const headers = headersOf(attributesOf(CHECKPOINT_EXAMPLE.checkpoint));
  return {
    ...{ name: CHECKPOINT_TYPE, title: CHECKPOINT, summary: ABOUT_CHECKPOINTS },
    contentType: 'application/json',
    headers: headersSchema(checkpointAttributes, CHECKPOINT_TYPE),
    payload,
    bindings: { kafka: { key: { const: 'checkpoint' }, bindingVersion: '0.5.0' } },
    examples: [{ name: CHECKPOINT, headers, payload: CHECKPOINT_EXAMPLE }],
  };
}

/** A schema as a part of the document: what it refers to lies among the document's schemas, by the event's name. */
function payloadOf(type: EntryType, of: z.ZodType): { readonly payload: Json; readonly schemas: Json } {
  const local = '#/definitions/';
  const moved = JSON.stringify(plainJsonSchema(of, 'draft-7')).replaceAll(local, `#/components/schemas/${type}`);
  const all = JSON.parse(moved) as Json & { readonly definitions?: Json };
  const payload = Object.fromEntries(
    Object.entries(all).filter(([name]) => name !== '$schema' && name !== 'definitions'),
  );
  const named = Object.entries(all.definitions ?? {}).map(([name, schema]) => [`${type}${name}`, schema] as const);
  return { payload, schemas: Object.fromEntries(named) };
}

const dataOf = (type: EntryType): z.ZodType => (isFactType(type) ? keyFacts[type].data : catalogue[type].data);

function messageOf(type: EntryType): Json {
  const { payload } = payloadOf(type, dataOf(type));
  return message({ type, name: nameOf(type), title: type, summary: ABOUT[type], payload });
}

/** It is published with the data that it was written with. */
function formerMessage(former: Former): Json {
  const { type, name } = former;
  const inSchema = ([member]: readonly [string, unknown]): boolean => !['$schema', '$id', 'title'].includes(member);
  const payload = Object.fromEntries(Object.entries(formerSchema(former)).filter(inSchema));
  const summary = `${ABOUT[type]} Not written any more.`;
  return message({ type, name, title: messageName(former), summary, payload });
}

interface MessageParts {
  readonly type: EntryType;
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly payload: Json;
}

function message({ type, name, title, summary, payload }: MessageParts): Json {
  const { key, attributes: given, data } = exampleOf(type, name);
  const wire = `keyfold.${name}`;
  return {
    ...{ name: wire, title, summary },
    contentType: 'application/json',
    headers: headersSchema(isFactType(type) ? factAttributes : attributes, wire),
    payload,
    bindings: {
      kafka: {
        key: {
          type: 'string',
          description: 'The subject: all events of one lie in one partition, in order.',
          examples: [key],
        },
        bindingVersion: '0.5.0',
      },
    },
    examples: [{ name: title, headers: headersOf(given), payload: data }],
  };
}

/** The AsyncAPI 3 document. */
export function asyncApi(): Json {
  const names = [...ENTRY_TYPES, ...FORMER.map(messageName), CHECKPOINT];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Keyfold events',
      version: '1',
      description:
        'What happens to API keys and keyspaces: accepted events, facts about time and signed checkpoints. Delivered at least once: `ce_id` tells copies apart. The events of one subject come in order. No personal or private part is in any of it. The same entries come over HTTP by the GraphQL subscription `keyEvents` (Server-Sent Events), which resumes behind a position.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      events: {
        address: 'keyfold.events',
        title: 'Public events',
        description:
          'A Kafka topic, `<KAFKA_TOPIC_PREFIX>.events`. CloudEvents 1.0 in binary mode: attributes are headers `ce_…`, the payload is the public data.',
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      publishEvents: {
        action: 'send',
        channel: { $ref: '#/channels/events' },
        summary: 'Keyfold publishes what it has accepted, in the order of its log.',
        messages: names.map((name) => ({ $ref: `#/channels/events/messages/${name}` })),
      },
    },
    components: {
      messages: {
        ...Object.fromEntries(ENTRY_TYPES.map((type) => [type, messageOf(type)])),
        ...Object.fromEntries(FORMER.map((former) => [messageName(former), formerMessage(former)])),
        [CHECKPOINT]: checkpointMessage(),
      },
      schemas: Object.assign({}, ...ENTRY_TYPES.map((type) => payloadOf(type, dataOf(type)).schemas)) as Json,
    },
  };
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const code = (text: string): string => `\`${text}\``;
const membersOf = (part: { readonly shape: object }): string =>
  Object.keys(part.shape)
    .filter((name) => name !== 'ip' && name !== 'userAgent' && name !== 'fingerprint')
    .map(code)
    .join(', ') || '–';

/** Links to the schemas of versions that lie in logs. */
function formerSchemas(type: EntryType): string {
  const own = FORMER.filter((former) => former.type === type);
  const links = own.map(({ name, file }) => `[${name.slice(type.length + 1)}](${file.slice('docs/'.length)})`);
  return links.length === 0 ? '' : `, formerly ${links.join(', ')}`;
}

function section(type: EntryType): string[] {
  const { attributes: given, data } = exampleOf(type);
  const parts: readonly (readonly [string, string])[] = isFactType(type)
    ? [['data', membersOf(keyFacts[type].data)]]
    : [
        ['data', membersOf(catalogue[type].data)],
        ['personal, sealed', membersOf(catalogue[type].personal)],
        ['private, never shown', membersOf(catalogue[type].private)],
      ];
  return [
    `### ${type}`,
    '',
    `${ABOUT[type]} On the wire ${code(String(given.type))}, in GraphQL ${code(upperSnakeCase(type))}; [schema](${schemaFile(type).slice('docs/'.length)})${formerSchemas(type)}.`,
    '',
    row('part', 'members'),
    row('---', '---'),
    ...parts.map(([part, members]) => row(part, members)),
    '',
    '```json',
    JSON.stringify({ ...given, data }, null, 2),
    '```',
    '',
  ];
}

function checkpointSection(): string[] {
  return [
    `### ${CHECKPOINT}`,
    '',
    `${ABOUT_CHECKPOINTS} On the wire ${code(CHECKPOINT_TYPE)}; [schema](${CHECKPOINT_SCHEMA.slice('docs/'.length)}).`,
    '',
    row('part', 'members'),
    row('---', '---'),
    row('data', membersOf(signedCheckpoint)),
    '',
    '```json',
    JSON.stringify({ ...attributesOf(CHECKPOINT_EXAMPLE.checkpoint), data: CHECKPOINT_EXAMPLE }, null, 2),
    '```',
    '',
  ];
}

/** The page's text. */
export async function eventsPage(): Promise<string> {
  const shapes = [attributes.shape, factAttributes.shape, checkpointAttributes.shape] as const;
  const mark = (name: string, shape: object): string => (name in shape ? '✓' : '–');
  const text = [
    '# Events',
    '',
    '<!-- Generated by `npm run codegen` (test/tools/event-documents.ts) from the catalogue. Do not edit. -->',
    '',
    'Everything that can happen to a key or a keyspace, what Keyfold says of time, and what it signs. [protocol.md](protocol.md) says what holds of them; [asyncapi.json](asyncapi.json) describes them to tools, as the topic `keyfold.events` has them; [schemas](schemas) has the JSON Schema (draft 2020-12) of the data of each, under the name that its `dataschema` ends with. An event of a former version keeps its type, its data and its schema in the topic and in exports; GraphQL reads it as the current one. The GraphQL subscription `keyEvents` and `history` hand out the same, without checkpoints.',
    '',
    'An event has three parts. Its public data are in every answer, export and topic. The personal part (with the caller’s address and user agent in every event) is sealed under the key’s own data key, shown to those who may see history, and gone once that is destroyed. The private part (with the fingerprint of the command in every event) never leaves Keyfold. Topics have neither, only the digests that commit to them.',
    '',
    '## Attributes',
    '',
    row('attribute', 'events', 'facts', 'checkpoints', 'is'),
    row('---', ':-:', ':-:', ':-:', '---'),
    ...Object.keys(attributes.shape).map((name) =>
      row(code(name), ...shapes.map((shape) => mark(name, shape)), ATTRIBUTES[name] ?? ''),
    ),
    '',
    '## Events of keys and keyspaces',
    '',
    ...EVENT_TYPES.flatMap(section),
    '## Facts about time',
    '',
    'They have neither version nor chain, nobody is their actor, and no state follows from them. How many days before its expiry a key is spoken of is its keyspace’s to say ([`expiry.reminders`](keyspaces.md#expiry)). Each is said once; one that came due while nothing ran is said late, in order.',
    '',
    ...FACT_TYPES.flatMap(section),
    '## Checkpoints',
    '',
    'Not in the log: the API signs what all heads are at a position of it, and publishes that to the topic beside the events, all under the key `checkpoint`, in the order of their numbers, at least once. [protocol.md](protocol.md#checkpoint) has the bytes that are signed. GraphQL has them as `Workspace.checkpoints`, HTTP at `/.well-known/keyfold/checkpoints`.',
    '',
    ...checkpointSection(),
  ].join('\n');
  return format(text, { ...(await resolveConfig(EVENTS_PAGE)), parser: 'markdown' });
}

async function json(path: string, value: unknown): Promise<string> {
  return format(JSON.stringify(value), { ...(await resolveConfig(path)), parser: 'json' });
}

/** Every document, by its path. */
export const DOCUMENTS: ReadonlyMap<string, () => Promise<string>> = new Map<string, () => Promise<string>>([
  [EVENTS_PAGE, eventsPage],
  [ASYNCAPI, () => json(ASYNCAPI, asyncApi())],
  ...ENTRY_TYPES.map((type): [string, () => Promise<string>] => [
    schemaFile(type),
    () => json(schemaFile(type), schemaOf(type)),
  ]),
  [CHECKPOINT_SCHEMA, () => json(CHECKPOINT_SCHEMA, checkpointSchema())],
]);

/** All of them as outputs of code generation. */
export const eventDocuments: CodegenConfig['generates'] = Object.fromEntries(
  [...DOCUMENTS].map(([path, text]) => [path, { preset: pageOf('event-documents', text) }]),
);
