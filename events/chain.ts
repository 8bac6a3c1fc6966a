// The hash chain (E2): salted commitments to the parts that are not public, and the hash that covers all the rest.
// The chain of an aggregate can be checked from the public form alone, with every personal part erased.
import type { Attributes } from './catalogue.ts';
import { canonical, sha256 } from './canonical.ts';

/** `prev` of an aggregate's first event. */
export const GENESIS = '0'.repeat(64);

const SALT_BYTES = 16;

/** A part as it lies in the record: with the salt of its commitment, 16 random bytes as base64url. */
export type Salted<P> = P & { readonly salt: string };

export function withSalt<P extends object>(part: P, randomBytes: (size: number) => Uint8Array): Salted<P> {
  return { ...part, salt: Buffer.from(randomBytes(SALT_BYTES)).toString('base64url') };
}

/** SHA-256(salt ‖ canonical part), the part with its salt in it. */
export function commitment(part: Salted<object>): string {
  return sha256(Buffer.from(part.salt, 'base64url'), canonical(part));
}

/**
 * SHA-256 of the canonical form of all attributes but `hash`, and the public data.
 * Attributes are flat, well-formed strings and integers, so that JSON.stringify with their names in order gives their
 * canonical form, without those that are undefined; readers spend most of their time here.
 */
export function eventHash(attributes: Omit<Attributes, 'hash'>, data: unknown): string {
  const { actor, commandid, datakeyid, dataschema, id, keyspaceversion, personaldigest, prev } = attributes;
  const { privatedigest, requestid, source, subject, time, type, version, workspaceid } = attributes;
  const before = { actor, commandid } satisfies Partial<Attributes>;
  // One literal: spreads would cost more than all the rest.
  const after = {
    datakeyid,
    dataschema,
    id,
    keyspaceversion,
    personaldigest,
    prev,
    privatedigest,
    requestid,
    source,
    subject,
    time,
    type,
    version,
    workspaceid,
  } satisfies Record<Exclude<keyof Attributes, 'hash' | keyof typeof before>, unknown>;
  const [first, last] = [JSON.stringify(before), JSON.stringify(after)];
  return sha256(`${first.slice(0, -1)},"data":${canonical(data)},${last.slice(1)}`);
}
