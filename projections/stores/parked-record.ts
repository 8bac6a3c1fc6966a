// A parked record as it is stored: its bytes and status by themselves, the rest as JSON text, since its key, headers and
// reason may hold any characters whatever, NUL and lone surrogates too.
import type { ParkedRow } from '../rows.ts';
import { readStored, type Damaged } from './stored-json.ts';

type ParkedText = Omit<ParkedRow, 'value' | 'status'>;

export function toParkedText({ position, aggregateId, key, headers, digest, reason, time }: ParkedRow): string {
  const text: ParkedText = { position, aggregateId, key, headers, digest, reason, time };
  return JSON.stringify(text);
}

export const fromParkedText = (text: string, damaged: Damaged): ParkedText =>
  readStored<ParkedText>(text, ['position', 'digest'], 'the parked records', damaged);
