// Viewer: who asks, and where they have which role.
import type { Role } from '../events/keyspaces/profile.ts';
import { Actor } from './actor.ts';
import { builder } from './builder.ts';
import type { Caller } from './context.ts';
import { WorkspaceRole } from './enums.ts';
import { Workspace } from './workspace.ts';

const WorkspaceAccess = builder
  .objectRef<{ readonly workspaceId: string; readonly role: Role }>('WorkspaceAccess')
  .implement({
    fields: (t) => ({
      workspace: t.field({ type: Workspace, resolve: ({ workspaceId }) => ({ workspaceId }) }),
      role: t.expose('role', { type: WorkspaceRole }),
    }),
  });

export const Viewer = builder.objectRef<Caller>('Viewer').implement({
  description: 'The caller.',
  fields: (t) => ({
    actor: t.field({
      description: 'As events name this caller.',
      type: Actor,
      resolve: ({ actor, workspaces }) => ({ actor, workspaceIds: [...workspaces.keys()] }),
    }),
    workspaces: t.field({
      type: [WorkspaceAccess],
      resolve: ({ workspaces }) => [...workspaces].map(([workspaceId, role]) => ({ workspaceId, role })),
    }),
    operator: t.exposeBoolean('operator', { description: 'Of the whole installation.' }),
  }),
});
