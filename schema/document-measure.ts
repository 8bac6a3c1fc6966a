// The measures of a document: how deep, how many. Each fragment is measured once, however often it is spread, so that a
// fan-out costs nothing; a fragment that spreads itself is an error.
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLSchema,
  type NamedTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { costOf, fieldShapes, INTROSPECTION_COST, ROW_COST, type AnyField, type Sizes } from './field-cost.ts';
import { badUserInput } from './graphql-errors.ts';

/** The greatest that is accepted of each. */
export const LIMITS = {
  /** UTF-16 code units of the text. */
  length: 262_144,
  tokens: 1000,
  depth: 12,
  /** Below `__schema` and `__type`. */
  introspectionDepth: 16,
  aliases: 15,
  directives: 8,
  rootFields: 20,
  /** Values that the answer may come to, costly ones counted more than once: some 5 µs each. */
  values: 50_000,
} as const;

/** What a selection adds up to with its fragments spread out. */
interface Measure {
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields that stand directly in it. */
  readonly fields: number;
  readonly values: number;
  /** Values for each row of the page that it stands in. */
  readonly perRow: number;
}

const NOTHING: Measure = {
  depth: 0,
  introspectionDepth: 0,
  aliases: 0,
  directives: 0,
  fields: 0,
  values: 0,
  perRow: 0,
};

function sum(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    fields: a.fields + b.fields,
    values: a.values + b.values,
    perRow: a.perRow + b.perRow,
  };
}

type Parent = GraphQLCompositeType | undefined;

/** The errors of a parsed document; none where every limit holds. What the schema does not know counts as one value. */
export function exceededLimits(document: DocumentNode, schema: GraphQLSchema, sizes: Sizes): readonly GraphQLError[] {
  const shapeOf = fieldShapes(document, sizes);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  /** `null` while a fragment is being measured: it spreads itself. */
  const measured = new Map<string, Measure | null>();
  const errors: GraphQLError[] = [];

  const typeNamed = ({ name }: NamedTypeNode): Parent => {
    const type = schema.getType(name.value);
    return isCompositeType(type) ? type : undefined;
  };

  const measureSet = (set: SelectionSetNode | undefined, parent: Parent): Measure =>
    (set?.selections ?? []).map((node) => measureSelection(node, parent)).reduce(sum, NOTHING);

  function measureSelection(node: SelectionSetNode['selections'][number], parent: Parent): Measure {
    const own = { ...NOTHING, directives: node.directives?.length ?? 0 };
    switch (node.kind) {
      case Kind.FIELD:
        return sum(own, measureField(node, parent));
      case Kind.INLINE_FRAGMENT:
        return sum(own, measureSet(node.selectionSet, node.typeCondition ? typeNamed(node.typeCondition) : parent));
      case Kind.FRAGMENT_SPREAD:
        return sum(own, measureFragment(node.name.value));
    }
  }

  function measureField(node: FieldNode, parent: Parent): Measure {
    const field = fieldOf(node.name.value, parent);
    const type = field && getNamedType(field.type);
    const inner = measureSet(node.selectionSet, isCompositeType(type) ? type : undefined);
    const introspects = node.name.value === '__schema' || node.name.value === '__type';
    const introspectionDepth = introspects ? Math.max(inner.depth, inner.introspectionDepth) : inner.introspectionDepth;
    return {
      depth: introspects ? 0 : 1 + inner.depth,
      introspectionDepth: introspects || introspectionDepth > 0 ? 1 + introspectionDepth : 0,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      directives: inner.directives,
      fields: 1,
      ...valuesOf(node, field, parent, inner),
    };
  }

  function valuesOf(node: FieldNode, field: AnyField | undefined, parent: Parent, inner: Measure) {
    if (!field) return { values: 1, perRow: 0 };
    if (field === SchemaMetaFieldDef || field === TypeMetaFieldDef)
      return { values: inner.values * INTROSPECTION_COST, perRow: 0 };
    const shape = shapeOf(node, field, fieldOf('pageInfo', parent) !== undefined);
    const cost = costOf(field, shape.past);
    switch (shape.kind) {
      case 'page':
        return { values: cost + inner.values + shape.rows * (ROW_COST + inner.perRow), perRow: 0 };
      case 'rows':
        return { values: cost, perRow: 1 + inner.values };
      case 'list':
        return { values: cost + shape.size * (1 + inner.values), perRow: 0 };
      case 'one':
        return { values: cost + inner.values, perRow: 0 };
    }
  }

  function measureFragment(name: string): Measure {
    const known = measured.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    if (known === null && errors.length === 0)
      errors.push(badUserInput('A fragment must not spread itself.', fragment));
    if (known === null || !fragment) return NOTHING;
    measured.set(name, null);
    const measure = sum(
      { ...NOTHING, directives: fragment.directives?.length ?? 0 },
      measureSet(fragment.selectionSet, typeNamed(fragment.typeCondition)),
    );
    measured.set(name, measure);
    return measure;
  }

  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const variables = (node.variableDefinitions ?? []).reduce(
      (count, { directives }) => count + (directives?.length ?? 0),
      0,
    );
    const own = { ...NOTHING, directives: (node.directives?.length ?? 0) + variables };
    const measure = sum(own, measureSet(node.selectionSet, schema.getRootType(node.operation) ?? undefined));
    const compared: readonly [name: string, is: number, most: number][] = [
      ['levels of fields', measure.depth, LIMITS.depth],
      ['levels of introspection', measure.introspectionDepth, LIMITS.introspectionDepth],
      ['aliases', measure.aliases, LIMITS.aliases],
      ['directives', measure.directives, LIMITS.directives],
      ['root fields', measure.fields, LIMITS.rootFields],
      ['values to answer: ask for smaller pages or fewer fields', measure.values, LIMITS.values],
    ];
    for (const [what, is, most] of compared) {
      if (is > most) errors.push(badUserInput(`The operation has more than ${most} ${what}.`, node));
    }
  }
  return errors;
}

function fieldOf(name: string, parent: Parent): AnyField | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}
