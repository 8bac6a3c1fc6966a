// Global ids: base64url of `Type:id`. One text per object, and nothing but that text is read back, so that a malformed id
// is answered like a random one.
/** Types that `node` can find. */
export const NODE_TYPES = ['ApiKey', 'Keyspace', 'Request', 'Workspace'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

const MAX_LENGTH = 512;

/** The id of an object; `encodeGlobalId('ApiKey', 'key_…')` is what `ApiKey.id` answers. */
export function encodeGlobalId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}

/** Reads {@link encodeGlobalId}; `null` for anything that it would not have written for a node. */
export function decodeGlobalId(globalId: string): { readonly typename: NodeType; readonly id: string } | null {
  if (globalId.length > MAX_LENGTH) return null;
  const text = Buffer.from(globalId, 'base64url').toString();
  const typename = NODE_TYPES.find((type) => text.startsWith(`${type}:`));
  if (typename === undefined) return null;
  const id = text.slice(typename.length + 1);
  return encodeGlobalId(typename, id) === globalId ? { typename, id } : null;
}

/** The id of a key out of its global id; `null` for any other text. */
export function decodeKeyId(globalId: string): string | null {
  const decoded = decodeGlobalId(globalId);
  return decoded?.typename === 'ApiKey' ? decoded.id : null;
}
