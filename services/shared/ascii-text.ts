// ASCII text that grows: kept outside the heap, a byte a character, and written without a string being made of it.

export interface AsciiText {
  length(): number;
  /** @param text ASCII. */
  text(text: string): void;
  /** @param code of one character. */
  character(code: number): void;
  /** Its decimal digits. */
  integer(value: number): void;
  /** All of it, until it grows or is released. */
  bytes(): Buffer;
  /** Empties it, and leaves what held it to the next text: memory asked for anew outside the heap brings on garbage collections. */
  release(): void;
}

const FIRST_BYTES = 4096;
const ZERO = 0x30;
const MINUS = 0x2d;
/** Of any safe integer, with its sign. */
const MAX_DIGITS = 17;

const NONE = Buffer.alloc(0);
/** What texts have left, if it is large. */
const spare: Buffer[] = [];
const SPARE_BYTES = 64 * 1024;
const MAX_SPARE = 16;

/** At least so many bytes, with anything in them. */
function memory(least: number): Buffer {
  const last = spare.at(-1);
  if (last === undefined || last.length < least) return Buffer.allocUnsafeSlow(Math.max(least, FIRST_BYTES));
  spare.pop();
  return last;
}

export function createAsciiText(): AsciiText {
  let buffer: Buffer = NONE;
  let length = 0;

  function reserve(bytes: number): void {
    if (length + bytes <= buffer.length) return;
    const wider = memory(Math.max(buffer.length * 2, length + bytes));
    buffer.copy(wider, 0, 0, length);
    buffer = wider;
  }

  return {
    length: () => length,
    text: (text) => {
      reserve(text.length);
      for (let i = 0; i < text.length; i++) buffer[length++] = text.charCodeAt(i);
    },
    character: (code) => {
      reserve(1);
      buffer[length++] = code;
    },
    integer: (value) => {
      reserve(MAX_DIGITS);
      let rest = Math.abs(value);
      if (value < 0) buffer[length++] = MINUS;
      let end = length + 1;
      for (let more = rest; more >= 10; more = Math.floor(more / 10)) end++;
      for (let at = end - 1; at >= length; at--) {
        buffer[at] = ZERO + (rest % 10);
        rest = Math.floor(rest / 10);
      }
      length = end;
    },
    bytes: () => buffer.subarray(0, length),
    release: () => {
      if (buffer.length >= SPARE_BYTES && spare.length < MAX_SPARE) spare.push(buffer);
      buffer = NONE;
      length = 0;
    },
  };
}
