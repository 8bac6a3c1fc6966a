// `keyfold keys forget|forget-owner`: asks until no key remains, under one command id, and tells each key's outcome.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KEY, keyfold, startStub, type Ran, type Stub } from './command.ts';

let api: Stub;
beforeEach(async () => {
  api = await startStub();
});
afterEach(() => api.close());

const keys = (...argv: string[]): Promise<Ran> =>
  keyfold(['keys', ...argv], { env: { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'token-of-mine' } });
const erased = { __typename: 'ForgetKeyPayload', position: 'p1_0-7' };
/** Answers of call after call; the last one stays. */
const answers = (...results: object[]): void => {
  api.answer = () => ({
    body: {
      data: {
        result: {
          ...{ __typename: 'ForgetOwnerPayload', commandId: 'c', position: 'p1_0-9', warnings: [], enforcement: null },
          ...(results.length > 1 ? results.shift() : results[0]),
        },
      },
    },
  });
};
const inputs = () => api.seen.map(({ body }) => body.variables?.input as Record<string, unknown>);

it('forget sends one forgetKey', async () => {
  const payload = { __typename: 'ForgetKeyPayload', key: KEY, position: 'p1_0-7', warnings: [] };
  api.answer = () => ({ body: { data: { result: payload } } });
  const { code, out } = await keys('forget', KEY.keyId);
  expect([code, out]).toEqual([0, expect.stringContaining('p1_0-7')]);
  expect(api.seen[0]?.body.query).toContain('forgetKey(input: $input)');
});

it('forget-owner asks again under the same command id until no key remains', async () => {
  answers(
    { keyIds: ['key_a'], results: [erased], remaining: 2 },
    { keyIds: ['key_a', 'key_b', 'key_c'], results: [erased, erased, erased], remaining: 0 },
  );
  const { code, out, err } = await keys('forget-owner', 'u-17', '--workspace', 'acme');
  expect(code).toBe(0);
  expect(out).toBe('key_a  erased\nkey_b  erased\nkey_c  erased\nposition  p1_0-9\n');
  expect(err).toContain('2 keys remain');
  const [first, second] = inputs();
  expect(first).toMatchObject({ workspaceId: 'acme', ownerId: 'u-17' });
  expect(second).toEqual(first);
});

it('forget-owner says which keys were refused and exits 1; with --json as JSON', async () => {
  const refused = {
    __typename: 'NotAllowed',
    code: 'NOT_ALLOWED',
    message: 'your role does not allow this',
    path: null,
  };
  answers({ keyIds: ['key_a', 'key_b'], results: [erased, refused], remaining: 0 });
  const { code, out, err } = await keys('forget-owner', 'u-17', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({
    keys: [
      { keyId: 'key_a', position: 'p1_0-7' },
      { keyId: 'key_b', error: { code: 'NOT_ALLOWED', message: 'your role does not allow this' } },
    ],
    position: 'p1_0-9',
  });
  expect(err).toContain('NOT_ALL');
});

it('forget-owner that gets no further exits 2 and says how to go on', async () => {
  const unknown = { __typename: 'OutcomeUnknown', code: 'OUTCOME_UNKNOWN', message: 'not known', path: null };
  answers({ keyIds: ['key_a'], results: [unknown], remaining: 3 });
  const { code, err } = await keys('forget-owner', 'u-17', '--command-id', 'leave-1');
  expect(code).toBe(2);
  expect(err).toContain('--command-id leave-1');
  expect(inputs()).toHaveLength(2);
});
