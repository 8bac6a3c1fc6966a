// What keys may be allowed: scopes one by one or as a matrix of resources and levels, what implies what, resources, flags.
import { z } from 'zod';
import * as fields from '../../fields.ts';
import { label } from './text.ts';

const tone = z
  .string()
  .regex(/^[a-z]{1,20}$/, 'must be a colour’s name in lower case')
  .nullable()
  .default(null)
  .describe('Colour of its chip.');
const group = label.nullable().default(null).describe('Heading that it stands under.');

const matrix = z.strictObject({
  resources: z
    .array(z.strictObject({ id: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/), label, group }))
    .min(1)
    .max(100),
  levels: z
    .array(z.strictObject({ id: z.string().regex(/^[a-z][a-z0-9_-]{0,19}$/), label }))
    .min(1)
    .max(5)
    .describe('Lowest first; each includes the ones before it.'),
  none: label.default('No access').describe('What having no level is called.'),
});

export const permissions = z.strictObject({
  model: z.enum(['FLAT', 'RESOURCE_ACTION', 'MATRIX']).default('FLAT').describe('How scopes are chosen.'),
  freeForm: z.boolean().default(false).describe('Whether any scope may be given, listed or not.'),
  scopes: z
    .array(z.strictObject({ id: fields.scope, label, tone, group }))
    .max(500)
    .default([]),
  matrix: matrix
    .nullable()
    .default(null)
    .describe('For the model MATRIX: makes the scopes resource:level, and lets each level imply the lower ones.'),
  implications: z
    .array(z.strictObject({ scope: fields.scope, implies: fields.scopes }))
    .max(500)
    .default([])
    .describe('Whoever has the scope may do what it implies, too.'),
  superScopes: fields.scopes.default([]).describe('Scopes that cover every scope, future ones too.'),
  presets: z
    .array(z.strictObject({ label, scopes: fields.scopes }))
    .max(50)
    .default([])
    .describe('Sets of scopes to choose with one click.'),
  minimum: z.int().min(0).max(100).default(0).describe('How many scopes a key must have, unless it is unrestricted.'),
  unrestrictedAllowed: z.boolean().default(true).describe('Whether a key may be allowed everything.'),
});

export const resources = z.strictObject({
  noun: label.describe('What one of them is called: agent, assistant, project.'),
  all: label.nullable().default(null).describe('What having access to all of them is called.'),
  types: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/),
        scope: fields.scope
          .nullable()
          .describe('The scope under which a resource of this type may be reached, listed or not; null: any.'),
      }),
    )
    .max(50)
    .default([])
    .describe('Empty: resources of any type. Else what is of no listed type is out of reach.'),
});

export const flags = z
  .array(z.strictObject({ id: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'must be a flag name'), label }))
  .max(20)
  .default([])
  .describe('What keys may be allowed besides scopes.');

export const managesKeys = z
  .union([
    z.literal(false),
    z.strictObject({
      view: fields.scope.describe('A key that has this scope may look at keys.'),
      change: fields.scope.describe('A key that has this scope may make, change and remove keys, never beyond itself.'),
    }),
  ])
  .default(false)
  .describe(
    'Whether keys of this keyspace may call the GraphQL API to manage keys of the same workspace and keyspace.',
  );
