// Characters: whether a text consists of certain ASCII characters alone, told at a tenth of what a pattern costs.

/** By char code: 1 where a character is one of them. */
export type Characters = Uint8Array;

/** @param except those of the range that are none of them. */
export function characters(first: string, last: string, except: string): Characters {
  const table = new Uint8Array(128);
  table.fill(1, first.charCodeAt(0), last.charCodeAt(0) + 1);
  for (const character of except) table[character.charCodeAt(0)] = 0;
  return table;
}

export function consistsOf(text: string, allowed: Characters): boolean {
  // A code beyond ASCII reads past the table: undefined is not 1.
  for (let i = 0; i < text.length; i++) if (allowed[text.charCodeAt(i)] !== 1) return false;
  return true;
}
