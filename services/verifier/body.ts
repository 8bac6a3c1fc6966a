// Reading a request's body as bytes, up to a limit.
import type { IncomingMessage } from 'node:http';

/** Beyond the limit this much more is read and dropped, so that the refusal arrives before the connection ends. */
const DRAINED_BYTES = 1024 * 1024;

/**
 * Hands over the whole body, once; `null`: it is larger than `limit`. Never, for a request that is aborted.
 * A callback, since a promise for every check costs as much as finding its key.
 */
export function readBytes(request: IncomingMessage, limit: number, done: (body: Buffer | null) => void): void {
  let chunks: Buffer[] = [];
  let length = 0;
  let answered = false;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else chunks = [];
    if (length <= limit + DRAINED_BYTES || answered) return;
    answered = true;
    done(null);
  });
  request.on('end', () => {
    if (answered) return;
    const [first] = chunks;
    if (length > limit) done(null);
    else done(chunks.length === 1 && first ? first : Buffer.concat(chunks, length));
  });
}
