// Documents as the API takes them: within limits, without suggestions, and refused without a word of what they hold but
// the names in them. Measured before any rule of GraphQL looks at them, since some rules cost more than a document should.
import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  ValuesOfCorrectTypeRule,
  type DocumentNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { exceededLimits, LIMITS } from './document-measure.ts';
import { badUserInput, codeOf } from './graphql-errors.ts';
import { schema } from './index.ts';

const MAX_ERRORS = 20;

/** A document that may be executed, or what is wrong with it: each error has a code and may be shown. */
export type CheckedDocument =
  | { readonly ok: true; readonly document: DocumentNode }
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
  const exceeded = exceededLimits(document);
  if (exceeded.length > 0) return { ok: false, errors: exceeded };
  const errors = validate(schema, document, RULES, { maxErrors: MAX_ERRORS, hideSuggestions: true });
  return errors.length > 0 ? { ok: false, errors: errors.map(coded) } : { ok: true, document };
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

const coded = ({ message, nodes }: GraphQLError): GraphQLError =>
  new GraphQLError(message, { nodes: nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } });

/** graphql-js quotes the literal that it refuses; this says what was expected there instead. */
const UnquotedValuesRule: ValidationRule = (context) => {
  const reportError = (error: GraphQLError): void => {
    const own = codeOf(error) !== null || isOfSchema(error.message);
    const message = own ? error.message : `Expected a value of type ${String(context.getInputType())}.`;
    context.reportError(new GraphQLError(message, { nodes: error.nodes ?? null }));
  };
  return ValuesOfCorrectTypeRule(Object.create(context, { reportError: { value: reportError } }) as ValidationContext);
};

/** Whether a message about a value is made of the schema's words alone: a required member is missing. */
function isOfSchema(message: string): boolean {
  return /^Field "[\w.]+" of required type "[\w[\]!]+" was not provided\.$/.test(message);
}

const RULES = specifiedRules.map((rule) => (rule === ValuesOfCorrectTypeRule ? UnquotedValuesRule : rule));
