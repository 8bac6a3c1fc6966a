// Raw headers: read as they came over the wire, so that a name sent twice is seen twice.
// `req.headers` joins some duplicates and drops others, which hides a second credential.

/**
 * All values of a header, in order.
 *
 * @param rawHeaders `req.rawHeaders`: name, value, name, value, …
 * @param name in lower case.
 */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/** Whether a header is there. @param name in lower case. */
export function hasHeader(rawHeaders: readonly string[], name: string): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) return true;
  }
  return false;
}

/** The one value of a header; `null` when it is absent or was sent more than once. */
export function onlyHeader(rawHeaders: readonly string[], name: string): string | null {
  const values = headerValues(rawHeaders, name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

const NO_NAMES: readonly { readonly name: string; readonly place: number }[] = [];

/**
 * Makes the function that finds several headers in one pass: their values in the order of `names`, each `null` when it is
 * absent, `''` when it was sent more than once.
 *
 * @param names in lower case, none twice.
 */
export function createHeaderReader(
  names: readonly string[],
): (rawHeaders: readonly string[]) => readonly (string | null)[] {
  // Comparing a header with the few names of its length costs less than hashing it.
  const all = names.map((name, place) => ({ name, place }));
  const ofLength = Array.from({ length: 1 + Math.max(0, ...names.map(({ length }) => length)) }, (_, length) =>
    all.filter(({ name }) => name.length === length),
  );
  const none = names.map((): string | null => null);
  return (rawHeaders) => {
    const values = none.slice();
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const sent = rawHeaders[i] ?? '';
      for (const { name, place } of ofLength[sent.length] ?? NO_NAMES) {
        if (sent !== name && sent.toLowerCase() !== name) continue;
        values[place] = values[place] === null ? (rawHeaders[i + 1] ?? '') : '';
        break;
      }
    }
    return values;
  };
}

const BEARER = /^bearer +(\S+)$/i;

const BEARER_START = 'Bearer ';
const FIRST_VISIBLE = 0x21;
const LAST_VISIBLE = 0x7e;

function isVisible(text: string, from: number): boolean {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < FIRST_VISIBLE || code > LAST_VISIBLE) return false;
  }
  return text.length > from;
}

/** What stands behind the word Bearer (RFC 6750, 2.1); `null`: it is of another scheme. */
export function bearerOf(value: string): string | null {
  // As nearly everybody sends it: a pattern costs as much as all other headers.
  if (value.startsWith(BEARER_START) && isVisible(value, BEARER_START.length)) return value.slice(BEARER_START.length);
  return BEARER.exec(value)?.[1] ?? null;
}
