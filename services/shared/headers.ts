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
