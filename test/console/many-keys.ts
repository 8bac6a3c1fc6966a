// Keys in numbers, made through the API as they always are.
import type { Api } from '../support/api.ts';

/** Aliases of one document. */
const PER_REQUEST = 15;
const AT_ONCE = 12;

type Input = Readonly<Record<string, unknown>>;

const document = (count: number): string => {
  const numbers = Array.from({ length: count }, (_, at) => at);
  const variables = numbers.map((at) => `$i${at}: CreateKeyInput!`).join(', ');
  const fields = numbers
    .map((at) => `k${at}: createKey(input: $i${at}) { __typename ... on Error { message path } }`)
    .join('\n');
  return `mutation Many(${variables}) { ${fields} }`;
};

/** Throws if any of them was not made. */
export async function makeKeys(api: Api, inputs: readonly Input[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(inputs.length / PER_REQUEST) }, (_, at) =>
    inputs.slice(at * PER_REQUEST, (at + 1) * PER_REQUEST),
  );
  const work = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const variables = Object.fromEntries(batch.map((input, at) => [`i${at}`, { workspaceId: 'demo', ...input }]));
      const { data, errors } = await api.post(document(batch.length), variables);
      const refused = Object.values(data ?? {}).filter(
        (each) => (each as { __typename: string }).__typename !== 'CreateKeyPayload',
      );
      if (data === null || refused.length > 0) throw new Error(JSON.stringify([errors, refused]));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
