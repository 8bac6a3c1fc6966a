// The GraphQL list beside graphql-yoga as installed, over copies of the same data.
import { cp, rm } from 'node:fs/promises';
import { WORKSPACE } from './dataset.ts';
import type { Folder } from './environment.ts';
import { compare, load, posts, round, startServer, takeTurns, type Row } from './report.ts';

const QUERY = `query List($workspace: String!) {
  workspace(id: $workspace) { keys(first: 20) { pageInfo { hasNextPage endCursor }
    edges { cursor node { id keyId name preview status scopes createdAt expiresAt lastUsedAt tags } } } } }`;

export async function graphqlList(folder: Folder): Promise<Row> {
  const copy = `${folder.environment.KEYFOLD_DATA ?? ''}-copy`;
  await cp(folder.environment.KEYFOLD_DATA ?? '', copy, { recursive: true });
  const keyfold = await startServer('keyfold', { ...folder.environment, BENCH_SERVICE: 'api' });
  const yoga = await startServer('yoga', { ...folder.environment, KEYFOLD_DATA: copy });
  const bodies = [JSON.stringify({ query: QUERY, variables: { workspace: WORKSPACE } })];
  const authorization = `Bearer ${folder.token}`;
  const answer = async (url: string, headers: Readonly<Record<string, string>>): Promise<string> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: bodies[0] ?? '' };
    return (await fetch(`${url}/graphql`, init)).text();
  };
  const [ours, theirs] = [await answer(keyfold.url, { authorization }), await answer(yoga.url, {})];
  if (ours !== theirs || !ours.includes('"edges":[{')) throw new Error('the two servers do not answer the same list');
  const against = (url: string, headers: Readonly<Record<string, string>>) => () =>
    load({ url, connections: 16, seconds: 3, requests: posts('/graphql', bodies, headers) });
  const turns = await takeTurns(5, against(keyfold.url, { authorization }), against(yoga.url, {}));
  const { a, b, ratio, rounds } = compare(turns, ({ perSecond }) => perSecond);
  await Promise.all([keyfold.stop(), yoga.stop()]);
  await rm(copy, { recursive: true });
  return {
    what: 'GraphQL workspace { keys(first: 20) }, token checked',
    measured: `${round(a, 0)}/s beside ${round(b, 0)}/s of graphql-yoga as installed, no token checked`,
    ratio: round(ratio),
    target: '≥ 1.8',
    rounds,
  };
}
