// The keyspace that is there from the start: `kf_…`, free-form scopes, everything allowed. Useful without any profile work.
import type { ProfileInput } from './profile.ts';

/** Seeded as the first event of the aggregate `keyspaces` of a new installation. */
export const DEFAULT_PROFILE: ProfileInput = {
  slug: 'default',
  name: 'Default',
  types: [{ id: 'secret', label: 'Secret key', prefix: 'kf' }],
  permissions: { freeForm: true },
  resources: { noun: 'Resource', types: [] },
  rateLimit: { min: 1, max: 1_000_000, windowSeconds: 60 },
};
