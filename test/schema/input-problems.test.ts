// Input problems: nothing is said against what GraphQL takes, and something against all that it refuses.
import fc from 'fast-check';
import {
  coerceInputValue,
  isInputType,
  Kind,
  parse,
  typeFromAST,
  validate,
  ValuesOfCorrectTypeRule,
  type DocumentNode,
  type GraphQLError,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';
import { JSON_VALUE, misfits } from '../../schema/input-problems.ts';
import { InputLiteralsRule } from '../../schema/limits.ts';
import { requestArbitrary } from './document-arbitrary.ts';

const known = ['acme', 'default', 'a:read', 'live', 'secret', 'key_x'];
const seed = process.env.SEED ? { seed: Number(process.env.SEED) } : {};

function parsed(query: string): DocumentNode | null {
  try {
    return parse(query);
  } catch {
    return null;
  }
}

test('of literals and of variables: the judgement is GraphQL’s own', () => {
  const judged = { literals: { good: 0, bad: 0 }, variables: { good: 0, bad: 0 } };
  fc.assert(
    fc.property(requestArbitrary({ schema, known }), ({ query, variables }) => {
      const document = parsed(query);
      if (!document) return;
      const [theirs, ours] = [ValuesOfCorrectTypeRule, InputLiteralsRule].map((rule): readonly GraphQLError[] =>
        validate(schema, document, [rule]),
      );
      expect(ours!.length > 0).toBe(theirs!.length > 0);
      judged.literals[ours!.length > 0 ? 'bad' : 'good'] += 1;
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
        for (const { variable, type: typeNode } of definition.variableDefinitions ?? []) {
          const type = typeFromAST(schema, typeNode);
          const value = variables?.[variable.name.value];
          if (!isInputType(type) || value === undefined) continue;
          const errors: unknown[] = [];
          coerceInputValue(value, type, (...error) => errors.push(error));
          const refused = errors.length > 0;
          expect([...misfits(JSON_VALUE, value, type, ['v'])].length > 0).toBe(refused);
          judged.variables[refused ? 'bad' : 'good'] += 1;
        }
      }
    }),
    { numRuns: 2000, ...seed },
  );
  // Both sides of both were really tried.
  for (const { good, bad } of Object.values(judged)) expect(Math.min(good, bad)).toBeGreaterThan(50);
}, 120_000);
