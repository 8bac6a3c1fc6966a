// Texts that others have written, as they are: what would turn the order of their letters around is seen instead of done.

/** Embeddings, overrides and isolates of the bidirectional algorithm. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/gu;

export const legible = (text: string): string => text.replace(TURNING, '\uFFFD');
