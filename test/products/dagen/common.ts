// What dagen's rows share.
import type { FieldView } from '../keyspace-view.ts';
import type { Person } from '../harness.ts';

export const DRAFT = { name: 'Prod nightly ETL caller', scopes: ['agents'] };
export const GATEWAYS = ['nginx', 'caddy', 'traefik'] as const;

/** A field of the form, as somebody is shown it. */
export const fieldOf = async (person: Person, id: string): Promise<FieldView | undefined> =>
  (await person.keyspace())?.fields.find((field) => field.id === id);
