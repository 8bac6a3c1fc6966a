// The measures of a document: how deep, how many. Each fragment is measured once, however often it is spread, so that a
// fan-out costs nothing; a fragment that spreads itself is an error.
import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type SelectionSetNode,
} from 'graphql';
import { badUserInput } from './graphql-errors.ts';
import { MAX_PAGE } from './paging.ts';

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
  /** Rows that its nested pages may come to. */
  rows: 20_000,
} as const;

/** What a selection adds up to with its fragments spread out. */
interface Measure {
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields that stand directly in it. */
  readonly fields: number;
  readonly rows: number;
}

const NOTHING: Measure = { depth: 0, introspectionDepth: 0, aliases: 0, directives: 0, fields: 0, rows: 0 };

function sum(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    fields: a.fields + b.fields,
    rows: a.rows + b.rows,
  };
}

/** The errors of a parsed document; none where every limit holds. */
export function exceededLimits(document: DocumentNode): readonly GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  /** `null` while a fragment is being measured: it spreads itself. */
  const measured = new Map<string, Measure | null>();
  const errors: GraphQLError[] = [];

  const measureSet = (set: SelectionSetNode | undefined): Measure =>
    (set?.selections ?? []).map(measureSelection).reduce(sum, NOTHING);

  function measureSelection(node: SelectionSetNode['selections'][number]): Measure {
    const own = { ...NOTHING, directives: node.directives?.length ?? 0 };
    switch (node.kind) {
      case Kind.FIELD:
        return sum(own, measureField(node));
      case Kind.INLINE_FRAGMENT:
        return sum(own, measureSet(node.selectionSet));
      case Kind.FRAGMENT_SPREAD:
        return sum(own, measureFragment(node.name.value));
    }
  }

  function measureField(node: FieldNode): Measure {
    const inner = measureSet(node.selectionSet);
    const introspects = node.name.value === '__schema' || node.name.value === '__type';
    const introspectionDepth = introspects ? Math.max(inner.depth, inner.introspectionDepth) : inner.introspectionDepth;
    const page = pageSize(node);
    return {
      depth: introspects ? 0 : 1 + inner.depth,
      introspectionDepth: introspects || introspectionDepth > 0 ? 1 + introspectionDepth : 0,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      directives: inner.directives,
      fields: 1,
      rows: page === null ? inner.rows : page * (1 + inner.rows),
    };
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
      measureSet(fragment.selectionSet),
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
    const measure = sum(own, measureSet(node.selectionSet));
    const compared: readonly [name: string, is: number, most: number][] = [
      ['levels of fields', measure.depth, LIMITS.depth],
      ['levels of introspection', measure.introspectionDepth, LIMITS.introspectionDepth],
      ['aliases', measure.aliases, LIMITS.aliases],
      ['directives', measure.directives, LIMITS.directives],
      ['root fields', measure.fields, LIMITS.rootFields],
      ['rows in nested pages', measure.rows, LIMITS.rows],
    ];
    for (const [what, is, most] of compared) {
      if (is > most) errors.push(badUserInput(`The operation has more than ${most} ${what}.`, node));
    }
  }
  return errors;
}

/** How many rows a field asks for; a variable may come to a whole page. `null` for a field that is no page. */
function pageSize({ arguments: args = [] }: FieldNode): number | null {
  const sizes = args.filter(({ name }) => name.value === 'first' || name.value === 'last');
  if (sizes.length === 0) return null;
  return Math.max(
    ...sizes.map(({ value }) => (value.kind === Kind.INT ? Math.min(Number(value.value), MAX_PAGE) : MAX_PAGE)),
  );
}
