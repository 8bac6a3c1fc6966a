// Viewer: who asks, and what they are in which workspace.
import type { Standing } from '../events/key/standing.ts';
import { Actor } from './actor.ts';
import { builder } from './builder.ts';
import type { Caller } from './context.ts';
import { WorkspaceRole } from './enums.ts';
import { Workspace } from './workspace.ts';

const WorkspaceAccess = builder
  .objectRef<{ readonly workspaceId: string; readonly standing: Standing }>('WorkspaceAccess')
  .implement({
    fields: (t) => ({
      workspace: t.field({ type: Workspace, resolve: ({ workspaceId }) => ({ workspaceId }) }),
      role: t.field({
        type: WorkspaceRole,
        resolve: ({ standing }) => (typeof standing === 'string' ? standing : (`key:${standing.may}` as const)),
      }),
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
    email: t.exposeString('email', {
      nullable: true,
      description: 'As the sign-in or the token tells it: the address of an owner that a command does not name.',
    }),
    workspaces: t.field({
      type: [WorkspaceAccess],
      resolve: ({ workspaces }) => [...workspaces].map(([workspaceId, standing]) => ({ workspaceId, standing })),
    }),
    operator: t.exposeBoolean('operator', { description: 'Of the whole installation.' }),
  }),
});
