// The small types that a key is made of.
import type { Actor as ActorShape } from '../events/ids.ts';
import type { RateLimit as RateLimitShape, Resources } from '../events/fields.ts';
import { Actor } from './actor.ts';
import { notOfPast } from './as-of.ts';
import { builder } from './builder.ts';

export const Owner = builder.objectRef<{ readonly id: string; readonly email: string | null }>('Owner').implement({
  fields: (t) => ({
    id: t.exposeString('id', { description: 'An opaque id of your directory.' }),
    email: t.exposeString('email', { nullable: true }),
  }),
});

export const ResourceAccess = builder.objectRef<Resources>('ResourceAccess').implement({
  fields: (t) => ({
    all: t.exposeBoolean('all'),
    ids: t.exposeStringList('ids', { description: 'The only ones, unless all are allowed.' }),
  }),
});

export const RateLimit = builder.objectRef<RateLimitShape>('RateLimit').implement({
  description: 'At most `limit` requests in any `windowSeconds` seconds.',
  fields: (t) => ({ limit: t.exposeInt('limit'), windowSeconds: t.exposeInt('windowSeconds') }),
});

export interface PreviousSecretShape {
  readonly retiresAt: string;
  /** Of a key that was read as of a time: what was done with the secret by then is not known. */
  readonly asOf: string | null;
  readonly lastUsedAt: string | null;
  readonly requestCount: number;
}

export const PreviousSecret = builder.objectRef<PreviousSecretShape>('PreviousSecret').implement({
  fields: (t) => ({
    retiresAt: t.expose('retiresAt', { type: 'DateTime' }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The last successful check with it since the current secret was made.',
      resolve: (secret) => notOfPast(secret, 'lastUsedAt').lastUsedAt,
    }),
    requestCount: t.float({
      description: 'Checks with it since the current secret was made.',
      resolve: (secret) => notOfPast(secret, 'requestCount').requestCount,
    }),
  }),
});

interface RevocationShape {
  readonly reason: string | null;
  readonly note: string | null;
  readonly at: string;
  readonly by: ActorShape;
  readonly workspaceId: string;
  readonly asOf: string | null;
}

export const Revocation = builder.objectRef<RevocationShape>('Revocation').implement({
  fields: (t) => ({
    reason: t.exposeString('reason', { nullable: true }),
    note: t.exposeString('note', { nullable: true }),
    at: t.expose('at', { type: 'DateTime' }),
    by: t.field({
      type: Actor,
      resolve: ({ by, workspaceId, asOf }) => ({ actor: by, workspaceIds: [workspaceId], asOf }),
    }),
  }),
});
