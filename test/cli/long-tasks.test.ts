// Commands that follow a long task of the API: they start or join it, tell how far it is, outlive a restart of the API, and
// end with what it came to.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyfold, startStub, type Stub } from './command.ts';

let api: Stub;
beforeEach(async () => {
  api = await startStub();
});
afterEach(() => api.close());
const env = () => ({ KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'x' });

const AT = '2030-01-01T00:00:00.000Z';
const view = (id: string, bytes: number, more: object = {}) => ({
  ...{ id, state: 'RUNNING', startedAt: AT, endedAt: null, result: null, error: null },
  progress: { phase: 'COPYING', bytes, totalBytes: 4e6 },
  ...more,
});
const result = { directory: '/b', createdAt: AT, position: 'p1_0-7', files: 8, bytes: 4e6, secretsElsewhere: [] };
const done = (id: string) => view(id, 4e6, { state: 'DONE', endedAt: AT, result });
/** Answers one after the other; `null`: the connection is cut. */
const answering = (...answers: readonly (object | null)[]): void => {
  let next = 0;
  api.answer = () => {
    const answer = answers[Math.min(next++, answers.length - 1)];
    return answer === null ? null : { body: { backup: answer ?? null } };
  };
};

describe('a long task', () => {
  it('is started with what it needs, and followed to its end', async () => {
    answering(view('a', 1e6), view('a', 3e6), done('a'));
    const ran = await keyfold(['backup', '/b', '--json'], { env: env() });
    expect([ran.code, JSON.parse(ran.out)]).toEqual([0, result]);
    expect(ran.err).toBe('copied 1.0 MB of 4.0 MB\ncopied 3.0 MB of 4.0 MB\ncopied 4.0 MB of 4.0 MB\n');
    expect(api.seen.map(({ path }) => path)).toEqual(Array(3).fill('/v1/operations/backup'));
    expect(api.seen[0]?.body).toEqual({ directory: '/b' });
  });

  it('is started anew where the process that ran it is gone, and an older one is not taken for it', async () => {
    answering(view('a', 1e6), null, { ...done('older') }, view('b', 2e6), done('b'));
    const ran = await keyfold(['backup', '/b'], { env: env() });
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('It holds everything')]);
    const posts = api.seen.filter(({ body }) => body.directory === '/b');
    expect(posts).toHaveLength(2);
  });

  it('that fails says why, what to do, and ends with 1', async () => {
    const error = { code: 'STORAGE_FULL', message: 'no space is left', advice: 'make room' };
    answering(view('a', 1e6), view('a', 2e6, { state: 'FAILED', endedAt: AT, error }));
    const ran = await keyfold(['backup', '/b'], { env: env() });
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toContain('STORAGE_FULL: no space is left\n  make room\n');
  });
});

describe('keyfold sealing rewrap', () => {
  it('names data keys that cannot be opened, and ends with 1', async () => {
    const failures = [{ dataKeyId: 'key_x.1', reason: 'sealing key "s3" is missing' }];
    const progress = { seen: 9, rewrapped: 8, failed: 1, failures };
    const rewrap = { ...view('a', 0, { progress, state: 'DONE', endedAt: AT, result: progress }) };
    const sealingKeys = [{ id: 's2', inSettings: true, newest: true, dataKeys: 8 }];
    api.answer = () => ({ body: { rewrap, sealingKeys, dataKeys: 9 } });
    const ran = await keyfold(['sealing', 'rewrap'], { env: env() });
    expect([ran.code, ran.out]).toEqual([1, expect.stringMatching(/s2 +newest +8/)]);
    expect(ran.err).toMatch(/NOT_REWRAPPED: 1 data keys[^]*key_x\.1: sealing key "s3" is missing/);
  });
});
