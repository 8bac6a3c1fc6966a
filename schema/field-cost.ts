// What a field may come to, out of its definition: how many values it makes of one object, and how much work one of them is.
// Pages count as large as they are asked for; a list without pages has a size of its own, since nobody says how long it is.
import {
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type ValueNode,
} from 'graphql';
import { MAX_PAGE } from './paging.ts';

/** What asking the store for a page costs, and each row that is read for it, whatever is selected of it; in plain values. */
const PAGE_COST = 20;
export const ROW_COST = 10;
/** Of a value below `__schema` and `__type`, which is answered from memory. */
export const INTROSPECTION_COST = 0.25;
/** Extensions of a field that asks the store for how many there are. */
export const COUNTS = { cost: 20 };
/** Extensions of a field that reads another object. */
export const LOADS = { cost: 5 };
/** How many entries a list without pages, whose field does not say so in its extensions (`entries`), is taken to have: of objects, and of plain values. */
const OBJECTS = 5;
const PLAIN_VALUES = 10;

/** Variables of a request, or what to take where they are not known yet: every page full, or every page empty. */
export type Sizes = 'most' | 'least' | Readonly<Record<string, unknown>>;

/** How a field multiplies what is selected in it. */
export type Shape = { /** Whether it is asked for as of an earlier time. */ readonly past: boolean } & Form;
type Form =
  /** A page of so many rows. */
  | { readonly kind: 'page'; readonly rows: number }
  /** The rows of the page that it stands in. */
  | { readonly kind: 'rows' }
  | { readonly kind: 'list'; readonly size: number }
  | { readonly kind: 'one' };

export type AnyField = GraphQLField<unknown, unknown>;

export const isPage = ({ args }: AnyField): boolean => args.some(({ name }) => name === 'first');

/**
 * In plain values; a field that costs more than one says so in its extensions: `extensions: { cost: 5 }`, and what it costs
 * besides where it is asked for the past: `{ asOfCost: 100 }`.
 */
export function costOf(field: AnyField, past: boolean): number {
  const { cost, asOfCost } = field.extensions;
  const more = past && typeof asOfCost === 'number' ? asOfCost : 0;
  return (typeof cost === 'number' ? cost : 1) + (isPage(field) ? PAGE_COST : 0) + more;
}

/** Reads sizes out of the arguments of a document's fields. */
export function fieldShapes({ definitions }: DocumentNode, sizes: Sizes) {
  const defaults = new Map<string, ValueNode | undefined>();
  for (const node of definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, defaultValue } of node.variableDefinitions ?? [])
      defaults.set(variable.name.value, defaultValue);
  }

  function amount(node: ValueNode): number {
    if (node.kind === Kind.INT) return Number(node.value);
    if (node.kind === Kind.LIST) return node.values.length;
    if (node.kind === Kind.NULL) return 0;
    if (node.kind !== Kind.VARIABLE) return 1; // an entry; as a page's size it is refused
    return sizes === 'most' ? MAX_PAGE : sizes === 'least' ? 0 : given(node.name.value, sizes);
  }

  function given(name: string, variables: Readonly<Record<string, unknown>>): number {
    const value = variables[name];
    if (value === undefined) {
      const literal = defaults.get(name);
      return literal ? amount(literal) : 0;
    }
    if (value === null) return 0;
    return typeof value === 'number' ? value : Array.isArray(value) ? value.length : 1;
  }

  /** More than a page is refused when it is asked for. */
  const named = ({ arguments: args = [] }: FieldNode, names: readonly string[]): number =>
    Math.min(
      MAX_PAGE,
      Math.max(0, ...args.filter(({ name }) => names.includes(name.value)).map((a) => amount(a.value))),
    );

  const isPast = ({ arguments: args = [] }: FieldNode): boolean =>
    args.some(({ name, value }) => {
      if (name.value !== 'asOf' || value.kind === Kind.NULL) return false;
      if (value.kind !== Kind.VARIABLE || sizes === 'most') return true;
      return sizes !== 'least' && given(value.name.value, sizes) > 0;
    });

  function formOf(node: FieldNode, field: AnyField, connection: boolean): Form {
    // A page without a size is refused, unless the field says how many rows it has then: `extensions: { rows: 100 }`.
    const { rows } = field.extensions;
    if (isPage(field))
      return { kind: 'page', rows: named(node, ['first', 'last']) || (typeof rows === 'number' ? rows : 0) };
    if (!isListType(getNullableType(field.type))) return { kind: 'one' };
    if (connection) return { kind: 'rows' };
    if (field.args.some(({ name }) => name === 'ids')) return { kind: 'list', size: named(node, ['ids']) };
    const { entries } = field.extensions;
    if (typeof entries === 'number') return { kind: 'list', size: entries };
    return { kind: 'list', size: isLeafType(getNamedType(field.type)) ? PLAIN_VALUES : OBJECTS };
  }

  /** `connection`: whether it is a field of one. */
  return (node: FieldNode, field: AnyField, connection: boolean): Shape => ({
    ...formOf(node, field, connection),
    past: isPast(node),
  });
}
