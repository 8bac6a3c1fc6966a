// Canaries: secrets whose every 12-character piece is looked for in all that a system says and stores, as they are and as
// hexadecimal or base64 text.

export const PIECE = 12;

export interface Hit {
  readonly canary: string;
  readonly where: string;
  readonly at: number;
}

export interface Canaries {
  /** From now on no piece of it may be found anywhere. Names are for reports: a hit must not show the secret. */
  add(name: string, secret: string): void;
  readonly size: number;
  /** Every place in which a piece of one is found. */
  scan(where: string, content: string | Uint8Array): Hit[];
}

export function createCanaries(): Canaries {
  const pieces = new Map<string, string>();
  const names = new Set<string>();
  const addText = (name: string, text: string): void => {
    for (let at = 0; at + PIECE <= text.length; at++) pieces.set(text.slice(at, at + PIECE), name);
  };
  return {
    get size() {
      return names.size;
    },
    add(name, secret) {
      if (secret.length < PIECE) throw new Error(`${name} is too short to be a canary`);
      names.add(name);
      addText(name, secret);
      const bytes = Buffer.from(secret, 'latin1');
      addText(`${name} in hexadecimal`, bytes.toString('hex'));
      // Wherever it begins within a group of three bytes; the first and last character depend on its neighbours.
      for (const skipped of [0, 1, 2]) {
        const aligned = bytes.subarray(skipped, skipped + Math.floor((bytes.length - skipped) / 3) * 3);
        addText(`${name} in base64`, aligned.toString('base64'));
        addText(`${name} in base64`, aligned.toString('base64url'));
      }
    },
    scan(where, content) {
      const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
      const hits: Hit[] = [];
      for (const { 0: run, index } of text.matchAll(/[\x21-\x7e]{12,}/g)) {
        for (let at = 0; at + PIECE <= run.length; at++) {
          const canary = pieces.get(run.slice(at, at + PIECE));
          if (canary !== undefined) hits.push({ canary, where, at: index + at });
        }
      }
      return hits;
    },
  };
}
