// Origins: whether a raw `Origin` header is one of a key's. Compared as text in lower case, never parsed as a URL
// (`new URL` reads https://app.example.com\@evil.com as another host); `null` is no origin.
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
const WILDCARD = '://*.';

/** The wildcard that stands for an origin, in lower case; `null`: none does. */
function wildcardFor(origin: string): string | null {
  const host = origin.indexOf('://') + 3;
  const dot = origin.indexOf('.', host);
  if (host < 3 || dot < 0 || !LABEL.test(origin.slice(host, dot))) return null;
  return `${origin.slice(0, host)}*${origin.slice(dot)}`;
}

/** Compiles a key's `origins`: exact ones, and ones whose first label is `*`, which stands for exactly one label. */
export function compileOrigins(origins: readonly string[]): (origin: string) => boolean {
  const exact = new Set(origins.filter((origin) => !origin.includes(WILDCARD)));
  const wildcards = new Set(origins.filter((origin) => origin.includes(WILDCARD)));
  return (header) => {
    // Before the case is lowered: U+212A, the Kelvin sign, would become a k.
    if (!PRINTABLE_ASCII.test(header)) return false;
    const origin = header.toLowerCase();
    if (exact.has(origin)) return true;
    if (wildcards.size === 0) return false;
    const wildcard = wildcardFor(origin);
    return wildcard !== null && wildcards.has(wildcard);
  };
}

/** The entries of `origins` by which {@link compileOrigins} lets an origin in: itself, and a wildcard; none for no origin. */
export function entriesFor(header: string): readonly string[] {
  if (!PRINTABLE_ASCII.test(header)) return [];
  const origin = header.toLowerCase();
  if (origin.includes(WILDCARD)) return [];
  const wildcard = wildcardFor(origin);
  return wildcard === null ? [origin] : [origin, wildcard];
}
