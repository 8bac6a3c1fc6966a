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

/** The one value of a header; `null` when it is absent or was sent more than once. */
export function onlyHeader(rawHeaders: readonly string[], name: string): string | null {
  const values = headerValues(rawHeaders, name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

/**
 * Makes the function that finds several headers in one pass: their values in the order of `names`, each `null` when it is
 * absent, `''` when it was sent more than once.
 *
 * @param names in lower case, none twice.
 */
export function createHeaderReader(
  names: readonly string[],
): (rawHeaders: readonly string[]) => readonly (string | null)[] {
  const places = new Map(names.map((name, place) => [name, place]));
  const isLength: boolean[] = Array.from(
    { length: 1 + Math.max(0, ...names.map(({ length }) => length)) },
    (_, length) => names.some((name) => name.length === length),
  );
  const none = names.map((): string | null => null);
  return (rawHeaders) => {
    const values = none.slice();
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const name = rawHeaders[i] ?? '';
      if (isLength[name.length] !== true) continue;
      const place = places.get(name.toLowerCase());
      if (place !== undefined) values[place] = values[place] === null ? (rawHeaders[i + 1] ?? '') : '';
    }
    return values;
  };
}

const BEARER = /^bearer +(\S+)$/i;

/** What stands behind the word Bearer (RFC 6750, 2.1); `null`: it is of another scheme. */
export function bearerOf(value: string): string | null {
  return BEARER.exec(value)?.[1] ?? null;
}
