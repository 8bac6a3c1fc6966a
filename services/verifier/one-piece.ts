// One piece: V8 holds a text that was put together as a tree of its parts, and walks it each time when the text becomes part
// of another. What answers are made of, again and again, is copied into one piece once.

/** The same text. @param ascii or Latin-1: other characters would come out as others. */
export const inOnePiece = (ascii: string): string => Buffer.from(ascii, 'latin1').toString('latin1');
