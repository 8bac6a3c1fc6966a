// What may be bound to an SQL statement: the one gate in front of libsql.
// Guarantees that whatever passes is stored exactly as given; all else is refused with the parameter's number.

/** A value that can be bound. A `Buffer` counts as the `Uint8Array` that it is; booleans, dates and objects do not pass. */
export type SqlValue = string | number | bigint | Uint8Array | null;

const QUOTED_OR_COMMENT = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** How many parameters a statement takes: `?` and `?1` only, as named ones could be missed without notice. */
export function countParameters(sql: string): number {
  const bare = sql.replace(QUOTED_OR_COMMENT, ' ');
  if (/[:@$][A-Za-z_]/.test(bare)) throw new TypeError('named SQL parameters are not supported: use ? or ?1');
  let highest = 0;
  for (const [, number] of bare.matchAll(/\?(\d*)/g)) {
    highest = number ? Math.max(highest, Number(number)) : highest + 1;
  }
  return highest;
}

/**
 * Checks parameters and gives them the form that libsql takes.
 *
 * libsql 0.5.29 aborts the process on a `Buffer`, boolean or `Date`, cuts text at a NUL, replaces lone surrogates,
 * stores every JavaScript number as REAL, and ignores a wrong number of parameters.
 *
 * @throws TypeError naming the parameter and the reason.
 */
export function bind(params: readonly SqlValue[], expected: number): SqlValue[] {
  if (params.length !== expected) {
    throw new TypeError(`the statement takes ${expected} SQL parameters, ${params.length} were given`);
  }
  return params.map((value, index) => bindOne(value, index + 1));
}

function bindOne(value: unknown, number: number): SqlValue {
  if (value === null) return null;
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new TypeError(`SQL parameter ${number}: text with a NUL character`);
    if (!value.isWellFormed()) throw new TypeError(`SQL parameter ${number}: text with a lone surrogate`);
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`SQL parameter ${number}: ${value} is not a finite number`);
    return Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw new TypeError(`SQL parameter ${number}: more than 64 bits`);
    return value;
  }
  if (value instanceof Uint8Array) {
    return value.constructor === Uint8Array ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new TypeError(`SQL parameter ${number}: a value of type ${typeName(value)} cannot be bound`);
}

function typeName(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : typeof value;
}
