// Text for people: aligned fields, tables, and user text that cannot steer a terminal.

const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u001f]/g;
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** User text with control, bidi and zero-width characters written out. */
export function visible(text: string): string {
  return text.replace(CONTROLS, escaped).replace(UNSAFE, escaped);
}

/** JSON with the same characters escaped: it means the same, and cannot steer a terminal either. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE, escaped);
}

/** `name   value` lines; a shell can take one by its first word. Absent values are left out. */
export function fieldLines(fields: Readonly<Record<string, string | null | undefined>>): string[] {
  const present = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] != null);
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${visible(value)}`);
}

/** Columns aligned under their titles. */
export function tableLines(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [titles, ...rows.map((row) => row.map(visible))];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `KEY_ID='…'` lines for `eval`; values are quoted whatever they hold. */
export function shellLines(variables: Readonly<Record<string, string | null | undefined>>): string[] {
  return Object.entries(variables)
    .filter((entry): entry is [string, string] => entry[1] != null)
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'`);
}

/** One line of CSV (RFC 4180). A text that a spreadsheet would calculate is told to it as text. */
export function csvLine(values: readonly string[]): string {
  return values
    .map((value) => visible(/^[=+\-@]/.test(value) ? `'${value}` : value))
    .map((value) => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
    .join(',');
}

/** `a, b, c`, or `—` for none. */
export function listText(values: readonly string[]): string {
  return values.length > 0 ? values.join(', ') : '—';
}
