// The headers that a check reads, found in one pass over the raw ones, so that a header sent twice is seen twice.

export interface RequestHeaders {
  /** Each `null` when it is absent, `''` when it was sent more than once. */
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly authorization: string | null;
  readonly requestId: string | null;
}

/** @param rawHeaders `req.rawHeaders`: name, value, name, value, … */
export function readHeaders(rawHeaders: readonly string[]): RequestHeaders {
  let contentType: string | null = null;
  let contentEncoding: string | null = null;
  let authorization: string | null = null;
  let requestId: string | null = null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    // Only names of these lengths are looked at.
    if (name.length !== 12 && name.length !== 13 && name.length !== 16) continue;
    const value = rawHeaders[i + 1] ?? '';
    switch (name.toLowerCase()) {
      case 'content-type':
        contentType = contentType === null ? value : '';
        break;
      case 'x-request-id':
        requestId = requestId === null ? value : '';
        break;
      case 'authorization':
        authorization = authorization === null ? value : '';
        break;
      case 'content-encoding':
        contentEncoding = contentEncoding === null ? value : '';
        break;
    }
  }
  return { contentType, contentEncoding, authorization, requestId };
}
