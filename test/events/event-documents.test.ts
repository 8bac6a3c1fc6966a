// The documents of events keep to the catalogue: tools can read them, examples meet their schemas, and nothing in them is
// personal or private.
import { Parser } from '@asyncapi/parser';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { attributes, schemaName } from '../../events/catalogue.ts';
import { factAttributes, isFactType } from '../../events/key/facts.ts';
import { verifyCheckpoint } from '../../events/proof/checkpoint.ts';
import { attributesOf, checkpointEvent } from '../../events/proof/checkpoint-event.ts';
import { CHECKPOINT_EXAMPLE } from '../tools/checkpoint-example.ts';
import {
  ASYNCAPI,
  asyncApi,
  CHECKPOINT,
  CHECKPOINT_SCHEMA,
  DOCUMENTS,
  ENTRY_TYPES,
  EVENTS_PAGE,
  exampleOf,
  FORMER,
  formerSchema,
  headersOf,
  messageName,
  schemaFile,
} from '../tools/event-documents.ts';

const load = (path: string): string => readFileSync(path, 'utf8');
const shaped = (schema: unknown) => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

/** An error or a warning. */
const isGrave = ({ severity }: { readonly severity: number }): boolean => severity <= 1;

test('every document is what would be made now, and none is left over', async () => {
  for (const [path, text] of DOCUMENTS) expect(load(path) === (await text()), path).toBe(true);
  const files = readdirSync('docs/schemas').map((file) => `docs/schemas/${file}`);
  const known = [...ENTRY_TYPES.map(schemaFile), ...FORMER.map(({ file }) => file), CHECKPOINT_SCHEMA];
  expect(files.toSorted()).toEqual(known.toSorted());
});

test('the AsyncAPI document is valid, by the parser of those who define AsyncAPI', async () => {
  const { document, diagnostics } = await new Parser().parse(load(ASYNCAPI));
  expect(diagnostics.filter(isGrave)).toEqual([]);
  const messages = document?.channels().get('events')?.messages().all() ?? [];
  expect(messages.map((message) => message.title()).toSorted()).toEqual(
    [...ENTRY_TYPES, ...FORMER.map(messageName), 'Checkpoint'].toSorted(),
  );
});

test('the parser finds a document out that refers to a message that is not there', async () => {
  const broken = JSON.stringify(asyncApi()).replace(
    '"#/components/messages/KeyExpired"',
    '"#/components/messages/Other"',
  );
  const { diagnostics } = await new Parser().parse(broken);
  expect(diagnostics.filter(isGrave)).not.toEqual([]);
});

describe.each(ENTRY_TYPES)('%s', (type) => {
  const example = exampleOf(type);

  test('has an example that its schema takes, and that no other member gets into', () => {
    const schema = JSON.parse(load(schemaFile(type))) as Record<string, unknown>;
    expect(schema.$id).toBe(example.attributes.dataschema);
    expect(schema.$id).toBe(schemaName(String(example.attributes.type)));
    expect(shaped(schema).safeParse(example.data).error).toBeUndefined();
    expect(shaped(schema).safeParse({ ...example.data, other: 1 }).success).toBe(false);
  });

  test('has an example with all the attributes, as headers of the topic too', () => {
    const given = (isFactType(type) ? factAttributes : attributes).parse(example.attributes);
    expect(given).toEqual(example.attributes);
    const { messages } = (asyncApi().components ?? {}) as { messages: Record<string, { headers: unknown }> };
    const headers = headersOf(example.attributes);
    expect(shaped(messages[type]?.headers).safeParse(headers).success).toBe(true);
    expect(shaped(messages[type]?.headers).safeParse({ ...headers, ce_type: 'keyfold.Other.v1' }).success).toBe(false);
  });

  test('is on the page, with its example', () => {
    const page = load(EVENTS_PAGE);
    const section = page.split(/^### /m).find((text) => text.startsWith(`${type}\n`)) ?? '';
    const shown = /```json\n([^]*?)```/.exec(section)?.[1] ?? '';
    expect(JSON.parse(shown)).toEqual({ ...example.attributes, data: example.data });
    expect(Object.keys(JSON.parse(shown) as object)).not.toContain('personal');
    expect(Object.keys(JSON.parse(shown) as object)).not.toContain('private');
  });
});

test('a checkpoint is described as it is published, with one whose signature holds', async () => {
  const attributes = attributesOf(CHECKPOINT_EXAMPLE.checkpoint);
  expect(await verifyCheckpoint(CHECKPOINT_EXAMPLE)).toMatchObject({ ok: true });
  const schema = JSON.parse(load(CHECKPOINT_SCHEMA)) as Record<string, unknown>;
  expect(schema.$id).toBe(attributes.dataschema);
  const { messages } = (asyncApi().components ?? {}) as {
    messages: Record<string, { headers: unknown; payload: unknown }>;
  };
  const { headers, value } = checkpointEvent(CHECKPOINT_EXAMPLE);
  const data = JSON.parse(String(value)) as object;
  for (const each of [schema, messages[CHECKPOINT]?.payload]) {
    expect(shaped(each).safeParse(data).error).toBeUndefined();
    expect(shaped(each).safeParse({ ...data, other: 1 }).success).toBe(false);
  }
  const described = messages[CHECKPOINT]?.headers as { properties: object };
  expect(shaped(described).safeParse(headers).success).toBe(true);
  expect(Object.keys(described.properties).toSorted()).toEqual(Object.keys(headers).toSorted());
  const section = load(EVENTS_PAGE).split(`### ${CHECKPOINT}\n`)[1] ?? '';
  expect(section).toContain('(schemas/Checkpoint.v1.json)');
  expect(JSON.parse(/```json\n([^]*?)```/.exec(section)?.[1] ?? '')).toEqual({ ...attributes, data });
});

test('every version that was ever written is described: what the corpus has, and nothing else', () => {
  const written = readdirSync('test/corpus').filter((file) => file.endsWith('.json'));
  const described = readdirSync('docs/schemas').filter((file) => `docs/schemas/${file}` !== CHECKPOINT_SCHEMA);
  expect(described.toSorted()).toEqual(written.toSorted());
  expect(FORMER.map(({ name }) => name)).toContain('KeyspaceDefined.v1');
});

describe.each(FORMER)('$name, which is not written any more', (former) => {
  const { type, name } = former;
  const example = exampleOf(type, name);

  test('has a schema that takes what was written, as the topic has it, and no other member', () => {
    const schema = formerSchema(former);
    expect(schema.$id).toBe(example.attributes.dataschema);
    expect(schema.$id).toBe(schemaName(String(example.attributes.type)));
    expect(shaped(schema).safeParse(example.data).error).toBeUndefined();
    expect(shaped(schema).safeParse({ ...example.data, other: 1 }).success).toBe(false);
    // Another one than today's: neither takes the other's data.
    expect(shaped(schema).safeParse(exampleOf(type).data).success).toBe(false);
    expect(shaped(JSON.parse(load(schemaFile(type)))).safeParse(example.data).success).toBe(false);
  });

  test('is a message of the topic, and on the page', () => {
    const { messages } = (asyncApi().components ?? {}) as {
      messages: Record<string, { headers: unknown; payload: unknown }>;
    };
    const message = messages[messageName(former)];
    expect(shaped(message?.headers).safeParse(headersOf(example.attributes)).success).toBe(true);
    expect(shaped(message?.payload).safeParse(example.data).success).toBe(true);
    expect(load(EVENTS_PAGE)).toContain(`(schemas/${name}.json)`);
  });
});
