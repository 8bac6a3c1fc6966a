// POST of JSON: who asks, the media type and the size are judged before anything of the body is; then what takes the body
// replies, at once or later.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBytes } from './body.ts';
import { readHeaders, type RequestHeaders } from './request-headers.ts';
import { refusal, REFUSALS, type HttpRefusal } from './responses.ts';
import type { Arrived, Judge } from './turns.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MEDIA_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const isJson = (type: string | null): boolean =>
  type === 'application/json' || (type !== null && MEDIA_TYPE.test(type));

export interface PostOptions {
  readonly isCaller: (authorization: string | null) => boolean;
  readonly requestId: (given: string | null) => string;
  readonly onArrived: (arrived: Arrived) => void;
}

/** Takes a body. @param callId the header's id, or a new one. */
export type Take = (body: Buffer, callId: string) => ReturnType<Judge>;

export type Post = (request: IncomingMessage, response: ServerResponse, take: Take) => void;

export function createPost({ isCaller, requestId, onArrived }: PostOptions): Post {
  function refusalOf({ authorization, contentType, contentEncoding }: RequestHeaders): HttpRefusal | null {
    if (!isCaller(authorization)) return REFUSALS.unauthenticated;
    const isPlain = contentEncoding === null || contentEncoding.toLowerCase() === 'identity';
    return isPlain && isJson(contentType) ? null : REFUSALS.mediaType;
  }

  return (request, response, take) => {
    const at = performance.now();
    const headers = readHeaders(request.rawHeaders);
    const callId = requestId(headers.requestId);
    const refused = refusalOf(headers);
    if (refused !== null) {
      onArrived({ response, requestId: callId, at, judge: () => refusal(callId, refused) });
      return;
    }
    readBytes(request, MAX_BODY_BYTES, (body) => {
      const judge = () => (body === null ? refusal(callId, REFUSALS.tooLarge) : take(body, callId));
      onArrived({ response, requestId: callId, at, judge });
    });
  };
}
