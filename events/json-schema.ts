// JSON Schema, from the zod schemas: of every event's public data, which `dataschema` names, and of a profile's file.
import { z } from 'zod';
import { factWireType } from './fact-record.ts';
import { keyFacts, type FactType } from './key/facts.ts';
import { profile } from './keyspaces/profile.ts';
import { METADATA_ENTRY } from './keyspaces/profile/names.ts';
import { catalogue, schemaName, wireType, type EventType } from './catalogue.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema (draft 2020-12) of the data of an event in its current version; its `$id` is the event's `dataschema`. */
export function eventJsonSchema(type: EventType): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = plainJsonSchema(catalogue[type].data);
  return { $schema, $id: schemaName(wireType(type)), title: type, ...schema };
}

/** The same of a fact about time. */
export function factJsonSchema(type: FactType): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = plainJsonSchema(keyFacts[type].data);
  return { $schema, $id: schemaName(factWireType(type)), title: type, ...schema };
}

/** A schema with nothing in it but keywords. AsyncAPI takes draft 7. */
export function plainJsonSchema(
  schema: z.ZodType,
  target: 'draft-2020-12' | 'draft-7' = 'draft-2020-12',
): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, { target, override: ({ jsonSchema }) => void takeNames(jsonSchema) });
}

/**
 * JSON Schema (draft 2020-12) of a profile as it is written: what an editor completes from. It knows the names that a new
 * profile may use (`named`), where the shape itself, through which old profiles are read, takes any text.
 */
export function profileJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(profile, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const names = takeNames(jsonSchema);
      if (names !== null) Object.assign(jsonSchema, oneOf(names));
      // A name is text by itself; an editor of YAML reads `30:` as a number, and the parser of profiles as text.
      if (typeof jsonSchema.propertyNames === 'object') delete jsonSchema.propertyNames.type;
    },
  });
  return { $schema, title: 'Keyfold keyspace', ...schema };
}

/** What `named` has left in a schema, where it is no keyword. */
function takeNames(schema: JsonSchema): readonly string[] | null {
  const { names } = schema;
  delete schema.names;
  return Array.isArray(names) ? (names as readonly string[]) : null;
}

function oneOf(names: readonly string[]): JsonSchema {
  const known = { enum: names.filter((name) => name !== METADATA_ENTRY) };
  return names.length === known.enum.length ? known : { anyOf: [known, { type: 'string', pattern: '^metadata\\.' }] };
}
