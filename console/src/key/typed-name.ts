// Whether somebody has typed a name: as a page shows it and a keyboard can write it. White space is one space, as it looks;
// characters that cannot be seen are left out.

const legible = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(/\p{C}|\uFFFD/gu, '')
    .replace(/ +/g, ' ')
    .trim();

export const isNameTyped = (typed: string, name: string): boolean => legible(typed) === legible(name);
