// Sealing: personal parts under each aggregate's own data key, data keys under a key from the settings (AES-256-GCM).
// Whoever destroys an aggregate's data key has forgotten the personal parts of its events for ever; the chain still holds.
import { createCipheriv, createDecipheriv } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const DATA_KEY_BYTES = 32;

type RandomBytes = (size: number) => Uint8Array;

/** A key that wraps data keys; newest first, so that it can be rotated. */
export interface SealingKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** A data key as it is stored: wrapped, with the id of the key that opens it. */
export interface WrappedKey {
  readonly sealingKeyId: string;
  /** base64 of nonce ‖ ciphertext ‖ tag. */
  readonly wrapped: string;
}

/** base64 of nonce ‖ ciphertext ‖ tag; `context` must be the same when it is opened. */
export function seal(plain: Uint8Array, key: Uint8Array, context: string, randomBytes: RandomBytes): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Opens {@link seal}; throws when the key, the context or a single bit is another. */
export function open(sealed: string, key: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.toString('base64') !== sealed) throw new TypeError('not base64 as it was written');
  const tag = bytes.subarray(-TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(tag);
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

export function wrapKey(dataKey: Uint8Array, dataKeyId: string, by: SealingKey, randomBytes: RandomBytes): WrappedKey {
  return { sealingKeyId: by.id, wrapped: seal(dataKey, by.key, dataKeyId, randomBytes) };
}

/** Opens a wrapped data key with the sealing key that it names; throws {@link MissingSealingKeyError} without it. */
export function unwrapKey(stored: WrappedKey, dataKeyId: string, keys: readonly SealingKey[]): Buffer {
  const by = keys.find((key) => key.id === stored.sealingKeyId);
  if (!by)
    throw new MissingSealingKeyError(`sealing key "${stored.sealingKeyId}" is missing: add it to KEYFOLD_SEALING_KEYS`);
  return open(stored.wrapped, by.key, dataKeyId);
}

/** A data key is wrapped by a sealing key that the settings no longer hold. */
export class MissingSealingKeyError extends Error {
  readonly code = 'MISSING_SEALING_KEY';
}
