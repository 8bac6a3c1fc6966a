// Input problems: what of a value does not fit an input type, said in the schema's own names. One walk over both forms
// that values come in; neither values nor names that callers made up are repeated.
import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type ValueNode,
} from 'graphql';
import { oneOf, type Problem } from '../events/problem.ts';
import { codeOf } from './graphql-errors.ts';

/** A problem, and the value that has it. */
export interface Misfit<V> extends Problem {
  readonly at: V;
}

/** How values of one form are looked at. */
interface Form<V> {
  /** A variable in a document: judged where its own value comes from. */
  isVariable(value: V): boolean;
  isNull(value: V): boolean;
  items(value: V): readonly V[] | null;
  members(value: V): readonly (readonly [name: string, value: V])[] | null;
  /** `undefined`, or a throw: it is none of this type. */
  read(type: GraphQLLeafType, value: V): unknown;
}

/** What variables hold: JSON. */
export const JSON_VALUE: Form<unknown> = {
  isVariable: () => false,
  isNull: (value) => value === null || value === undefined,
  items: (value) => (Array.isArray(value) ? (value as readonly unknown[]) : null),
  members: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).filter(([, member]) => member !== undefined)
      : null,
  read: (type, value) => type.parseValue(value) as unknown,
};

/** What stands in a document. */
export const LITERAL: Form<ValueNode> = {
  isVariable: ({ kind }) => kind === Kind.VARIABLE,
  isNull: ({ kind }) => kind === Kind.NULL,
  items: (node) => (node.kind === Kind.LIST ? node.values : null),
  members: (node) => (node.kind === Kind.OBJECT ? node.fields.map(({ name, value }) => [name.value, value]) : null),
  read: (type, node) => type.parseLiteral(node, undefined) as unknown,
};

/**
 * Everything about a value that keeps it from being of the type, as it is found; nothing where it fits.
 *
 * @param path that leads to the value: begins with the argument's or the variable's name.
 */
export function* misfits<V>(
  form: Form<V>,
  value: V,
  type: GraphQLInputType,
  path: readonly string[],
): Generator<Misfit<V>, void, undefined> {
  if (form.isVariable(value)) return;
  if (form.isNull(value)) {
    if (isNonNullType(type)) yield { path, message: 'must not be null', at: value };
  } else if (isNonNullType(type)) {
    yield* misfits(form, value, type.ofType, path);
  } else if (isListType(type)) {
    const items = form.items(value);
    // GraphQL takes a single value as a list of it.
    if (items === null) yield* misfits(form, value, type.ofType, path);
    else for (const [index, item] of items.entries()) yield* misfits(form, item, type.ofType, [...path, String(index)]);
  } else if (isInputObjectType(type)) {
    yield* memberMisfits(form, value, type, path);
  } else {
    const message = leafProblem(type, () => form.read(type, value));
    if (message !== null) yield { path, message, at: value };
  }
}

function* memberMisfits<V>(
  form: Form<V>,
  value: V,
  type: GraphQLInputObjectType,
  path: readonly string[],
): Generator<Misfit<V>, void, undefined> {
  const fields = type.getFields();
  const members = form.members(value);
  if (members === null) {
    yield { path, message: 'must be an object', at: value };
    return;
  }
  const given = new Set(members.map(([name]) => name));
  for (const field of Object.values(fields)) {
    if (isRequiredInputField(field) && !given.has(field.name))
      yield { path: [...path, field.name], message: 'must be given', at: value };
  }
  for (const [name, member] of members) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) yield* misfits(form, member, field.type, [...path, name]);
  }
  if ([...given].some((name) => !Object.hasOwn(fields, name))) {
    yield { path, message: `must have no members but ${Object.keys(fields).join(', ')}`, at: value };
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  String: 'a string',
  ID: 'an id as an earlier answer gave it',
  Int: 'a whole number of 32 bits',
  Float: 'a number',
  Boolean: 'true or false',
};

/** `null`: it is one of this type. */
function leafProblem(type: GraphQLLeafType, read: () => unknown): string | null {
  try {
    if (read() !== undefined) return null;
  } catch (error) {
    // Our own scalars quote nothing and know best; GraphQL's repeat the value.
    if (codeOf(error) !== null && error instanceof Error) return error.message;
  }
  const values = isEnumType(type) ? oneOf(type.getValues().map(({ name }) => name)) : null;
  return `must be ${values ?? EXPECTED[type.name] ?? `of type ${type.name}`}`;
}
