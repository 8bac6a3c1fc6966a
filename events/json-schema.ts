// JSON Schema, from the zod schemas: of every event's public data, which `dataschema` names, and of a profile's file.
import { z } from 'zod';
import { profile } from './keyspaces/profile.ts';
import { catalogue, schemaName, wireType, type EventType } from './catalogue.ts';

/** JSON Schema (draft 2020-12) of the data of an event in its current version; its `$id` is the event's `dataschema`. */
export function eventJsonSchema(type: EventType): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(catalogue[type].data);
  return { $schema, $id: schemaName(wireType(type)), title: type, ...schema };
}

/** JSON Schema (draft 2020-12) of a profile as it is written: what an editor completes from. */
export function profileJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(profile, { io: 'input', unrepresentable: 'any' });
  return { $schema, title: 'Keyfold keyspace', ...schema };
}
