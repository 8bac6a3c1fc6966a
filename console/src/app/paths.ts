// Addresses of pages: made here alone, and read by the routes of ./routes.tsx.
const segment = encodeURIComponent;

export const paths = {
  home: '/',
  keys: (workspace: string, keyspace: string) => `/w/${segment(workspace)}/${segment(keyspace)}`,
  /** @param action that is to be done there. */
  key: (workspace: string, id: string, action?: string) =>
    `/w/${segment(workspace)}/keys/${segment(id)}${action === undefined ? '' : `?action=${segment(action)}`}`,
  audit: (workspace: string) => `/w/${segment(workspace)}/audit`,
  health: '/health',
  keyspace: (keyspace: string) => `/keyspaces/${segment(keyspace)}`,
} as const;
