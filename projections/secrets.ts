// The secret index: verification hash → key. Rows are only ever added; which hashes are good is in the key (V3).
import type { AnyEvent } from '../events/catalogue.ts';
import type { SecretRow } from './rows.ts';

/** The row that an accepted event adds; `null` if it brings no secret. */
export function secretRow(event: AnyEvent): SecretRow | null {
  if (event.type !== 'KeyCreated' && event.type !== 'KeyRegenerated') return null;
  return { hash: event.private.hash, keyId: event.attributes.subject };
}
