// Server-sent events on one HTTP answer, as graphql-sse has them (distinct connections): `next` and `complete`, heartbeats
// in between. What the reader does not take waits in one buffer of the socket: nothing more is sent until that is empty.
import type { ServerResponse } from 'node:http';
import { STREAM_TYPE } from './media-types.ts';

export interface SseOptions {
  readonly heartbeatMs: number;
  /** How long a reader may take nothing while something waits for it. */
  readonly stallMs: number;
  /** How long a reader that was cut has for the last words. */
  readonly graceMs: number;
  /** What a heartbeat tells as the last event's id, so that a client goes on from there; `null`: nothing. */
  readonly id: () => string | null;
}

export interface EventStream {
  /** Whether there is room for more; if not, {@link EventStream.room} is to be awaited. */
  next(data: unknown, id: string | null): boolean;
  /** `true` once there is room for more, or `signal` aborts; `false`: there was none in time. */
  room(signal: AbortSignal): Promise<boolean>;
  /** Last words, whether they are read or not; `complete` is the last one. */
  end(data?: unknown, id?: string | null): void;
}

const COMPLETE = 'event: complete\ndata:\n\n';
const CONTENT_TYPE = `${STREAM_TYPE}; charset=utf-8`;

const idLine = (id: string | null): string => (id === null ? '' : `id: ${id}\n`);
const message = (data: unknown, id: string | null): string =>
  `event: next\n${idLine(id)}data: ${JSON.stringify(data)}\n\n`;

/** No proxy of nginx's kind is to gather it. */
function writeHead(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': CONTENT_TYPE, 'x-accel-buffering': 'no' });
}

export const isStream = (response: ServerResponse): boolean => response.getHeader('content-type') === CONTENT_TYPE;

/** One result, and that was all. */
export function sendAsStream(response: ServerResponse, result: unknown): void {
  writeHead(response);
  response.end(message(result, null) + COMPLETE);
}

export function openEventStream(response: ServerResponse, options: SseOptions): EventStream {
  const { heartbeatMs, stallMs, graceMs, id: lastId } = options;
  writeHead(response);
  const beat = (): void => {
    if (!response.writableNeedDrain) response.write(`:\n${idLine(lastId())}\n`);
  };
  beat(); // proxies and clients see at once that it has begun
  const beating = setInterval(beat, heartbeatMs);
  response.once('close', () => clearInterval(beating));

  return {
    next: (data, id) => response.write(message(data, id)),
    room: (signal) =>
      new Promise((resolve) => {
        if (!response.writableNeedDrain || signal.aborted || response.destroyed) {
          resolve(true);
          return;
        }
        const settle = (inTime: boolean): void => {
          clearTimeout(timer);
          response.off('drain', taken);
          signal.removeEventListener('abort', taken);
          resolve(inTime);
        };
        const taken = (): void => settle(true);
        const timer = setTimeout(() => settle(false), stallMs);
        response.once('drain', taken);
        signal.addEventListener('abort', taken);
      }),
    end(data, id = null) {
      clearInterval(beating);
      if (response.destroyed) return;
      const last = data === undefined ? '' : message(data, id);
      response.end(last + COMPLETE);
      const cut = setTimeout(() => response.destroy(), graceMs);
      response.once('close', () => clearTimeout(cut));
      response.once('finish', () => clearTimeout(cut));
    },
  };
}
