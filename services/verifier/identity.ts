// Identity headers: what a gateway hands on to the service behind it. All of them are in every answer that lets a request
// pass, empty where there is nothing to say, so that none that the client sent is left in place.
import { characters, consistsOf } from './characters.ts';
import type { KeyRecord } from './found-key.ts';
import type { FlatHeaders } from './responses.ts';

const NOT_PLAIN = /[^\x21-\x24\x26-\x7e]+/g;
/** What nearly every id is made of. */
const PLAIN = characters('!', '~', '%');

/**
 * A text as a header's value: printable ASCII stays; all else, spaces and `%` too, is percent-encoded as UTF-8, so that
 * `decodeURIComponent` gives the text back.
 */
export const headerText = (text: string): string =>
  consistsOf(text, PLAIN) ? text : text.replace(NOT_PLAIN, encodeURIComponent);

/**
 * - `X-Keyfold-Key-Id`, `X-Keyfold-Workspace`
 * - `X-Keyfold-Scopes`: the key's own, as they were given, separated by spaces; empty for an unrestricted key
 * - `X-Keyfold-Owner`: the opaque id, as {@link headerText}
 * - `X-Keyfold-Environment`
 * - `X-Keyfold-Request-Id`
 */
export function identityHeaders(record: KeyRecord, requestId: string): FlatHeaders {
  return [
    'x-keyfold-key-id',
    record.keyId,
    'x-keyfold-workspace',
    record.workspaceId,
    'x-keyfold-scopes',
    record.policy.content.scopes.join(' '),
    'x-keyfold-owner',
    record.ownerId === null ? '' : headerText(record.ownerId),
    'x-keyfold-environment',
    record.policy.environment ?? '',
    'x-keyfold-request-id',
    requestId,
  ];
}
