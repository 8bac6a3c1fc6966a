// Every query of the schema, as documents: each root field with all that can be asked for under it without an argument of
// its own, down to a depth. So a field that is added is asked for, too.
import { getNamedType, isAbstractType, isObjectType, isRequiredArgument, type GraphQLNamedType } from 'graphql';
import { schema } from '../../schema/index.ts';

const DEPTH = 5;
/** Types that are shown in full once on the way down; within each other they have no end. */
const WHOLE_ONCE = new Set(['ApiKey', 'Keyspace', 'Workspace']);
/** Large ones, shown in documents of their own: below others they would make a document longer than is taken. */
const ALONE = ['Keyspace'];

export interface Document {
  readonly field: string;
  readonly text: string;
}

/** `args`: what a root field is given, as it stands in a document. An interface has a document for each of its types. */
export function everyQuery(args: Readonly<Record<string, string>>): readonly Document[] {
  return Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap((field): Document[] => {
    const type = getNamedType(field.type);
    const begin = `{ ${field.name}${args[field.name] ?? ''}`;
    if (!isAbstractType(type))
      return [{ field: field.name, text: `${begin} ${selection(type, DEPTH, above(type))} }` }];
    return schema.getPossibleTypes(type).map((member) => ({
      field: field.name,
      text: `${begin} { ... on ${member.name} ${selection(member, DEPTH, above(member))} } }`,
    }));
  });
}

export const mutationNames = (): string[] => Object.keys(schema.getMutationType()?.getFields() ?? {});

const above = ({ name }: GraphQLNamedType): ReadonlySet<string> => new Set(ALONE.filter((each) => each !== name));

function selection(type: GraphQLNamedType, depth: number, shown: ReadonlySet<string>): string {
  if (!isObjectType(type)) return '';
  if (depth === 0 || shown.has(type.name)) return '{ __typename }';
  const below = WHOLE_ONCE.has(type.name) ? new Set([...shown, type.name]) : shown;
  const fields = Object.values(type.getFields()).filter((field) => !field.args.some(isRequiredArgument));
  const parts = fields.map((field) => {
    const paged = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : '';
    return `${field.name}${paged} ${selection(getNamedType(field.type), depth - 1, below)}`;
  });
  return `{ ${parts.join(' ')} }`;
}
