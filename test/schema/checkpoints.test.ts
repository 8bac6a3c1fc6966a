// Signed checkpoints as a workspace's auditors read them: one chain, page by page, each as it was signed; and nothing of it
// for anybody else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkpointDigest, verifyCheckpoint, type SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import type { Caller } from '../../schema/context.ts';
import { createCheckpointer } from '../../services/api/checkpointer.ts';
import { memoryLogger } from '../fakes/running.ts';
import { ADMIN, caller, createInstallation, OPERATOR, STRANGER, type Installation } from './installation.ts';

const COUNT = 13;
const QUERY = `query ($workspace: String!, $first: Int, $after: String, $last: Int, $before: String) {
  workspace(id: $workspace) {
    checkpoints(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      nodes { id number time count root position previous signature }
    }
  }
}`;

interface Shown {
  readonly id: string;
  readonly number: number;
  readonly time: string;
  readonly count: number;
  readonly root: string;
  readonly position: string;
  readonly previous: string | null;
  readonly signature: string;
}
interface Connection {
  readonly totalCount: number | null;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly nodes: readonly Shown[];
}

let on: Installation;
let signed: readonly SignedCheckpoint[];
beforeAll(async () => {
  on = await createInstallation();
  const checkpointer = createCheckpointer({
    ...{ store: on.memory, partitions: on.log.partitions, keys: [{ id: 'c1', key: Buffer.alloc(32, 1) }] },
    ...{ everyEvents: 1, intervalMs: 60_000, now: on.now, logger: memoryLogger() as never },
  });
  for (let n = 0; n < COUNT; n++) {
    await on.plant([`key ${n}`], { workspaceId: n % 3 === 0 ? 'globex' : 'acme' });
    await checkpointer.sign();
  }
  signed = await on.memory.checkpoints.list({ newestFirst: true, limit: 100 });
});
afterAll(() => on.stop());

async function page(args: object, as: Caller = ADMIN, workspace = 'acme'): Promise<Connection | null> {
  const { result } = await on.ask(QUERY, { workspace, ...args }, as);
  expect(result.errors).toBeUndefined();
  return (result.data as unknown as { workspace: { checkpoints: Connection } | null }).workspace?.checkpoints ?? null;
}
const numbers = (connection: Connection | null) => connection?.nodes.map(({ number }) => number);
const ALL = Array.from({ length: COUNT }, (_, index) => COUNT - index);

