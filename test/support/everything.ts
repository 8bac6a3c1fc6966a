// Every query of the schema, as documents: each root field with all that can be asked for under it without an argument of
// its own, down to a depth. So a field that is added is asked for, too.
import {
  getNamedType,
  isAbstractType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLNamedType,
} from 'graphql';
import { schema } from '../../schema/index.ts';

const DEPTH = 5;
/** Types that are shown in full once per document; within each other they have no end. */
const WHOLE_ONCE = new Set(['ApiKey', 'Keyspace', 'Workspace']);

/** Documents by root field; `args`: what a root field is given, as it stands in a document. */
export function everyQuery(args: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return Object.fromEntries(
    fields.map((field) => [field.name, `{ ${field.name}${args[field.name] ?? ''} ${under(field, DEPTH, new Set())} }`]),
  );
}

export const mutationNames = (): string[] => Object.keys(schema.getMutationType()?.getFields() ?? {});

function under(field: GraphQLField<unknown, unknown>, depth: number, shown: ReadonlySet<string>): string {
  const type = getNamedType(field.type);
  if (isAbstractType(type)) {
    const members = schema.getPossibleTypes(type).map((member) => `... on ${member.name} ${selection(member, depth, shown)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  return selection(type, depth, shown);
}

function selection(type: GraphQLNamedType, depth: number, shown: ReadonlySet<string>): string {
  if (!isObjectType(type)) return '';
  if (depth === 0 || shown.has(type.name)) return '{ __typename }';
  const below = WHOLE_ONCE.has(type.name) ? new Set([...shown, type.name]) : shown;
  const fields = Object.values(type.getFields()).filter((field) => !field.args.some(isRequiredArgument));
  const parts = fields.map((field) => {
    const paged = field.args.some(({ name }) => name === 'first') ? '(first: 3)' : '';
    return `${field.name}${paged} ${under(field, depth - 1, below)}`;
  });
  return `{ __typename ${parts.join(' ')} }`;
}
