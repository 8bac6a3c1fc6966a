// The mask: what carries a code is said as it is, everything else only by a correlation id.
import { buildSchema, graphql, GraphQLError, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  badUserInput,
  codeOf,
  maskError,
  positionTimeout,
  STATUS_OF_CODE,
  unauthenticated,
} from '../../schema/graphql-errors.ts';
import { StoreUnavailableError } from '../../projections/read-store.ts';
import { createInstallation } from './installation.ts';

const CANARY = 'canary-7Qz9XwVu';

function mask(error: unknown): { readonly shown: GraphQLError; readonly hidden: readonly unknown[] } {
  const hidden: unknown[] = [];
  return { shown: maskError(error, 'request-1', (what) => void hidden.push(what)), hidden };
}

/** What graphql-js makes of an error that a resolver throws. */
async function thrown(error: unknown): Promise<GraphQLError> {
  const schema = buildSchema('type Query { a: Int }');
  const a = (): never => {
    throw error as Error;
  };
  const { errors } = await graphql({ schema, source: '{ a }', rootValue: { a } });
  return errors![0]!;
}

describe('what carries a code is said as it is', () => {
  test.each([badUserInput('Give either first or last.'), positionTimeout(), unauthenticated()])(
    '$message',
    async (error) => {
      const { shown, hidden } = mask(await thrown(error));
      expect(shown.message).toBe(error.message);
      expect(shown.extensions).toEqual({ code: codeOf(error) });
      expect(shown.path).toEqual(['a']);
      expect(shown.locations).toHaveLength(1);
      expect(hidden).toEqual([]);
      expect(STATUS_OF_CODE[codeOf(error)!]).toBeGreaterThanOrEqual(400);
    },
  );
});

describe('everything else is masked and reported', () => {
  test.each<[string, unknown]>([
    ['an error', new Error(CANARY)],
    ['a GraphQL error without a code', new GraphQLError(CANARY)],
    ['a GraphQL error with a code that is not ours', new GraphQLError(CANARY, { extensions: { code: CANARY } })],
    ['text', CANARY],
    ['an error with members', Object.assign(new Error('x'), { code: CANARY, query: CANARY })],
  ])('%s', async (_, error) => {
    for (const each of [await thrown(error), error]) {
      const { shown, hidden } = mask(each);
      if (each === error && error instanceof GraphQLError) continue; // refused before anything ran: see below
      expect(shown.message).toBe('Internal error.');
      expect(shown.extensions).toEqual({ code: 'INTERNAL', correlationId: 'request-1' });
      expect(JSON.stringify(shown)).not.toContain(CANARY);
      expect(hidden).toEqual([each]);
    }
  });

  test('a store that is away is UNAVAILABLE, without the driver’s words', async () => {
    const { shown, hidden } = mask(await thrown(new StoreUnavailableError(CANARY)));
    expect(shown.extensions).toEqual({ code: 'UNAVAILABLE', correlationId: 'request-1' });
    expect(JSON.stringify(shown)).not.toContain(CANARY);
    expect(hidden).toHaveLength(1);
  });
});

test('what graphql-js refuses by itself before anything runs is BAD_USER_INPUT in our words', () => {
  const schema = buildSchema('type Query { a(b: Int): Int }');
  for (const error of validate(schema, parse(`{ a(b: "${CANARY}") }`))) {
    const { shown, hidden } = mask(error);
    expect(shown.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(shown.message).not.toContain(CANARY);
    expect(hidden).toEqual([]);
  }
});

test('an argument that a variable leaves null is the caller’s fault, not ours', async () => {
  const on = await createInstallation();
  const { result } = await on.ask('query ($id: ID = "x") { key(id: $id) { id } }', { id: null });
  expect(result.errors!.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  expect(on.lines).toEqual([]);
  await on.stop();
});

test('a store that fails behind any field is masked', async () => {
  const on = await createInstallation({ context: () => ({ read: () => Promise.reject(new Error(CANARY)) }) });
  const { result, status } = await on.ask('{ keyspaces { slug } }');
  expect(JSON.stringify(result)).not.toContain(CANARY);
  expect([status, result.errors![0]!.extensions.code]).toEqual([500, 'INTERNAL']);
  expect(on.lines.join('')).toContain(CANARY);
  await on.stop();
});
