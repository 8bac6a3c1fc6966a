// Requests made from the schema: valid documents, nearly valid ones, and variables that fit, nearly fit or do not.
import fc from 'fast-check';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
} from 'graphql';

export interface Request {
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | null;
}

export interface ArbitraryOptions {
  readonly schema: GraphQLSchema;
  /** Ids, slugs and tokens that name something there, so that documents find something. */
  readonly known: readonly string[];
  /** What arguments are mostly given, by `field.argument`. */
  readonly named?: Readonly<Record<string, readonly string[]>>;
}

type Gen = <T, A extends unknown[]>(arbitrary: (...args: A) => fc.Arbitrary<T>, ...args: A) => T;

/** Written as a bare word in a literal. */
class Word {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '__proto__',
  'constructor',
  '$gt',
  '.*',
  'p1_0-1',
  '💥',
  'x'.repeat(300),
  '2030-01-01T00:00:00Z',
  '"\\n',
  '#',
];
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e30,
  2 ** 53,
  '',
  'text',
  [],
  [[]],
  {},
  { a: { b: [1] } },
  [null],
];

/** Without a bias towards the edges, so that what is rare stays rare. */
const percentage = (): fc.Arbitrary<number> => fc.noBias(fc.integer({ min: 1, max: 100 }));

export function requestArbitrary({ schema, known, named = {} }: ArbitraryOptions): fc.Arbitrary<Request> {
  return fc.gen().map((g) => {
    const gen = g as Gen;
    const chance = (percent: number): boolean => gen(percentage) <= percent;
    const pick = <T>(of: readonly T[]): T => of[gen(fc.integer, { min: 0, max: of.length - 1 })]!;
    const count = (max: number): number => gen(fc.integer, { min: 0, max });
    const declared: string[] = [];
    const variables: Record<string, unknown> = {};

    const text = (): string =>
      chance(60) ? pick(known) : chance(50) ? pick(ODD_TEXTS) : gen(fc.string, { maxLength: 12, unit: 'binary' });

    function valueOf(type: GraphQLInputType): unknown {
      if (isNonNullType(type)) return valueOf(type.ofType);
      if (chance(2)) return pick(ODD_VALUES);
      if (chance(2)) return null;
      if (isListType(type)) return Array.from({ length: count(3) }, () => valueOf(type.ofType));
      if (isEnumType(type)) return new Word(pick(type.getValues()).name);
      if (isInputObjectType(type)) {
        const members = Object.values(type.getFields()).filter((member) => isNonNullType(member.type) || chance(25));
        return Object.fromEntries(members.map((member) => [member.name, valueOf(member.type)]));
      }
      switch (type.name) {
        case 'Int':
          return chance(80) ? count(120) : pick([-1, 0, 101, 2_147_483_647]);
        case 'Float':
          return count(10) / 3;
        case 'Boolean':
          return chance(50);
        case 'Position':
          return chance(80) ? pick(['p1_0-0', 'p1_0-1', 'p1_1-0_2-0']) : text();
        case 'DateTime':
          return chance(80) ? '2030-01-01T00:00:00Z' : text();
        case 'JSON':
          return chance(80) ? { a: [text(), { b: count(5) }] } : pick(ODD_VALUES);
        default:
          return text();
      }
    }

    function argumentsOf(field: GraphQLField<unknown, unknown>): string {
      const paged = field.args.some(({ name }) => name === 'first');
      const usually = (name: string): readonly string[] | undefined => named[`${field.name}.${name}`];
      const given = field.args.filter(({ name, type }) =>
        (paged && name === 'first') || usually(name)
          ? chance(90)
          : isNonNullType(type)
            ? chance(98)
            : chance(paged && name === 'last' ? 5 : 25),
      );
      if (given.length === 0) return '';
      const written = given.map(({ name, type }) => {
        const usual = usually(name);
        if (usual && chance(80)) return `${name}: ${JSON.stringify(pick(usual))}`;
        if (!chance(30)) return `${name}: ${literal(valueOf(type))}`;
        const variable = `v${declared.length}`;
        declared.push(`$${variable}: ${chance(98) ? String(type) : pick(['Int', 'String!', '[ID]', 'JSON'])}`);
        if (chance(95)) variables[variable] = plain(valueOf(type));
        return `${name}: $${variable}`;
      });
      return `(${written.join(', ')})`;
    }

    function selectionOf(type: GraphQLNamedOutputType, levels: number): string {
      if (isUnionType(type)) {
        const members = [...type.getTypes()].filter(() => chance(30));
        return `{ __typename ${members.map((member) => `... on ${member.name} ${selectionOf(member, levels)}`).join(' ')} }`;
      }
      if (!isObjectType(type) && !isInterfaceType(type)) return '';
      const fields = Object.values(type.getFields());
      const chosen = [...new Set(Array.from({ length: 1 + count(3) }, () => pick(fields)))];
      const parts = chosen.map((field) => {
        const named = getNamedType(field.type);
        const composite = isObjectType(named) || isInterfaceType(named) || isUnionType(named);
        if (composite && levels === 0) return '__typename';
        const alias = chance(8) ? `a${gen(fc.integer, { min: 0, max: 999 })}: ` : '';
        const directive = chance(1)
          ? pick([' @include(if: true)', ' @skip(if: true)', ' @skip(if: $nothing)', ' @nothing'])
          : '';
        return `${alias}${field.name}${argumentsOf(field)}${directive} ${composite ? selectionOf(named, levels - 1) : ''}`;
      });
      if (isInterfaceType(type) && chance(60)) {
        const member = pick(schema.getPossibleTypes(type));
        parts.push(`... on ${member.name} ${selectionOf(member, levels)}`);
      }
      return `{ ${parts.join(' ')} }`;
    }

    const operation = chance(25) ? 'mutation' : chance(15) ? 'subscription' : 'query';
    const root = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    }[operation];
    const selection = selectionOf(root!, chance(10) ? 12 : 4);
    const query = `${operation} ${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${selection}`;
    return {
      operation,
      query: chance(12) ? damaged(query, pick, count) : query,
      variables: chance(97) ? variables : null,
    };
  });
}

function literal(value: unknown): string {
  if (value instanceof Word) return value.text;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, member]) => `${name}: ${literal(member)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}

function plain(value: unknown): unknown {
  if (value instanceof Word) return value.text;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
  return value;
}

/** One slip of the pen: a piece is lost, doubled, or something else is written there. */
function damaged(query: string, pick: <T>(of: readonly T[]) => T, count: (max: number) => number): string {
  const at = count(query.length);
  const length = count(8);
  const piece = pick([
    '',
    '{',
    '}',
    '"',
    '...',
    '$',
    ':',
    '(',
    '@',
    '#',
    '\u0000',
    ' id ',
    ' nothing ',
    query.slice(at, at + length).repeat(2),
  ]);
  return query.slice(0, at) + piece + query.slice(at + length);
}
