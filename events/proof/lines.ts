// Lines of bytes: a stream cut at its line feeds and nowhere else. No line is held that is longer than any of a bundle.
const LINE_FEED = 10;
/** What names a version for each of millions of keys is still shorter. */
export const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** Bytes between two line feeds; what follows the last one is a line if it is anything. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes = MAX_LINE_BYTES,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  const hold = (part: Uint8Array): void => {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw new LineTooLongError(maxBytes);
    if (part.byteLength > 0) held.push(part);
  };
  const take = (): Uint8Array => {
    const [only] = held;
    const line = only && held.length === 1 ? only : Buffer.concat(held);
    held = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      hold(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    hold(chunk.subarray(start));
  }
  if (bytes > 0) yield take();
}

/** What is read has no lines, or none of a bundle. */
export class LineTooLongError extends Error {
  readonly code = 'LINE_TOO_LONG';

  constructor(maxBytes: number) {
    super(`a line is longer than ${maxBytes} bytes`);
  }
}
