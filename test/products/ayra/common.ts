// What Ayra's rows share: keys as its users ask for them, and the secret's parts.
import type { Answer } from '../harness.ts';

export const APP = { name: 'Production Web App', environment: 'live', scopes: ['agents:read'] };

export const authorization = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** The part of a secret that nobody can guess. */
export const randomOf = (secret: string): string => secret.slice(secret.lastIndexOf('_') + 1);

const DAY_MS = 86_400_000;
export const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

/** The messages of the warnings of one code. */
export const advice = ({ warnings = [] }: Answer, code: string): string[] =>
  warnings.filter((warning) => warning.code === code).map(({ message }) => message);
