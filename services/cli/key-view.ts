// A key as the commands show it: the members that lines and tables are made of.
import { z } from 'zod';
import { fieldLines, listText, tableLines } from './format.ts';

const actor = z.looseObject({ kind: z.string(), id: z.string() });

export const keyView = z.looseObject({
  keyId: z.string(),
  workspaceId: z.string(),
  keyspace: z.looseObject({ slug: z.string() }),
  version: z.number(),
  name: z.string(),
  description: z.string().nullable(),
  owner: z.looseObject({ id: z.string(), email: z.string().nullable() }).nullable(),
  tags: z.array(z.string()),
  metadata: z.unknown(),
  type: z.string(),
  environment: z.string().nullable(),
  preview: z.string(),
  status: z.string(),
  quarantined: z.boolean(),
  scopes: z.array(z.string()),
  unrestricted: z.boolean(),
  resources: z.looseObject({ all: z.boolean(), ids: z.array(z.string()) }),
  flags: z.array(z.string()),
  origins: z.array(z.string()),
  ipRanges: z.array(z.string()),
  rateLimit: z.looseObject({ limit: z.number(), windowSeconds: z.number() }).nullable(),
  createdAt: z.string(),
  createdBy: actor,
  expiresAt: z.string().nullable(),
  lastRotatedAt: z.string().nullable(),
  predecessor: z.looseObject({ keyId: z.string() }).nullable(),
  previousSecret: z.looseObject({ retiresAt: z.string() }).nullable(),
  revocation: z.looseObject({ reason: z.string().nullable(), note: z.string().nullable(), at: z.string() }).nullable(),
});
export type KeyView = z.infer<typeof keyView>;

const some = (values: readonly string[]): string | null => (values.length > 0 ? listText(values) : null);

/** Everything that is set. */
export function keyLines(key: KeyView): string[] {
  return fieldLines({
    key: key.keyId,
    name: key.name,
    workspace: key.workspaceId,
    keyspace: key.keyspace.slug,
    status: key.quarantined ? `${key.status} (quarantined)` : key.status,
    version: String(key.version),
    type: key.type,
    environment: key.environment,
    preview: key.preview,
    scopes: key.unrestricted ? 'unrestricted' : listText(key.scopes),
    resources: key.resources.all ? 'all' : listText(key.resources.ids),
    flags: some(key.flags),
    origins: some(key.origins),
    'ip-ranges': some(key.ipRanges),
    'rate-limit': key.rateLimit && `${key.rateLimit.limit} in ${key.rateLimit.windowSeconds} s`,
    description: key.description,
    owner: key.owner && [key.owner.id, key.owner.email].filter((part) => part !== null).join(' '),
    tags: some(key.tags),
    metadata: key.metadata == null ? null : JSON.stringify(key.metadata),
    created: `${key.createdAt} by ${key.createdBy.kind.toLowerCase()}:${key.createdBy.id}`,
    expires: key.expiresAt,
    rotated: key.lastRotatedAt,
    'old-secret-until': key.previousSecret?.retiresAt,
    predecessor: key.predecessor?.keyId,
    revoked:
      key.revocation &&
      [key.revocation.at, key.revocation.reason, key.revocation.note].filter((part) => part !== null).join(' '),
  });
}

export function keyTable(keys: readonly KeyView[]): string[] {
  return tableLines(
    ['KEY', 'NAME', 'STATUS', 'SCOPES', 'PREVIEW', 'EXPIRES'],
    keys.map((key) => [
      key.keyId,
      key.name,
      key.quarantined ? 'QUARANTINED' : key.status,
      key.unrestricted ? 'unrestricted' : listText(key.scopes),
      key.preview,
      key.expiresAt ?? '—',
    ]),
  );
}
