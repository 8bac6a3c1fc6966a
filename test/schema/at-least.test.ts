// atLeast: a read that names a position waits until the read models have reached it, and says so when they have not.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { CreateKeyDocument, KeyDocument, KeysDocument, NodeDocument } from '../generated/graphql.ts';
import { createInstallation, type Installation } from './installation.ts';

let on: Installation;
beforeAll(async () => {
  on = await createInstallation();
});
afterAll(() => on.stop());

const keyNode = (id: string): string => encodeGlobalId('ApiKey', id);

describe('atLeast', () => {
  test('a read waits for the position of a mutation', async () => {
    const { createKey } = await on.run(CreateKeyDocument, {
      input: { workspaceId: 'acme', keyspace: 'default', name: 'mine' },
    });
    if (createKey.__typename !== 'CreateKeyPayload') throw new Error(createKey.__typename);
    const { position, key } = createKey;
    expect((await on.run(KeyDocument, { id: key!.id, atLeast: position })).key!.name).toBe('mine');
    expect((await on.run(NodeDocument, { id: key!.id, atLeast: position })).node).not.toBeNull();
    expect(
      (await on.run(KeysDocument, { workspace: 'acme', first: 1, atLeast: position })).workspace!.keys.edges[0]!.node
        .name,
    ).toBe('mine');
  });

  test('a position that is not reached in time is POSITION_TIMEOUT', async () => {
    const own = await createInstallation({ context: () => ({ reached: () => Promise.resolve(false) }) });
    const id = keyNode(`key_${'a'.repeat(22)}`);
    for (const [document, variables] of [
      [KeyDocument, { id, atLeast: 'p1_0-99' }],
      [NodeDocument, { id, atLeast: 'p1_0-99' }],
      [KeysDocument, { workspace: 'acme', first: 1, atLeast: 'p1_0-99' }],
    ] as const) {
      expect((await own.refusal(document as never, variables)).codes).toEqual(['POSITION_TIMEOUT']);
    }
    await own.stop();
  });

  test('of a partition that the log does not have is refused at once, everywhere', async () => {
    const id = keyNode(`key_${'a'.repeat(22)}`);
    const own = await createInstallation({ context: () => ({ reached: () => new Promise<never>(() => undefined) }) });
    for (const query of [
      `key(id: "${id}", atLeast: "p1_99-1") { id }`,
      `node(id: "${id}", atLeast: "p1_0-0_99-1") { id }`,
      'workspace(id: "acme") { keys(first: 1, atLeast: "p1_99-1") { totalCount } }',
      'workspace(id: "acme") { history(first: 1, atLeast: "p1_99-1") { totalCount } }',
    ]) {
      const { codes, errors } = await own.refusal(`{ ${query} }`);
      expect(codes).toEqual(['BAD_USER_INPUT']);
      expect(errors[0]).toMatchObject({
        message: 'atLeast must be a position of this log.',
        extensions: { path: ['atLeast'] },
      });
    }
    await own.stop();
  });

  test.each(['', 'p1', 'p2_0-1', 'p1_0', 'p1_0--1', 'p1_0-1_0-2', '1', ' p1_0-1', 'x'.repeat(20_000)])(
    '"%s" is no position',
    async (atLeast) => {
      const { codes, status } = await on.refusal(KeyDocument, { id: 'x', atLeast });
      expect([status, codes]).toEqual([400, ['BAD_USER_INPUT']]);
    },
  );
});
