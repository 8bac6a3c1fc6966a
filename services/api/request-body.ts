// The body of a request, read under a limit: what is longer is read on for a while and thrown away, so that a caller
// who sends first and listens later hears the refusal.
import type { IncomingMessage } from 'node:http';

export type Body =
  { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly reason: 'TOO_LARGE' | 'ABORTED' };

const DISCARD_FACTOR = 8;

/** @param limit in bytes. */
export function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limit * DISCARD_FACTOR) {
    return Promise.resolve({ ok: false, reason: 'TOO_LARGE' });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        if (size > limit * DISCARD_FACTOR) resolve({ ok: false, reason: 'TOO_LARGE' });
      }
    });
    request.on('end', () => {
      resolve(size > limit ? { ok: false, reason: 'TOO_LARGE' } : { ok: true, bytes: Buffer.concat(chunks, size) });
    });
    // After `end` this is no news; before it, the caller is gone.
    request.on('close', () => resolve({ ok: false, reason: 'ABORTED' }));
  });
}
