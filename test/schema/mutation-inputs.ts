// Every mutation with an input that its schema takes, and a context that carries nothing out.
import { NO_KEYSPACES } from '../../events/keyspaces/state.ts';
import type { CommandRequest, Context } from '../../schema/context.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';

export const KEY_ID = encodeGlobalId('ApiKey', `key_${'a'.repeat(22)}`);

export const mutations: readonly string[] = Object.keys(schema.getMutationType()?.getFields() ?? {});

/** `CreateKey` for `createKey`: what its types' names begin with. */
export const titleOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export const GOOD: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  createKey: { workspaceId: 'acme', keyspace: 'default', name: 'good' },
  updateKey: { id: KEY_ID },
  changeScopes: { id: KEY_ID },
  changeRestrictions: { id: KEY_ID },
  changeExpiry: { id: KEY_ID, expiresAt: null },
  disableKey: { id: KEY_ID },
  enableKey: { id: KEY_ID },
  regenerateKey: { id: KEY_ID },
  retirePreviousSecret: { id: KEY_ID },
  revokeKey: { id: KEY_ID },
  deleteKey: { id: KEY_ID },
  forgetKey: { id: KEY_ID },
  forgetOwner: { workspaceId: 'acme', ownerId: 'u-17' },
  defineKeyspace: { source: 'slug: good\nname: Good\ntypes: [{ id: secret, label: Secret, prefix: good }]' },
  discardRecord: { position: 'p1_0-1', reason: 'broken' },
  retryParked: {},
  rebuildProjections: {},
};

/** What of a context carries mutations out: says yes to all of them. `ran` is told each; `null`: not a command on a key. */
export const recording = (
  ran: (request: CommandRequest | null) => void,
): Pick<Context, 'execute' | 'forgetOwner' | 'retryParked' | 'rebuildProjections'> => ({
  execute: (request) => {
    ran(request);
    const nothing = {
      changed: { key: null, predecessor: null, keyspaces: NO_KEYSPACES },
      secret: null,
      warnings: [],
    };
    return Promise.resolve({ ok: true, position: { 0: 1 }, ...nothing });
  },
  forgetOwner: () => {
    ran(null);
    return Promise.resolve({ ok: true, commandId: 'made', position: { 0: 1 }, results: [], remaining: 0 });
  },
  retryParked: () => {
    ran(null);
    return Promise.resolve({ ok: true, position: { 0: 1 }, parked: [] });
  },
  rebuildProjections: () => {
    ran(null);
    return Promise.resolve({ ok: true, position: { 0: 1 }, generation: 'g2' });
  },
});
