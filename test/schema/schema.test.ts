// The schema itself: what is committed is what the code says, and what the contract fixes is there.
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
  type GraphQLType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../events/catalogue.ts';
import { keyFacts } from '../../events/key/facts.ts';
import { keyCommands } from '../../events/key/commands.ts';
import { upperSnakeCase } from '../../schema/enums.ts';
import { schema } from '../../schema/index.ts';

const named = (name: string): string => String(schema.getType(name));
const fieldsOf = (name: string): Record<string, string> => {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInputObjectType(type) && !isInterfaceType(type))
    throw new Error(`${name} has no fields`);
  const fields: readonly { readonly name: string; readonly type: GraphQLType }[] = Object.values(type.getFields());
  return Object.fromEntries(fields.map((field) => [field.name, String(field.type)]));
};
const unionOf = (name: string): string[] => {
  const type = schema.getType(name);
  if (!isUnionType(type)) throw new Error(`${name} is no union`);
  return type.getTypes().map(String).sort();
};
const mutations = Object.values(schema.getMutationType()!.getFields());
const ERRORS = [
  ...['InvalidInput', 'NotFound', 'NotAllowed', 'NotEnabled', 'InvalidState', 'VersionConflict', 'OutcomeUnknown'],
  ...['SecretAlreadyRevealed', 'StorageFull', 'Unavailable'],
];

test('schema/schema.graphql is not stale (npm run codegen)', () => {
  const committed = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'));
  expect(printSchema(lexicographicSortSchema(committed))).toBe(printSchema(lexicographicSortSchema(schema)));
});

test('the schema is a valid one', () => {
  expect(validateSchema(schema)).toEqual([]);
});

describe('mutations', () => {
  test('every command of the catalogue is one, and owners, parked records and rebuilds are', () => {
    expect(mutations.map(({ name }) => name).sort()).toEqual(
      [...Object.keys(keyCommands), 'forgetOwner', 'retryParked', 'rebuildProjections'].sort(),
    );
  });

  test.each(mutations)('$name takes one input and answers its payload or one of the errors', (field) => {
    const title = field.name.charAt(0).toUpperCase() + field.name.slice(1);
    expect(field.args.map((arg) => `${arg.name}: ${String(arg.type)}`)).toEqual([`input: ${title}Input!`]);
    expect(String(field.type)).toBe(`${title}Result!`);
    expect(unionOf(`${title}Result`)).toEqual([...ERRORS, `${title}Payload`].sort());
    expect(fieldsOf(`${title}Payload`).position).toBe('Position!');
    expect(fieldsOf(`${title}Input`)).toMatchObject({ commandId: 'String', waitFor: 'WaitFor' });
  });

  test('inputs hold what the commands take, and nothing else', () => {
    const common = ['commandId', 'id', 'ifVersion', 'waitFor'];
    for (const [name, command] of Object.entries(keyCommands)) {
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      const own = Object.keys(fieldsOf(`${title}Input`)).filter((member) => ![...common, 'dryRun'].includes(member));
      expect(own.sort()).toEqual(Object.keys(command.shape).sort());
    }
  });

  test('every error implements Error', () => {
    for (const name of ERRORS) {
      const type = schema.getType(name);
      expect(isObjectType(type) && type.getInterfaces().map(String)).toEqual(['Error']);
      expect(fieldsOf(name)).toMatchObject({ code: 'String!', message: 'String!', path: '[String!]' });
    }
  });
});