describe('the checkpoints of a workspace', () => {
  test('are all of the installation, newest first, each as it was signed, in one chain', async () => {
    const found = await page({ first: 100 });
    expect(found).toMatchObject({ totalCount: COUNT, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
    expect(numbers(found)).toEqual(ALL);
    for (const [index, shown] of found!.nodes.entries()) {
      const { checkpoint, signature } = signed[index]!;
      expect({ ...checkpoint, signature }).toMatchObject(shown);
      const before = signed[index + 1]?.checkpoint ?? null;
      expect(shown.previous).toBe(before && checkpointDigest(before));
      expect(await verifyCheckpoint({ checkpoint, signature: shown.signature })).toMatchObject({ ok: true, kid: 'c1' });
    }
    expect(JSON.stringify(found)).not.toMatch(/acme|globex|key_/);
  });

  test.each([1, 2, 5, 12, 13])('in pages of %i are met once each, both ways', async (size) => {
    for (const backward of [false, true]) {
      const walked: number[] = [];
      for (let cursor: string | null = null; ;) {
        const found: Connection | null = await page(
          backward ? { last: size, before: cursor } : { first: size, after: cursor },
        );
        const { nodes, pageInfo, totalCount } = found!;
        expect([nodes.length <= size, totalCount]).toEqual([true, COUNT]);
        if (backward) walked.unshift(...numbers(found)!);
        else walked.push(...numbers(found)!);
        expect(backward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage).toBe(cursor !== null);
        if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) break;
        cursor = backward ? pageInfo.startCursor : pageInfo.endCursor;
      }
      expect(walked).toEqual(ALL);
    }
  });

  test('lie between two cursors where both are given', async () => {
    const { endCursor: after } = (await page({ first: 2 }))!.pageInfo;
    const { startCursor: before } = (await page({ last: 3 }))!.pageInfo;
    const between = ALL.slice(2, -3);
    expect(numbers(await page({ first: 100, after, before }))).toEqual(between);
    expect(numbers(await page({ first: 3, after, before }))).toEqual(between.slice(0, 3));
    expect(numbers(await page({ last: 3, after, before }))).toEqual(between.slice(-3));
  });

  test('that are signed while somebody walks are in front of the walk, which meets the others as before', async () => {
    const own = await createInstallation();
    const checkpointer = createCheckpointer({
      ...{ store: own.memory, partitions: own.log.partitions, keys: [{ id: 'c1', key: Buffer.alloc(32, 1) }] },
      ...{ everyEvents: 1, intervalMs: 60_000, now: own.now, logger: memoryLogger() as never },
    });
    const ask = async (args: object) => {
      const { result } = await own.ask(QUERY, { workspace: 'acme', ...args });
      return (result.data as unknown as { workspace: { checkpoints: Connection } }).workspace.checkpoints;
    };
    expect(await ask({ first: 1 })).toMatchObject({ totalCount: 0, nodes: [] });
    for (let n = 0; n < 4; n++) {
      await own.plant([`key ${n}`]);
      await checkpointer.sign();
    }
    const first = await ask({ first: 2 });
    await own.plant(['late']);
    await checkpointer.sign();
    expect(numbers(first)).toEqual([4, 3]);
    expect(numbers(await ask({ first: 2, after: first.pageInfo.endCursor }))).toEqual([2, 1]);
    expect(numbers(await ask({ last: 5, before: first.pageInfo.startCursor }))).toEqual([5]);
    await own.stop();
  });

  test('are shown to admins and auditors; to everybody else there are none, and none are counted', async () => {
    for (const role of ['admin', 'auditor'] as const)
      expect(numbers(await page({ first: 100 }, caller({ acme: role })))).toEqual(ALL);
    const nothing = {
      ...{ totalCount: 0, nodes: [] },
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    };
    for (const role of ['member', 'viewer'] as const)
      expect(await page({ first: 100 }, caller({ acme: role }))).toEqual(nothing);
    for (const as of [STRANGER, OPERATOR]) expect(await page({ first: 100 }, as)).toBeNull();
    expect(numbers(await page({ first: 1 }, STRANGER, 'globex'))).toEqual([COUNT]);
    // A key that manages keys is nobody who audits.
    const managing = { keyId: 'key_x' } as never;
    const key = caller({}, { actor: { kind: 'key', id: 'key_x' }, workspaces: new Map([['acme', managing]]) });
    expect(await page({ first: 100 }, key)).toEqual(nothing);
  });

  test.each([
    [{}, 'first must be given, or else last.'],
    [{ first: 0 }, 'first must be between 1 and 100.'],
    [{ last: 101 }, 'last must be between 1 and 100.'],
    [{ first: 1, last: 1 }, 'last must not be given beside first.'],
    [{ first: 1, after: 'x' }, 'after must be a cursor of this list in this order.'],
  ])('are refused with %j', async (args, message) => {
    const { codes, errors } = await on.refusal(QUERY, { workspace: 'acme', ...args });
    expect([codes, errors[0]!.message]).toEqual([['BAD_USER_INPUT'], message]);
    // Whoever sees none is told the same.
    const viewer = await on.refusal(QUERY, { workspace: 'acme', ...args }, caller({ acme: 'viewer' }));
    expect(viewer.codes).toEqual(['BAD_USER_INPUT']);
  });

  test('take no cursor of another list', async () => {
    const { result } = await on.ask('{ workspace(id: "acme") { keys(first: 1) { pageInfo { endCursor } } } }');
    const { endCursor: after } = (
      result.data as unknown as { workspace: { keys: { pageInfo: { endCursor: string } } } }
    ).workspace.keys.pageInfo;
    expect((await on.refusal(QUERY, { workspace: 'acme', first: 1, after })).codes).toEqual(['BAD_USER_INPUT']);
  });
});
