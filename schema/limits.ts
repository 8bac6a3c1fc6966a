// Documents as the API takes them: within limits, without suggestions, and refused without a word of what they hold but
// the names in them. Measured before any rule of GraphQL looks at them, since some rules cost more than a document should.
import {
  GraphQLError,
  isInputType,
  parse,
  specifiedRules,
  validate,
  ValuesOfCorrectTypeRule,
  type DocumentNode,
  type ValidationRule,
  type ValueNode,
} from 'graphql';
import { exceededLimits, LIMITS } from './document-measure.ts';
import { badInput, badUserInput, codeOf } from './graphql-errors.ts';
import { schema } from './index.ts';
import { LITERAL, misfits } from './input-problems.ts';
import { UnconditionalSubscriptionRule } from './unconditional-subscription.ts';

const MAX_ERRORS = 20;

/** A document that may be executed, or what is wrong with it: each error has a code and may be shown. */
export type CheckedDocument =
  | {
      readonly ok: true;
      readonly document: DocumentNode;
      /** What these variables make of its pages that is over a limit; absent where nothing they say can be. */
      readonly exceededBy?: (variables: Readonly<Record<string, unknown>>) => readonly GraphQLError[];
    }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** Parses and validates a document. Introspection is for whoever gets here: callers are authenticated before. */
export function checkDocument(query: string): CheckedDocument {
  if (query.length > LIMITS.length) {
    return { ok: false, errors: [badUserInput(`The document has more than ${LIMITS.length} characters.`)] };
  }
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { ok: false, errors: [unquoted(error)] };
  }
  const fits = exceededLimits(document, schema, 'most').length === 0;
  const exceeded = fits ? [] : exceededLimits(document, schema, 'least');
  if (exceeded.length > 0) return { ok: false, errors: exceeded };
  // First and alone: GraphQL's own rule about the fields of subscriptions throws at conditions by variables.
  const conditional = validate(schema, document, [UnconditionalSubscriptionRule], { maxErrors: MAX_ERRORS });
  if (conditional.length > 0) return { ok: false, errors: conditional.map(coded) };
  const errors = validate(schema, document, RULES, { maxErrors: MAX_ERRORS, hideSuggestions: true });
  if (errors.length > 0) return { ok: false, errors: errors.map(coded) };
  return fits
    ? { ok: true, document }
    : { ok: true, document, exceededBy: (variables) => exceededLimits(document, schema, variables) };
}

/** A syntax error with its place; graphql-js would quote what stands there. */
function unquoted({ message, source, positions }: GraphQLError): GraphQLError {
  const tooMany = message.includes('tokens. Parsing aborted');
  return new GraphQLError(
    tooMany
      ? `The document has more than ${LIMITS.tokens} tokens.`
      : 'The document is not valid GraphQL at this place.',
    { source: source ?? null, positions: positions ?? null, extensions: { code: 'BAD_USER_INPUT' } },
  );
}

const coded = (error: GraphQLError): GraphQLError =>
  codeOf(error) === null
    ? new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } })
    : error;

/** In the place of GraphQL's own rule, which quotes the literals that it refuses. */
export const InputLiteralsRule: ValidationRule = (context) => {
  const judge = (value: ValueNode, name: string): void => {
    const type = context.getInputType();
    if (!isInputType(type)) return; // refused by other rules: there is no such argument or type
    for (const { at, ...problem } of misfits(LITERAL, value, type, [name])) context.reportError(badInput(problem, at));
  };
  return {
    Argument: ({ name, value }) => judge(value, name.value),
    VariableDefinition: ({ variable, defaultValue }) => {
      if (defaultValue) judge(defaultValue, variable.name.value);
    },
  };
};

const RULES = specifiedRules.map((rule) => (rule === ValuesOfCorrectTypeRule ? InputLiteralsRule : rule));
