// What is wrong with an operation's variables, said without a word of their values: graphql-js repeats them.
import {
  coerceInputValue,
  isInputType,
  isNonNullType,
  typeFromAST,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { badUserInput, codeOf } from '../../schema/graphql-errors.ts';

const MAX_ERRORS = 5;

/** One error per place of a variable that does not fit its type; `null` when the variables are not to blame. */
export function variableErrors(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null,
): readonly GraphQLError[] | null {
  const errors: GraphQLError[] = [];
  const report = (name: string, path: readonly (string | number)[], reason: string | null): void => {
    const place = path.length === 0 ? '' : ` at ${path.join('.')}`;
    if (errors.length < MAX_ERRORS)
      errors.push(badUserInput(`Variable "$${name}"${place} ${reason ?? 'does not fit its type.'}`));
  };
  for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) continue; // validation refuses it
    const given = variables !== null && Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (given === undefined) {
      if (isNonNullType(type) && defaultValue === undefined) report(name, [], 'is required.');
      continue;
    }
    coerceInputValue(given, type, (path, _value, error) => {
      // A scalar's own words are ours, and quote nothing; graphql-js's do.
      const own = error.originalError ?? error;
      report(name, path, codeOf(own) === null ? null : `is not valid: ${own.message}`);
    });
  }
  return errors.length > 0 ? errors : null;
}
