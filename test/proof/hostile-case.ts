// A case of the table of hostile bundles, and what most of them do to a forged one.
import { JWK, type Forgery } from './forged.ts';
import type { Members } from './tamper.ts';

/** The line at which it is tampered with, or that it is not. */
export type Is = number | 'intact' | 'untold';
export type Cases = readonly (readonly [
  what: string,
  is: Is,
  how: Forgery | ((lines: readonly string[]) => string | Buffer),
])[];

export const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
export const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
export const object = (json: string): Members => JSON.parse(json) as Members;
/** `data` written so, and hashed as it is written. */
export const data = (json: string): Forgery => ({ data: json });
export const event = (from: string | RegExp, to: string) => (all: readonly string[]) =>
  lines(all[0]!.replace(from, to), all[1]!);
export const checkpoint = (from: string | RegExp, to: string) => (all: readonly string[]) =>
  lines(all[0]!, all[1]!.replace(from, to));
export const only = (text: string | Buffer) => () => text;
export const bytes = (hex: string) => (all: readonly string[]) =>
  Buffer.concat([Buffer.from(all[0]!), Buffer.from(hex, 'hex'), Buffer.from(`\n${all[1]!}\n`)]);
export const withName = (hex: string) => (all: readonly string[]) => {
  const [before = '', after = ''] = lines(...all).split('user:u-1');
  return Buffer.concat([Buffer.from(`${before}user:`), Buffer.from(hex, 'hex'), Buffer.from(after)]);
};
export const header = (more: object): Forgery => ({ header: { alg: 'EdDSA', kid: 'mine', jwk: JWK, ...more } });
export const rawHeader = (text: string | Buffer): Forgery => ({
  header: typeof text === 'string' ? Buffer.from(text) : text,
});
export const written = JSON.stringify({ alg: 'EdDSA', kid: 'mine', jwk: JWK });
export const at = (time: string): Forgery => ({ event: { time }, checkpoint: { time: '9999-12-31T23:59:59.999Z' } });
export const position = (token: string): Forgery => ({ checkpoint: { position: token } });
