// POST of JSON: who asks, the media type and the size are judged before anything of the body is; then what takes the body
// answers, at once or later. How long that took is measured, by status.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '../shared/metrics.ts';
import { readBytes } from './body.ts';
import type { Fail } from './failure.ts';
import { readHeaders, type RequestHeaders } from './request-headers.ts';
import { REFUSALS, refuse, type HttpRefusal } from './responses.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MEDIA_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const isJson = (type: string | null): boolean =>
  type === 'application/json' || (type !== null && MEDIA_TYPE.test(type));

export interface PostOptions {
  readonly isCaller: (authorization: string | null) => boolean;
  readonly requestId: (given: string | null) => string;
  readonly fail: Fail;
  readonly metrics: Pick<Metrics, 'verifySeconds'>;
}

/** Takes a body; `null`: it has answered, else it will have. @param callId the header's id, or a new one. */
export type Take = (body: Buffer, response: ServerResponse, callId: string) => Promise<void> | null;

export type Post = (request: IncomingMessage, response: ServerResponse, take: Take) => void;

export function createPost({ isCaller, requestId, fail, metrics }: PostOptions): Post {
  function measure({ statusCode }: ServerResponse, start: number): void {
    metrics.verifySeconds.observe(statusCode, (performance.now() - start) / 1000);
  }

  function refusalOf({ authorization, contentType, contentEncoding }: RequestHeaders): HttpRefusal | null {
    if (!isCaller(authorization)) return REFUSALS.unauthenticated;
    const isPlain = contentEncoding === null || contentEncoding.toLowerCase() === 'identity';
    return isPlain && isJson(contentType) ? null : REFUSALS.mediaType;
  }

  return (request, response, take) => {
    const start = performance.now();
    const headers = readHeaders(request.rawHeaders);
    const callId = requestId(headers.requestId);
    const refusal = refusalOf(headers);
    if (refusal !== null) {
      refuse(response, callId, refusal);
      measure(response, start);
      return;
    }
    readBytes(request, MAX_BODY_BYTES, (body) => {
      let waiting: Promise<void> | null = null;
      try {
        if (body === null) refuse(response, callId, REFUSALS.tooLarge);
        else waiting = take(body, response, callId);
      } catch (error) {
        fail(response, callId, error);
      }
      if (waiting === null) {
        measure(response, start);
        return;
      }
      void waiting.catch((error: unknown) => fail(response, callId, error)).then(() => measure(response, start));
    });
  };
}
