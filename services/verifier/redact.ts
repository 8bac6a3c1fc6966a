// Redaction: texts of a call as they may lie in the request log. Whatever may be a credential is taken out: as many digits
// in a row as a key ends in, whatever stands around them, and tokens (JWT); percent-encoded, too.
import { unescape } from 'node:querystring';
import { CHECKSUM_LENGTH, RANDOM_LENGTH } from '../../events/secret.ts';

export const REDACTED = '[redacted]';

const KEY_DIGITS = RANDOM_LENGTH + CHECKSUM_LENGTH;
const MIN_TOKEN_LENGTH = 20;
/** Every JSON object in base64url begins with `eyJ`. */
const CREDENTIAL = new RegExp(`eyJ[\\w.-]{${MIN_TOKEN_LENGTH},}|[0-9A-Za-z]{${KEY_DIGITS},}`, 'g');
/** SHA-1, -256, -512, as revisions and contents are named; that a key's digits are all of these, one in 10^15 is. */
const DIGEST = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;

const isCredential = (found: string): boolean => !DIGEST.test(found);

const mayHold = (text: string): boolean => text.match(CREDENTIAL)?.some(isCredential) === true;

/** The text without credentials, well-formed, without NUL, and at most `max` UTF-16 code units long. */
export function redact(text: string, max: number): string {
  return clip(text.length < MIN_TOKEN_LENGTH ? text : withoutCredentials(text), max);
}

function withoutCredentials(text: string): string {
  const rest = text.replace(CREDENTIAL, (found) => (isCredential(found) ? REDACTED : found));
  return rest.includes('%') && mayHold(unescape(rest)) ? REDACTED : rest;
}

/** After redaction: a cut must not leave the beginning of a key. */
function clip(text: string, max: number): string {
  const cut = text.length > max ? text.slice(0, max) : text;
  return (cut.includes('\u0000') ? cut.replaceAll('\u0000', '') : cut).toWellFormed();
}
