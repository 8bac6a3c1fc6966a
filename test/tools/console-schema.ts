// The schema as the console's cache needs it: which types an interface or union may be, and which types are no entities.
// The whole schema would make the cache answer with `null` for what it has not read yet.
import { isAbstractType, isObjectType } from 'graphql';
import { schema } from '../../schema/index.ts';
import { pageOf } from './roles-page.ts';

export const CONSOLE_SCHEMA = 'console/src/api/generated/types.json';

function text(): Promise<string> {
  const types = Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const possibleTypes = Object.fromEntries(
    types.filter(isAbstractType).map((type) => [
      type.name,
      schema
        .getPossibleTypes(type)
        .map(({ name }) => name)
        .sort(),
    ]),
  );
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const embedded = types
    .filter(isObjectType)
    .filter((type) => !roots.includes(type) && !type.getInterfaces().some(({ name }) => name === 'Node'))
    .map(({ name }) => name);
  return Promise.resolve(`${JSON.stringify({ possibleTypes, embedded })}\n`);
}

export const consoleSchemaPreset = pageOf('console-schema', text);
