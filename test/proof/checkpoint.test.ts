// Signed checkpoints: what is signed, what a signature is worth without and with known keys, and what is refused.
import { Buffer } from 'node:buffer';
import { CompactSign, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { canonical, sha256 } from '../../events/canonical.ts';
import {
  checkpoint,
  checkpointDigest,
  jwksOf,
  publicJwk,
  signCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
} from '../../events/proof/checkpoint.ts';

const FIRST: Checkpoint = {
  id: 'checkpoint@1',
  number: 1,
  source: '/keyfold',
  time: '2026-01-01T00:00:00.000Z',
  count: 3,
  workspaces: 2,
  root: 'ab'.repeat(32),
  position: 'p1_0-3_1-0',
  previous: null,
};
const KEY = { id: 'k1', key: Buffer.alloc(32, 1) };
const OTHER = { id: 'k2', key: Buffer.alloc(32, 2) };

describe('a checkpoint', () => {
  it('is named by its number, and says what the one before was, unless it is the first', () => {
    const refused = [
      { ...FIRST, id: 'checkpoint@2' },
      { ...FIRST, previous: 'ab'.repeat(32) },
      { ...FIRST, id: 'checkpoint@2', number: 2 },
      { ...FIRST, position: '0-3' },
      { ...FIRST, root: FIRST.root.toUpperCase() },
      { ...FIRST, time: '2026-01-01T00:00:00Z' },
      { ...FIRST, more: 1 },
    ];
    expect(checkpoint.safeParse(FIRST).success).toBe(true);
    expect(refused.filter((each) => checkpoint.safeParse(each).success)).toEqual([]);
    expect(checkpointDigest(FIRST)).toBe(sha256(canonical(FIRST)));
  });

  it('has the public key of RFC 8032, test 1, for its seed', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const x = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    expect(publicJwk(seed)).toEqual({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') });
    expect(() => publicJwk(seed.subarray(1))).toThrow();
  });

  it('is signed as a compact JWS of its canonical form with the payload left out', async () => {
    const { signature } = await signCheckpoint({ checkpoint: FIRST, key: KEY });
    const jwk = publicJwk(KEY.key);
    const attached = await new CompactSign(Buffer.from(canonical(FIRST)))
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1', jwk })
      .sign(await importJWK({ ...jwk, d: KEY.key.toString('base64url') }, 'EdDSA'));
    expect(signature).toBe(attached.replace(/\.[^.]+\./, '..'));
    expect(JSON.parse(Buffer.from(signature.split('.')[0]!, 'base64url').toString())).toEqual({
      alg: 'EdDSA',
      kid: 'k1',
      jwk,
    });
  });

  it('is proved by its signature alone, and tied to somebody only by a key file that has kid and key', async () => {
    const signed = await signCheckpoint({ checkpoint: FIRST, key: KEY });
    expect(await verifyCheckpoint(signed)).toEqual({ ok: true, kid: 'k1', known: false });
    expect(await verifyCheckpoint(signed, jwksOf([OTHER, KEY]))).toEqual({ ok: true, kid: 'k1', known: true });
    for (const keys of [[], [OTHER], [{ id: 'k1', key: OTHER.key }], [{ id: 'k2', key: KEY.key }]]) {
      expect(await verifyCheckpoint(signed, jwksOf(keys))).toMatchObject({ ok: false });
    }
  });

  it('is refused with anything about it or its signature changed, down to the unused bits of a digit', async () => {
    const signed = await signCheckpoint({ checkpoint: FIRST, key: KEY });
    const [head = '', , sign = ''] = signed.signature.split('.');
    const forged = Buffer.from(JSON.stringify({ alg: 'none', kid: 'k1', jwk: publicJwk(KEY.key) }));
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = digits[digits.indexOf(sign.at(-1)!) + 1]!;
    const signatures = [
      `${head}.${sign}`,
      `${head}..${sign}=`,
      `${head}..${sign.slice(0, -1)}${last}`,
      `${head}..${sign.replace(/^./, (digit) => (digit === 'A' ? 'B' : 'A'))}`,
      `${head}.e30.${sign}`,
      `${head}..${sign}.`,
      `${forged.toString('base64url')}..`,
      `${forged.toString('base64url')}..${sign}`,
      `..${sign}`,
      '',
    ];
    for (const signature of signatures)
      expect(await verifyCheckpoint({ ...signed, signature }), signature).toMatchObject({ ok: false });
    const changed = { ...FIRST, count: 4 };
    expect(await verifyCheckpoint({ ...signed, checkpoint: changed })).toMatchObject({ ok: false });
  });
});
