// What is wrong with an operation's variables, said without a word of their values: graphql-js repeats them.
import {
  isInputType,
  isNonNullType,
  typeFromAST,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Problem } from '../../events/problem.ts';
import { badInput } from '../../schema/graphql-errors.ts';
import { JSON_VALUE, misfits } from '../../schema/input-problems.ts';

const MAX_ERRORS = 20;

/** One error per place of a variable that does not fit its type; `null` when the variables are not to blame. */
export function variableErrors(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null,
): readonly GraphQLError[] | null {
  const errors: GraphQLError[] = [];
  for (const { path, message } of problems(schema, operation, variables)) {
    errors.push(badInput({ path, message }));
    if (errors.length === MAX_ERRORS) break;
  }
  return errors.length > 0 ? errors : null;
}

function* problems(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null,
): Generator<Problem> {
  for (const { variable, type: typeNode, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) continue; // validation refuses it
    const given = variables !== null && Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (given !== undefined) yield* misfits(JSON_VALUE, given, type, [name]);
    else if (isNonNullType(type) && defaultValue === undefined) yield { path: [name], message: 'must be given' };
  }
}
