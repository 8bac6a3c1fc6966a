// The settings of a key that nothing is said about: what tests build their own keys on.
import type { Data } from '../../events/catalogue.ts';

/** As events and the API's answers have them alike. */
export const PLAIN_SETTINGS = {
  type: 'secret',
  environment: null,
  scopes: [],
  unrestricted: false,
  resources: { all: true, ids: [] },
  flags: [],
  origins: [],
  ipRanges: [],
  rateLimit: null,
  expiresAt: null,
  preview: 'kf_…abcd',
  predecessor: null,
} as const satisfies Partial<Data<'KeyCreated'>>;

/** Public data of its `KeyCreated`. */
export const plainKey = (data: Partial<Data<'KeyCreated'>> = {}): Data<'KeyCreated'> => ({
  ...PLAIN_SETTINGS,
  keyspace: 'default',
  ownerId: null,
  ...data,
});
