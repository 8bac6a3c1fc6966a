// Every query, and secrets in each part of a GraphQL request.
import { expect, test } from 'vitest';
import { globalId } from '../../support/api.ts';
import { everyQuery } from '../../support/everything.ts';
import { WORKSPACE } from '../../support/system.ts';
import { bodyOf, type Watching } from './watch.ts';

export function queries(watching: Watching): void {
  test('every query and field, and secrets as arguments, variables, documents and bodies', async () => {
    const { admin, newSecret, send, asAdmin, graphql, mutate } = watching();
    const driven = new Set<string>();
    const { key } = await mutate('createKey', { workspaceId: WORKSPACE, keyspace: 'default', name: 'Asked about' });
    const id = globalId(key!.keyId);
    const documents = everyQuery({
      node: `(id: "${id}")`,
      nodes: `(ids: ["${id}"])`,
      workspace: `(id: "${WORKSPACE}")`,
      key: `(id: "${id}")`,
      editedProfile: '(source: "slug: asked-about")',
    });
    for (const { field, text } of documents) {
      driven.add(field);
      const answer = await graphql(`query ${field}`, text);
      expect(answer.status, text).toBe(200);
      expect(bodyOf(answer.text).errors, text).toBeUndefined();
    }
    const lost = newSecret('a secret in a query');
    const strange = [
      `{ node(id: "${lost}") { id } }`,
      `{ nodes(ids: ["${lost}"]) { id } }`,
      `{ key(id: "${lost}") { id } }`,
      `{ key(id: "${id}", atLeast: "${lost}") { id } }`,
      `{ key(id: 1.5e${lost}) { id } }`,
      `{ workspace(id: "${lost}") { id } }`,
      `{ editedProfile(source: "${lost}: [", changes: [{ path: ["${lost}"], value: "${lost}" }]) { problems { path message } } }`,
      `{ editedProfile(source: "slug: x", changes: [{ path: ["${lost}"], value: "${lost}" }]) { problems { path message } } }`,
      `{ workspace(id: "${WORKSPACE}") { keyspace(slug: "${lost}") { id } } }`,
      `{ workspace(id: "${WORKSPACE}") { keys(first: "${lost}") { totalCount } } }`,
      `{ workspace(id: "${WORKSPACE}") { keys(first: 1, after: "${lost}") { totalCount } } }`,
      `{ workspace(id: "${WORKSPACE}") { keys(first: 1, filter: { text: "${lost}", scope: "${lost}" }) { totalCount } } }`,
      `{ workspace(id: "${WORKSPACE}") { keys(first: 1, filter: { expiresBefore: "${lost}" }) { totalCount } } }`,
      `{ workspace(id: "${WORKSPACE}") { history(first: 1, filter: { actor: "user:${lost}", requestId: "${lost}" }) { totalCount } } }`,
      `{ workspace(id: "${WORKSPACE}") { history(first: 1, filter: { actor: "${lost}" }) { totalCount } } }`,
      `{ viewer # ${lost}\n { operator } } }`,
      `{ viewer "${lost}" }`,
      `query { viewer { operator } ${lost.slice(0, 3)} "${lost}`,
    ];
    for (const document of strange) await graphql('a query with a secret in it', document);
    const byVariables =
      'query ($id: ID!, $n: Int, $p: Position) { key(id: $id, atLeast: $p) { history(first: $n) { nodes { id } } } }';
    for (const variables of [
      { id: lost },
      { id, n: lost },
      { id, p: lost },
      { id: [lost] },
      { id, n: { [lost]: lost } },
      { [lost]: 1 },
    ])
      await graphql('a query with a secret in its variables', byVariables, variables);
    const bodies = [
      `{"query": "${lost}`,
      `"${lost}"`,
      `[{"query":"{ viewer { operator } }","x":"${lost}"}]`,
      JSON.stringify({ query: lost }),
      JSON.stringify({ query: '{ viewer { operator } }', operationName: lost }),
      JSON.stringify({ query: '{ viewer { operator } }', variables: lost }),
    ];
    for (const body of bodies) await send('a strange body', admin.url, { path: '/graphql', headers: asAdmin(), body });
    expect([...driven].sort()).toEqual([
      'editedProfile',
      'health',
      'key',
      'keyspaces',
      'node',
      'nodes',
      'viewer',
      'workspace',
    ]);
  });
}
