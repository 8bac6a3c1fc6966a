// JSON Schema of every event's public data, from the catalogue's zod schemas: what `dataschema` names.
import { z } from 'zod';
import { catalogue, schemaName, wireType, type EventType } from './catalogue.ts';

/** JSON Schema (draft 2020-12) of the data of an event in its current version; its `$id` is the event's `dataschema`. */
export function eventJsonSchema(type: EventType): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(catalogue[type].data);
  return { $schema, $id: schemaName(wireType(type)), title: type, ...schema };
}
