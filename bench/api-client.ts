// One client of the GraphQL API, on one kept connection: the answer of a mutation and how long it took.
import { Agent, request } from 'node:http';

/** What an answer's `data` has under the mutation's name. */
export interface Payload {
  readonly __typename: string;
  readonly secret?: string;
  readonly key?: { readonly id: string };
  readonly enforcement?: { readonly confirmed: number; readonly total: number; readonly confirmedAt: string | null };
}

export interface ApiClient {
  /** @throws when the answer is no payload. */
  mutate(name: string, input: object, asked: string): Promise<{ readonly payload: Payload; readonly ms: number }>;
  close(): void;
}

/** A mutation's document. @param asked what is wanted of its payload. */
export function documentOf(name: string, asked: string): string {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return `mutation ($input: ${title}Input!) { ${name}(input: $input) { __typename ... on ${title}Payload { ${asked} } } }`;
}

export function createApiClient(url: string, token: string): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  const post = (body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${url}/graphql`, { agent, method: 'POST', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  return {
    async mutate(name, input, asked) {
      const body = JSON.stringify({ query: documentOf(name, asked), variables: { input } });
      const start = performance.now();
      const answer = await post(body);
      const ms = performance.now() - start;
      const { data } = JSON.parse(answer) as { readonly data?: Readonly<Record<string, Payload>> | null };
      const payload = data?.[name];
      if (!payload?.__typename.endsWith('Payload')) throw new Error(answer);
      return { payload, ms };
    },
    close: () => agent.destroy(),
  };
}
