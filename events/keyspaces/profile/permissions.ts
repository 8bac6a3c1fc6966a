// What keys may be allowed: scopes one by one or as a matrix of resources and levels, what implies what, resources, flags.
import { z } from 'zod';
import * as fields from '../../fields.ts';
import { label, sentence } from './text.ts';

const tone = z
  .string()
  .regex(/^[a-z]{1,20}$/, 'must be a colour’s name in lower case')
  .nullable()
  .default(null)
  .meta({ description: 'Colour of its chip.', examples: ['blue'] });
const group = label
  .nullable()
  .default(null)
  .meta({ description: 'Heading that it stands under.', examples: ['Communication'] });
const called = label.describe('What people call it.');

const matrix = z.strictObject({
  resources: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[a-z][a-z0-9_-]{0,39}$/)
          .meta({ description: 'The part of the scope before the colon.', examples: ['calls'] }),
        label: called,
        group,
        description: sentence('What the resource is.', 'Phone call management'),
      }),
    )
    .min(1)
    .max(100)
    .describe('The rows.'),
  levels: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[a-z][a-z0-9_-]{0,19}$/)
          .meta({ description: 'The part of the scope behind the colon.', examples: ['read'] }),
        label: called,
        description: sentence('What a key with this level may do.', 'The key can query data but not modify it'),
      }),
    )
    .min(1)
    .max(5)
    .describe('Lowest first; each includes the ones before it.'),
  none: label.default('No access').describe('What having no level is called.'),
  noneDescription: sentence('What having no level means.', 'The key cannot access this resource'),
});

export const permissions = z.strictObject({
  model: z
    .enum(['FLAT', 'RESOURCE_ACTION', 'MATRIX'])
    .default('FLAT')
    .describe('How scopes are chosen: one by one, the same with ids such as agents:read, or a level per resource.'),
  freeForm: z.boolean().default(false).describe('Whether any scope may be given, listed or not.'),
  scopes: z
    .array(
      z.strictObject({
        id: fields.scope.meta({ description: 'Its name in keys and checks.', examples: ['agents:read'] }),
        label: called,
        tone,
        group,
        description: sentence('What a key with it may do.', 'View agent configurations and list agents'),
      }),
    )
    .max(500)
    .default([])
    .describe('The scopes that there are.'),
  matrix: matrix
    .nullable()
    .default(null)
    .describe('For the model MATRIX: makes the scopes resource:level, and lets each level imply the lower ones.'),
  implications: z
    .array(
      z.strictObject({
        scope: fields.scope.meta({ description: 'Whoever has this one …', examples: ['agents:write'] }),
        implies: fields.scopes.meta({ description: '… may do what these allow.', examples: [['agents:read']] }),
      }),
    )
    .max(500)
    .default([])
    .describe('Whoever has the scope may do what it implies, too.'),
  superScopes: fields.scopes
    .default([])
    .meta({ description: 'Scopes that cover every scope, future ones too.', examples: [['admin:full']] }),
  presets: z
    .array(
      z.strictObject({
        label: label.meta({ description: 'What the set is called.', examples: ['Read-only dashboard'] }),
        scopes: fields.scopes.describe('What is in it.'),
        description: sentence('What the set is for.', 'For a read-only analytics dashboard'),
      }),
    )
    .max(50)
    .default([])
    .describe('Sets of scopes to choose with one click.'),
  minimum: z.int().min(0).max(100).default(0).describe('How many scopes a key must have, unless it is unrestricted.'),
  unrestrictedAllowed: z.boolean().default(true).describe('Whether a key may be allowed everything.'),
});

export const resources = z.strictObject({
  noun: label.meta({ description: 'What one of them is called.', examples: ['Agent', 'Project'] }),
  all: label
    .nullable()
    .default(null)
    .meta({ description: 'What having access to all of them is called.', examples: ['All Agents'] }),
  types: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/)
          .meta({ description: 'The part before the colon of what a check names: agent:42.', examples: ['agent'] }),
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
  .array(
    z.strictObject({
      id: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'must be a flag name')
        .meta({ description: 'Its name in keys and checks.', examples: ['transientAssistant'] }),
      label: called,
      description: sentence('What a key with it may do.', 'Whether the key supports transient assistants'),
    }),
  )
  .max(20)
  .default([])
  .describe('What keys may be allowed besides scopes.');

export const managesKeys = z
  .union([
    z.literal(false),
    z.strictObject({
      view: fields.scope.meta({
        description: 'A key that has this scope may look at keys.',
        examples: ['api_keys:read'],
      }),
      change: fields.scope.meta({
        description: 'A key that has this scope may make, change and remove keys, never beyond itself.',
        examples: ['api_keys:write'],
      }),
    }),
  ])
  .default(false)
  .describe(
    'Whether keys of this keyspace may call the GraphQL API to manage keys of the same workspace, keyspace and environment.',
  );
