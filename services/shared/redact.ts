// Redaction: texts of a call as they may lie in the request log. Whatever may be a credential is taken out: as many digits
// in a row as a key ends in, whatever stands around them, and tokens (JWT); percent-encoded, too.
import { unescape } from 'node:querystring';

export const REDACTED = '[redacted]';

/** As much of a key's 36 digits is taken out, too, since its checksum completes them; ids of 27 (KSUID, ULID) are not. */
const KEY_DIGITS = 28;
const MIN_TOKEN_LENGTH = 20;
/** Every JSON object in base64url begins with `eyJ`. */
const CREDENTIAL = new RegExp(`eyJ[\\w.-]{${MIN_TOKEN_LENGTH},}|[0-9A-Za-z]{${KEY_DIGITS},}`, 'g');
/** Our request ids, UUIDs, SHA-1, -256, -512, as things are named by; that a key's digits are all of these, one in 10^15 is. */
const DIGEST = /^(?:[0-9a-f]{30}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;

const isCredential = (found: string): boolean => !DIGEST.test(found);

/** Whether something in a text may be a credential. */
export const holdsCredential = (text: string): boolean => text.match(CREDENTIAL)?.some(isCredential) === true;

const TOKEN_START = 'eyJ';
const PERCENT = 0x25;
/** By char code: 1 for base62 digits. */
const DIGIT = new Uint8Array(128);
for (const digit of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz') DIGIT[digit.charCodeAt(0)] = 1;

/** Whether a closer look is needed, in one pass: hardly ever. */
function isSuspect(text: string): boolean {
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === PERCENT) return true;
    run = DIGIT[code] === 1 ? run + 1 : 0;
    if (run === KEY_DIGITS) return true;
  }
  return text.includes(TOKEN_START);
}

/** The text without credentials, well-formed, U+FFFD in place of NUL, and at most `max` UTF-16 code units long. */
export function redact(text: string, max: number): string {
  return clip(text.length >= MIN_TOKEN_LENGTH && isSuspect(text) ? withoutCredentials(text) : text, max);
}

function withoutCredentials(text: string): string {
  const rest = text.replace(CREDENTIAL, (found) => (isCredential(found) ? REDACTED : found));
  return rest.includes('%') && holdsCredential(unescape(rest)) ? REDACTED : rest;
}

/** After redaction: a cut must not leave the beginning of a key. What no store keeps never reads as something else that was asked. */
function clip(text: string, max: number): string {
  const cut = text.length > max ? text.slice(0, max) : text;
  return (cut.includes('\u0000') ? cut.replaceAll('\u0000', '\ufffd') : cut).toWellFormed();
}
