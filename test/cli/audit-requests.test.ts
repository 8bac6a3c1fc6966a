// keyfold audit requests: walks the whole request log, names what history does not bear, and says so by its exit code.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyfold, startStub, type Stub } from './command.ts';

let api: Stub;
beforeEach(async () => {
  api = await startStub();
});
afterEach(() => api.close());

const check = (n: number, code: string, recomputed: string | null) => ({
  ...{ requestId: `r-${n}`, time: '2026-01-01T00:00:00.000Z', code, recomputed },
  ...{ key: { keyId: 'key_1' }, keyVersion: 3, keyspaceVersion: 2 },
});
type Page = readonly ReturnType<typeof check>[];

/** Answers these pages, one after the other. */
function answer(...pages: readonly Page[]): void {
  let next = 0;
  api.answer = () => {
    const nodes = pages[next] ?? [];
    next += 1;
    const pageInfo = { hasNextPage: next < pages.length, endCursor: `c${next}` };
    return { body: { data: { workspace: { requests: { pageInfo, nodes } } } } };
  };
}
const run = (...argv: string[]) =>
  keyfold(['audit', 'requests', ...argv], { env: { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'x' } });

describe('keyfold audit requests', () => {
  it('walks to the end of the log, and is content where every verdict is what history bears', async () => {
    answer([check(1, 'VALID', 'VALID'), check(2, 'RATE_LIMITED', null)], [check(3, 'EXPIRED', 'EXPIRED')]);
    const ran = await run('--workspace', 'acme', '--from', '2026-01-01T00:00:00Z');
    expect(ran).toEqual({
      ...{ code: 0, out: '' },
      err: '3 checks: 2 as history has it, 0 otherwise, 1 that history does not tell.\n',
    });
    expect(api.seen.map(({ body }) => body.variables)).toEqual([
      { workspace: 'acme', first: 100, after: null, filter: { from: '2026-01-01T00:00:00.000Z' } },
      { workspace: 'acme', first: 100, after: 'c1', filter: { from: '2026-01-01T00:00:00.000Z' } },
    ]);
  });

  it('names what was answered otherwise, and ends with 1', async () => {
    answer([check(1, 'VALID', 'VALID'), check(2, 'VALID', 'DISABLED')]);
    const ran = await run();
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/r-2 .*key_1 .*VALID .*DISABLED/);
    expect(ran.out).not.toContain('r-1');
    answer([check(2, 'VALID', 'DISABLED')]);
    const json = await run('--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ checked: 1, equal: 0, untold: 0, different: [{ requestId: 'r-2' }] });
  });

  it('ends with 2 where it cannot tell: no role that sees history, no answer', async () => {
    answer([check(1, 'VALID', null)]);
    expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('COULD_NOT_TELL') as string });
    api.answer = () => ({ body: { data: { workspace: null } } });
    expect(await run()).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') as string });
    api.answer = () => null;
    expect(await run()).toMatchObject({ code: 2 });
  });

  it('is content with a log that holds nothing', async () => {
    answer([]);
    expect(await run()).toMatchObject({ code: 0 });
  });
});
