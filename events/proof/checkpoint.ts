// Checkpoints: what all heads were at a position of the log, as one root, signed (Ed25519, by jose).
// The public key lies in the signature's header, so that it can be checked alone; whose key it is, a key file tells.
import { isUtf8 } from 'node:buffer';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { FlattenedSign, flattenedVerify, importJWK } from 'jose';
import { z } from 'zod';
import { canonical, sha256 } from '../canonical.ts';
import * as fields from '../fields.ts';
import { decodePosition } from '../position.ts';
import { digest } from './workspaces.ts';

export const CHECKPOINT_SOURCE = '/keyfold';
export const checkpointId = (number: number): string => `checkpoint@${number}`;

export const checkpoint = z
  .strictObject({
    id: z.string(),
    number: z.int().min(1),
    source: z.literal(CHECKPOINT_SOURCE),
    /** When it was made. */
    time: fields.instant,
    /** Aggregates, `keyspaces` among them. */
    count: z.int().min(0),
    /** Subtrees: workspaces with keys, and one for `keyspaces`. */
    workspaces: z.int().min(0),
    /** Of the tree of workspaces. */
    root: digest,
    /** The token of all partitions: the heads are those of the log before it. */
    position: z.string().refine((token) => decodePosition(token) !== null, 'must be a position'),
    /** {@link checkpointDigest} of the one before; `null` for the first. */
    previous: digest.nullable(),
  })
  .refine(({ id, number }) => id === checkpointId(number), { path: ['id'], error: 'must be checkpoint@number' })
  .refine(({ previous, number }) => (previous === null) === (number === 1), {
    path: ['previous'],
    error: 'must be there for all but the first',
  });
export type Checkpoint = z.infer<typeof checkpoint>;

/** What is published, kept and handed on: one JSON object. */
export const signedCheckpoint = z.strictObject({ checkpoint, signature: z.string().max(2048) });
export type SignedCheckpoint = z.infer<typeof signedCheckpoint>;

/** A signing key: `id` becomes `kid`, `key` is the 32-byte seed of an Ed25519 key. */
export interface SigningKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const ALGORITHM = 'EdDSA';
const OKP = { crv: 'Ed25519', kty: 'OKP' } as const;

/** An Ed25519 key as a JWKS has it. */
export const publicKey = z.object({
  kty: z.literal(OKP.kty),
  crv: z.literal(OKP.crv),
  x: z.string().refine((x) => x.length === 43 && isBase64url(x), 'must be 32 bytes as base64url'),
});
export type PublicJwk = z.infer<typeof publicKey>;
const header = z.strictObject({ alg: z.literal(ALGORITHM), kid: z.string().min(1), jwk: publicKey.strict() });

/** A JWKS: keys of other kinds may be among them. */
export interface Jwks {
  readonly keys: readonly { readonly kid?: string | undefined; readonly x?: string | undefined }[];
}

/** PKCS #8 of an Ed25519 private key, up to its seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const privateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });

/** The public half of a seed. @throws if it is not of 32 bytes. */
export function publicJwk(seed: Uint8Array): PublicJwk {
  const { x } = createPublicKey(privateKey(seed)).export({ format: 'jwk' });
  return { ...OKP, x: String(x) };
}

/** The public halves as a JWKS: of the key that signs, and of those that have signed. */
export function jwksOf(keys: readonly SigningKey[]): {
  readonly keys: readonly (PublicJwk & { readonly kid: string; readonly alg: string; readonly use: string })[];
} {
  return { keys: keys.map(({ id, key }) => ({ ...publicJwk(key), kid: id, alg: ALGORITHM, use: 'sig' })) };
}

/** SHA-256 of the canonical form, in hexadecimal: what the next one names as `previous`. */
export function checkpointDigest(of: Checkpoint): string {
  return sha256(canonical(of));
}

/** Signs: a compact JWS whose payload, the canonical form, is left out (RFC 7515 appendix F). */
export async function signCheckpoint(options: {
  readonly checkpoint: Checkpoint;
  readonly key: SigningKey;
}): Promise<SignedCheckpoint> {
  const { key, checkpoint: signed } = options;
  const jws = await new FlattenedSign(Buffer.from(canonical(signed)))
    .setProtectedHeader({ alg: ALGORITHM, kid: key.id, jwk: publicJwk(key.key) })
    .sign(privateKey(key.key));
  return { checkpoint: signed, signature: `${String(jws.protected)}..${jws.signature}` };
}

export type Verified =
  | {
      readonly ok: true;
      readonly kid: string;
      /** Whether a JWKS was given that has the key. */ readonly known: boolean;
    }
  | { readonly ok: false; readonly problem: string };

/** Checks the signature; with `keys` also that one of them made it, by `kid` and by the key itself. */
export async function verifyCheckpoint(
  { checkpoint: signed, signature }: SignedCheckpoint,
  keys?: Jwks,
): Promise<Verified> {
  const [head = '', payload, sign = '', ...more] = signature.split('.');
  const read = header.safeParse(headerOf(head));
  if (payload !== '' || more.length > 0 || !isBase64url(sign) || !read.success)
    return { ok: false, problem: 'the signature is not an Ed25519 one with its key in the header' };
  const { kid, jwk } = read.data;
  const jws = { protected: head, payload: Buffer.from(canonical(signed)).toString('base64url'), signature: sign };
  try {
    await flattenedVerify(jws, await importJWK(jwk, ALGORITHM), { algorithms: [ALGORITHM] });
  } catch {
    return { ok: false, problem: 'the signature is not one of this checkpoint' };
  }
  if (keys && !keys.keys.some((key) => key.kid === kid && key.x === jwk.x))
    return { ok: false, problem: 'the signature was made with a key that is not among the known ones' };
  return { ok: true, kid, known: keys !== undefined };
}

/** Whether a text is base64url as it is written: decoders take others for the same bytes. */
function isBase64url(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text;
}

function headerOf(text: string): unknown {
  const bytes = Buffer.from(text, 'base64url');
  if (!isBase64url(text) || !isUtf8(bytes)) return null;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
