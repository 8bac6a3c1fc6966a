// The formats of usage batches: each that was ever written is read, and what cannot be read says why.
import { describe, expect, test } from 'vitest';
import { keyIdFor } from '../../events/ids.ts';
import { readUsageBatch, withoutRequests } from '../../events/usage-format.ts';
import type { UsageBatch } from '../../events/usage.ts';

const keyId = keyIdFor('acme', 'a');
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const FORMAT_1: UsageBatch = {
  verifier: 'v1',
  sequence: 3,
  counts: [
    {
      ...{ keyId, workspaceId: 'acme', hour: '2026-01-01T09:00:00.000Z', code: 'VALID', secret: 'CURRENT', count: 2 },
      ...{
        firstAt: '2026-01-01T09:30:00.000Z',
        lastAt: '2026-01-01T09:30:00.005Z',
        keyVersion: 1,
        keyspace: 'default',
      },
    },
  ],
  requests: [
    {
      ...{ requestId: 'r-1', time: '2026-01-01T09:30:00.000Z', keyId, workspaceId: 'acme', keyspace: 'default' },
      ...{
        code: 'VALID',
        secret: 'CURRENT',
        method: 'GET',
        path: '/a',
        origin: null,
        ip: '192.0.2.1',
        userAgent: 'curl',
      },
      ...{ asked: { scopes: ['read'] }, keyVersion: 1, keyspaceVersion: 2, position: 'p1_0-1' },
    },
    {
      ...{ requestId: 'r-2', time: '2026-01-01T09:30:00.005Z', keyId, workspaceId: 'acme', keyspace: 'default' },
      ...{
        code: 'NOT_FOUND',
        secret: 'RETIRED',
        preview: 'kf_…abcd',
        method: null,
        path: null,
        origin: null,
        ip: null,
      },
      ...{ userAgent: null, asked: {}, keyVersion: 1, keyspaceVersion: null, position: 'p1_0-1' },
    },
  ],
};

const FORMAT_2 = {
  ...{ verifier: 'v1', sequence: 3, format: 2, since: Date.parse('2026-01-01T09:30:00.000Z') },
  ...{ workspaces: ['acme'], keyspaces: ['default'], methods: ['GET'], paths: ['/a'], origins: [], ips: ['192.0.2.1'] },
  ...{ agents: ['curl'], asked: [{ scopes: ['read'] }, {}], positions: ['p1_0-1'] },
  counts: [
    [keyId, 0, 0, 1, 2, 'VALID', 'CURRENT', 490_905, 2, 0, 5],
    [keyId, 0, 0, 1, null, 'NOT_FOUND', 'RETIRED', 490_905, 0, 0, 0],
  ],
  requests: [
    ['r-1', 0, 0, 0, 0, null, 0, 0, 0, 0],
    ['r-2', 5, 1, null, null, null, null, null, 1, 0, 'kf_…abcd'],
  ],
};

describe('a batch', () => {
  test('of format 1 is read as it is', () => {
    expect(readUsageBatch(bytes(FORMAT_1))).toEqual({ batch: FORMAT_1 });
  });

  test('of format 2 is the same batch', () => {
    expect(readUsageBatch(bytes(FORMAT_2))).toEqual({ batch: FORMAT_1 });
  });

  test.each([
    ['no JSON', Buffer.from('{'), /^not JSON$/],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /^not JSON$/],
    ['of a later build', bytes({ ...FORMAT_2, format: 3 }), /later build wrote it, upgrade this one first$/],
    ['without a member', bytes({ ...FORMAT_2, paths: undefined }), /^paths /],
    ['with a place that is none', bytes({ ...FORMAT_2, paths: [] }), /^there is no place 0 in a table of 0$/],
    [
      'with a place below all',
      bytes({ ...FORMAT_2, requests: [['r-1', 0, -1, 0, 0, null, 0, 0, 0, 0]] }),
      /^requests\.0\.2 /,
    ],
    ['with checks of nobody', bytes({ ...FORMAT_2, counts: [] }), /^there is no place 0 in a table of 0$/],
    ['with a time beyond all', bytes({ ...FORMAT_2, since: 9e15 }), /time/],
    ['with text that no store keeps', bytes({ ...FORMAT_2, paths: ['\u0000'] }), /^paths\.0 /],
    ['without a verifier', bytes({ ...FORMAT_1, verifier: '' }), /^verifier /],
  ])('%s says so', (_what, value, reason) => {
    expect(readUsageBatch(value)).toEqual({ reason: expect.stringMatching(reason) as string });
  });
});

describe('a batch without its requests', () => {
  test.each([
    ['1', FORMAT_1],
    ['2', FORMAT_2],
  ])('counts the same, of format %s', (_format, batch) => {
    const rest = withoutRequests(bytes(batch));
    expect(rest?.left).toBe(2);
    expect(readUsageBatch(rest?.value ?? bytes(null))).toEqual({ batch: { ...FORMAT_1, requests: [] } });
    expect(Buffer.from(rest?.value ?? []).toString()).not.toMatch(/192\.0\.2\.1|curl/);
  });

  test('is none of what is none', () => {
    expect(withoutRequests(Buffer.from('{'))).toBeNull();
    expect(withoutRequests(bytes({}))).toBeNull();
  });
});
