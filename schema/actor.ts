// Actor: who did something. A key among them is resolved only where the caller may see it.
import type { Actor as ActorShape } from '../events/ids.ts';
import { ApiKey } from './api-key.ts';
import { builder } from './builder.ts';
import { ActorKind } from './enums.ts';
import { LOADS } from './field-cost.ts';
import { keyRef } from './loaders.ts';

/** An actor and the workspaces that it may be a key of. */
export interface ActorIn {
  readonly actor: ActorShape;
  readonly workspaceIds: readonly string[];
  /** Of a key that was read as of a time: its actors are shown so, too. */
  readonly asOf?: string | null;
}

export const Actor = builder.objectRef<ActorIn>('Actor').implement({
  description: 'Who did it: a user of the identity provider, an API key, or Keyfold itself.',
  fields: (t) => ({
    kind: t.field({ type: ActorKind, resolve: ({ actor }) => actor.kind }),
    id: t.string({ resolve: ({ actor }) => actor.id }),
    key: t.field({
      type: ApiKey,
      nullable: true,
      extensions: LOADS,
      resolve: ({ actor, workspaceIds, asOf }) =>
        actor.kind === 'key' ? keyRef(workspaceIds, actor.id, asOf ?? null) : null,
    }),
  }),
});
