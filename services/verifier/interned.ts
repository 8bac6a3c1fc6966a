// Interned texts: each is held once, under a number, for as long as somebody uses it.

/** Shares of one look-up: a Map of very many texts would stop the process while it grows. */
const SHARES = 64;

export interface Interned {
  /** The number of a text; to be given back by {@link Interned.release}, once for each time. */
  acquire(text: string): number;
  release(number: number): void;
  text(number: number): string;
  /** Distinct texts in use. */
  readonly size: number;
  /** As it is now. */
  image(): InternedImage;
}

/** Texts by their numbers, and how many use each; 0: the number is free. */
export interface InternedImage {
  readonly texts: readonly string[];
  readonly users: readonly number[];
}

const shareOf = (text: string): number =>
  (Math.imul(text.charCodeAt(text.length - 1) | 0, 31) + text.charCodeAt(text.length - 2)) & (SHARES - 1);

/** @param image to go on from. */
export function createInterned(image: InternedImage = { texts: [], users: [] }): Interned {
  const numbers = Array.from({ length: SHARES }, () => new Map<string, number>());
  const texts: string[] = [...image.texts];
  const users: number[] = [...image.users];
  const free: number[] = [];
  const mapOf = (text: string): Map<string, number> => numbers[shareOf(text)] ?? new Map<string, number>();
  for (const [number, text] of texts.entries()) {
    if (users[number] === 0) free.push(number);
    else mapOf(text).set(text, number);
  }

  function textOf(number: number): string {
    const text = texts[number];
    if (text === undefined) throw new RangeError(`there is no text ${number}`);
    return text;
  }

  return {
    acquire: (text) => {
      const known = mapOf(text);
      let number = known.get(text);
      if (number === undefined) {
        number = free.pop() ?? texts.length;
        texts[number] = text;
        users[number] = 0;
        known.set(text, number);
      }
      users[number] = (users[number] ?? 0) + 1;
      return number;
    },
    release: (number) => {
      const text = textOf(number);
      users[number] = (users[number] ?? 0) - 1;
      if (users[number] !== 0) return;
      mapOf(text).delete(text);
      texts[number] = '';
      free.push(number);
    },
    text: textOf,
    get size() {
      return texts.length - free.length;
    },
    image: () => ({ texts: [...texts], users: [...users] }),
  };
}
