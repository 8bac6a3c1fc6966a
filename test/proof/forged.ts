// Bundles of one event by somebody who has a signing key of their own, so that nothing but the form of what they write can be
// wrong: line 1 is the event's, line 2 the checkpoint's.
import { createPrivateKey, sign } from 'node:crypto';
import { canonical, sha256 } from '../../events/canonical.ts';
import { commitment, type Salted } from '../../events/chain.ts';
import { publicJwk, type Checkpoint } from '../../events/proof/checkpoint.ts';
import { leafOf, merkleRoot, type Head } from '../../events/proof/tree.ts';
import { workspaceTree } from '../../events/proof/workspaces.ts';
import type { Members } from './tamper.ts';

const SEED = Buffer.alloc(32, 7);
export const JWK = publicJwk(SEED);
const PRIVATE = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
  format: 'der',
  type: 'pkcs8',
});
export const KEY = 'key_0000000000000000000001';

export const baseEvent = (): Members => ({
  ...{ id: `${KEY}@1`, source: '/keyfold', type: 'keyfold.KeyCreated.v1', subject: KEY, version: 1 },
  ...{ time: '2026-01-01T00:00:00.000Z', dataschema: 'urn:keyfold:schema:KeyCreated.v1', workspaceid: 'acme' },
  ...{ commandid: 'c-1', requestid: 'r-1', actor: 'user:u-1', keyspaceversion: 1, datakeyid: `${KEY}.1` },
  ...{ personaldigest: 'ab'.repeat(32), privatedigest: 'cd'.repeat(32), prev: '0'.repeat(64), hash: '', data: {} },
  personal: { name: 'Ada', salt: 'A'.repeat(22) },
});

export interface Forgery {
  /** The event's data, written and hashed so, whatever it means. */
  readonly data?: string;
  /** Members of the event that are other than usual; hashed and signed as they are. */
  readonly event?: Members;
  readonly checkpoint?: Readonly<Record<string, unknown>>;
  /** The header of the signature, as bytes or to be written as JSON. */
  readonly header?: unknown;
  readonly signature?: (signature: string) => string;
  /** The workspace's proof is in it, changed so. */
  readonly workspace?: Members;
}

/** The two lines, without their line feeds. */
export function forge({
  data = '{}',
  event = {},
  checkpoint = {},
  header,
  signature = (same) => same,
  workspace,
}: Forgery): string[] {
  const written = { ...baseEvent(), ...event };
  const { personal, ...covered } = written;
  Reflect.deleteProperty(covered, 'hash');
  if (typeof (personal as Members | null | undefined)?.salt === 'string')
    covered.personaldigest = written.personaldigest = commitment(personal as unknown as Salted<object>);
  const withData = (json: string): string => json.replace('"data":{}', () => `"data":${data}`);
  written.hash = sha256(withData(canonical(covered)));
  const { subject: key = '', version = 0, hash: head } = written;
  const leaf = leafOf({ key, version, head } as unknown as Head);
  const subtree = { id: 'acme', count: 1, root: merkleRoot([leaf]).toString('hex') };
  const tree = workspaceTree([subtree]);
  const said: Checkpoint = {
    ...{ id: 'checkpoint@1', number: 1, source: '/keyfold', time: '2026-01-02T00:00:00.000Z', count: 1 },
    ...{ workspaces: tree.size, root: tree.root, position: 'p1_0-1', previous: null, ...checkpoint },
  };
  const proof = workspace && { workspace: { ...tree.prove('acme'), ...workspace } };
  return [
    withData(canonical({ event: written })),
    canonical({ checkpoint: said, signature: signature(signed(said, header)), ...proof }),
  ];
}

function signed(checkpoint: unknown, header: unknown = { alg: 'EdDSA', kid: 'mine', jwk: JWK }): string {
  const bytes = Buffer.isBuffer(header) ? header : Buffer.from(JSON.stringify(header));
  const head = bytes.toString('base64url');
  const payload = Buffer.from(canonical(checkpoint)).toString('base64url');
  return `${head}..${sign(null, Buffer.from(`${head}.${payload}`), PRIVATE).toString('base64url')}`;
}

/** Of a checkpoint by the point of order one: such a signature is anybody's. */
export function ofNobody(): Pick<Forgery, 'signature'> {
  const one = Buffer.alloc(32);
  one[0] = 1;
  const jwk = { ...JWK, x: one.toString('base64url') };
  const head = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid: 'nobody', jwk })).toString('base64url');
  return { signature: () => `${head}..${Buffer.concat([one, Buffer.alloc(32)]).toString('base64url')}` };
}
