// A key as a test has made it, with what is known of it only then: its secret, and where its page is.
import { globalId, payload, type Api } from '../support/api.ts';

export interface MadeKey {
  readonly keyId: string;
  /** Global. */
  readonly id: string;
  readonly secret: string;
  /** Of its page. */
  readonly path: string;
}

/** In the workspace `demo`. */
export async function makeKey(api: Api, input: Readonly<Record<string, unknown>>): Promise<MadeKey> {
  const { key, secret } = payload(await api.settle('createKey', { workspaceId: 'demo', ...input }));
  if (!key || secret == null) throw new Error('no key was made');
  const id = globalId(key.keyId);
  return { keyId: key.keyId, id, secret, path: `/w/demo/keys/${encodeURIComponent(id)}` };
}
