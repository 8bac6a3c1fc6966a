// Reading a request's body as bytes, up to a limit.
import type { IncomingMessage } from 'node:http';

/** Beyond the limit this much more is read and dropped, so that the refusal arrives before the connection ends. */
const DRAINED_BYTES = 1024 * 1024;

/**
 * Hands over the whole body, once; `null`: it is larger than `limit`. Never, for a request that is aborted.
 * A callback, since a promise for every check costs as much as finding its key; and as soon as the message is complete,
 * since its `end` comes a turn later.
 */
export function readBytes(request: IncomingMessage, limit: number, done: (body: Buffer | null) => void): void {
  let first: Buffer | null = null;
  let more: Buffer[] = [];
  let length = 0;
  let answered = false;
  const finish = (): void => {
    if (answered) return;
    answered = true;
    if (length > limit) done(null);
    else
      done(first === null || more.length > 0 ? Buffer.concat(first === null ? [] : [first, ...more], length) : first);
  };
  request.on('readable', () => {
    for (let chunk = read(request); chunk !== null; chunk = read(request)) {
      length += chunk.length;
      if (length > limit) more = [];
      else if (first === null) first = chunk;
      else more.push(chunk);
      if (length > limit + DRAINED_BYTES) finish();
      // Else it would be asked for what cannot come.
      if (request.complete && request.readableLength === 0) break;
    }
    if (request.complete && request.readableLength === 0) finish();
  });
}

const read = (request: IncomingMessage): Buffer | null => request.read() as Buffer | null;
