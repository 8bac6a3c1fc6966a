// Request ids: the caller's own if it is a plain one, else a new one; nothing that a log or a shell could stumble over.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateSecret } from '../../events/secret.ts';
import { createRequestIds } from '../../services/verifier/request-id.ts';
import { requestId } from '../../services/shared/request-id.ts';

describe('a request id', () => {
  it.each(['a', 'abc-123', '0af7651916cd43dd8448eb211c80319c', 'A.b_c-9', 'x-'.repeat(32)])('%s is kept', (id) => {
    expect(requestId(['X-Request-Id', id])).toBe(id);
  });

  it.each(['', ' ', 'x'.repeat(65), 'a b', '-a', 'a\nb', 'ä', '$(x)', '<b>', 'a,b', '../a'])('%j is replaced', (id) => {
    expect(requestId(['X-Request-Id', id])).toMatch(/^req_[0-9a-f]{30}$/);
  });

  it('that is a key is replaced, wherever it would be written', () => {
    const key = generateSecret('kf', randomBytes).reveal();
    expect(requestId(['X-Request-Id', key])).toMatch(/^req_/);
    expect(createRequestIds()(key)).toMatch(/^req_/);
    // Nor with something around it, nor most of it: the checksum completes the rest.
    for (const id of [`${key}.1`, `a-${key}`, key.slice(0, -6), key.slice(3)])
      expect(requestId(['X-Request-Id', id])).toMatch(/^req_[0-9a-f]{30}$/);
  });

  it('is new without the header, and when there are two', () => {
    expect(requestId([])).toMatch(/^req_/);
    expect(requestId(['x-request-id', 'a', 'X-Request-ID', 'a'])).toMatch(/^req_/);
    expect(new Set(Array.from({ length: 1000 }, () => requestId([]))).size).toBe(1000);
  });
});