describe('the contract', () => {
  test('ApiKey has its fields, nullable where the contract says so', () => {
    expect(fieldsOf('ApiKey')).toMatchObject({
      ...{
        id: 'ID!',
        keyId: 'String!',
        workspaceId: 'String!',
        keyspace: 'Keyspace!',
        version: 'Int!',
        name: 'String!',
      },
      ...{ description: 'String', owner: 'Owner', tags: '[String!]!', metadata: 'JSON', type: 'String!' },
      ...{
        environment: 'String',
        preview: 'String!',
        status: 'KeyStatus!',
        scopes: '[String!]!',
        unrestricted: 'Boolean!',
      },
      ...{ resources: 'ResourceAccess!', flags: '[String!]!', origins: '[String!]!', ipRanges: '[String!]!' },
      ...{ rateLimit: 'RateLimit', createdAt: 'DateTime!', createdBy: 'Actor!', expiresAt: 'DateTime' },
      ...{ lastRotatedAt: 'DateTime', predecessor: 'ApiKey', successors: '[ApiKey!]!', lastUsedAt: 'DateTime' },
      ...{ lastSeenAt: 'DateTime', requestCount: 'Float!', previousSecret: 'PreviousSecret', actions: '[KeyAction!]!' },
      ...{ quarantined: 'Boolean!', revocation: 'Revocation', history: 'KeyEventConnection!' },
    });
  });

  test('Keyspace has its fields', () => {
    expect(fieldsOf('Keyspace')).toMatchObject({
      ...{ id: 'ID!', slug: 'String!', version: 'Int!', name: 'String!', actions: '[KeyspaceAction!]!' },
      ...{ labels: 'KeyspaceLabels!', columns: '[Column!]!', fields: '[Field!]!', permissions: 'PermissionCatalog!' },
      ...{ credential: 'Credential!', rotation: 'RotationPolicy!', removal: 'RemovalPolicy!', expiry: 'ExpiryPolicy' },
      ...{
        rateLimit: 'RateLimitPolicy',
        quickStart: '[QuickStartStep!]!',
        types: '[KeyType!]!',
        environments: '[String!]!',
      },
      ...{
        resourceNoun: 'String',
        flags: '[String!]!',
        timeZone: 'String!',
        history: 'KeyEventConnection!',
        source: 'String!',
      },
    });
  });

  test('Query, Workspace and KeyEvent have theirs', () => {
    expect(fieldsOf('Query')).toEqual({
      ...{ viewer: 'Viewer!', node: 'Node', nodes: '[Node]!', workspace: 'Workspace', key: 'ApiKey' },
      ...{ keyspaces: '[Keyspace!]!', health: 'Health', editedProfile: 'EditedProfile' },
    });
    expect(fieldsOf('Workspace')).toEqual({
      ...{ id: 'ID!', workspaceId: 'String!', position: 'Position!', keyspaces: '[Keyspace!]!', keyspace: 'Keyspace' },
      ...{ keys: 'KeyConnection!', history: 'KeyEventConnection!', requests: 'RequestConnection!' },
      ...{
        request: 'Request',
        accessReview: 'AccessReview!',
        checkpoints: 'CheckpointConnection!',
        usage: '[UsagePoint!]!',
        reads: 'ReadConnection!',
      },
    });
    expect(fieldsOf('KeyEvent')).toEqual({
      ...{ id: 'ID!', type: 'KeyEventType!', subject: 'String!', version: 'Int', time: 'DateTime!', actor: 'Actor' },
      ...{ commandId: 'String', requestId: 'String', keyspaceVersion: 'Int', ip: 'String', userAgent: 'String' },
      ...{ data: 'JSON!', position: 'Position!', hash: 'String', prev: 'String' },
    });
    expect(fieldsOf('Error')).toEqual({ code: 'String!', message: 'String!', path: '[String!]' });
  });

  test('enums are upper snake case, and event types are the catalogue’s', () => {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isEnumType(type) || type.name.startsWith('__')) continue;
      for (const { name } of type.getValues()) expect(name).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
    }
    const type = schema.getType('KeyEventType');
    const values = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
    expect(values.sort()).toEqual([...Object.keys(catalogue), ...Object.keys(keyFacts)].map(upperSnakeCase).sort());
    expect(values).toContain('KEY_CREATED');
    expect(named('KeyEventType')).toBe('KeyEventType');
  });

  test('every query and mutation says what it does, and every argument and member of the main inputs what it takes', () => {
    const unsaid = (of: readonly { readonly name: string; readonly description?: string | null | undefined }[]) =>
      of.filter(({ description }) => !description).map(({ name }) => name);
    const objects = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type));
    for (const type of objects.filter(({ name }) => !name.startsWith('__'))) {
      const fields = Object.values(type.getFields());
      if (type.name === 'Query' || type.name === 'Mutation') expect(unsaid(fields), type.name).toEqual([]);
      for (const { name, args } of fields) {
        const said = new Set(['input', 'orderBy', 'slug']); // the type and the name say it
        expect(unsaid(args.filter((each) => !said.has(each.name))), `${type.name}.${name}`).toEqual([]);
      }
    }
    for (const name of ['CreateKeyInput', 'RevokeKeyInput', 'ChangeRestrictionsInput', 'DiscardRecordInput']) {
      const type = schema.getType(name);
      expect(isInputObjectType(type) ? unsaid(Object.values(type.getFields())) : ['missing'], name).toEqual([]);
    }
  });

  test('a secret is a field of payloads that make one, and of nothing else', () => {
    const holders = Object.values(schema.getTypeMap()).filter(
      (type) => isObjectType(type) && String(type.getFields().secret?.type).startsWith('String'),
    );
    expect(holders.map(String).sort()).toEqual([
      'ChangeExpiryPayload',
      'ChangeRestrictionsPayload',
      'ChangeScopesPayload',
      'CreateKeyPayload',
      'RegenerateKeyPayload',
      'UpdateKeyPayload',
    ]);
  });

  test('no type tells of hashes of secrets, fingerprints, sealed parts or data keys', () => {
    expect(printSchema(schema)).not.toMatch(/fingerprint|pepper|sealed|dataKey|verificationHash/i);
  });
});
