// What was done with a key's current secret, and with the one before it: counted since the key's secret was made.
import type { GenerationView } from '../projections/read-store.ts';
import type { SecretUse } from '../projections/usage.ts';
import { seesUsage, type VisibleKey } from './access.ts';
import type { Context } from './context.ts';
import type { PreviousSecretShape } from './key-parts.ts';

export interface KeySecrets {
  /** The first successful check with the current secret. */
  readonly firstUsedAt: string | null;
  readonly previous: { readonly lastUsedAt: string | null; readonly requestCount: number };
}

const UNUSED: KeySecrets = { firstUsedAt: null, previous: { lastUsedAt: null, requestCount: 0 } };

/** In the order of the keys; unused for callers who may not see it. */
export async function loadSecretUses(keys: readonly VisibleKey[], context: Context): Promise<readonly KeySecrets[]> {
  const seen = keys.filter(seesUsage);
  if (seen.length === 0) return keys.map(() => UNUSED);
  const uses = await context.usage.secretUses(seen.map(({ row }) => row.state.keyId));
  const used = seen.filter(({ row }) => (uses.get(row.state.keyId) ?? []).length > 0);
  const since = await context.read((view) => versions(view, used));
  return keys.map((key) => {
    const { keyId, lastRotatedAt, createdAt } = key.row.state;
    const version = since.get(keyId);
    if (version === undefined || !seesUsage(key)) return UNUSED;
    return summed(uses.get(keyId) ?? [], { version, time: lastRotatedAt ?? createdAt });
  });
}

/** Of keys whose previous secret still works; `null` for all others. */
export async function loadPreviousSecrets(
  keys: readonly VisibleKey[],
  context: Context,
): Promise<readonly (PreviousSecretShape | null)[]> {
  const overlapping = keys.filter(
    ({ row, asOf }) => (row.state.previousSecret?.retiresAt ?? '') > (asOf ?? context.now),
  );
  const present = overlapping.filter(({ asOf }) => asOf === null);
  const secrets = await loadSecretUses(present, context);
  const found = new Map(overlapping.map((key) => [key, UNUSED]));
  present.forEach((key, index) => found.set(key, secrets[index] ?? UNUSED));
  return keys.map((key) => {
    const { previous } = found.get(key) ?? {};
    const retiresAt = key.row.state.previousSecret?.retiresAt;
    return previous && retiresAt !== undefined ? { retiresAt, ...previous, asOf: key.asOf } : null;
  });
}

/** The version of each key that made its current secret. */
async function versions(view: GenerationView, keys: readonly VisibleKey[]): Promise<ReadonlyMap<string, number>> {
  const last = { limit: 1, backward: true, after: null, before: null };
  const found = keys.map(async ({ row: { state } }): Promise<[string, number]> => {
    if (state.lastRotatedAt === null) return [state.keyId, 1];
    const { rows } = await view.listHistory({ scope: { aggregateId: state.keyId }, types: ['KeyRegenerated'] }, last);
    return [state.keyId, rows[0]?.version ?? 1];
  });
  return new Map(await Promise.all(found));
}

interface Since {
  readonly version: number;
  readonly time: string;
}

function summed(all: readonly SecretUse[], since: Since): KeySecrets {
  const uses = all.flatMap((use) => ofCurrent(use, since));
  const previous = uses.filter(({ secret }) => secret === 'PREVIOUS');
  const firsts = uses.flatMap(({ secret, firstUsedAt }) => (secret === 'CURRENT' ? (firstUsedAt ?? []) : []));
  const lasts = previous.flatMap(({ lastUsedAt }) => lastUsedAt ?? []);
  return {
    firstUsedAt: firsts.sort()[0] ?? null,
    previous: {
      lastUsedAt: lasts.sort().at(-1) ?? null,
      requestCount: previous.reduce((sum, { count }) => sum + count, 0),
    },
  };
}

/**
 * Judged by the version that was decided on: a verifier that had not read of the new secret yet took the old one for the
 * current one, at whatever time. Where no version was told, by time, as near as it goes.
 */
function ofCurrent(use: SecretUse, { version, time }: Since): readonly SecretUse[] {
  if (use.keyVersion > 0) return use.keyVersion >= version ? [use] : [];
  if (use.lastSeenAt < time) return [];
  const first = use.firstUsedAt !== null && use.firstUsedAt >= time ? use.firstUsedAt : use.lastUsedAt;
  return [{ ...use, firstUsedAt: first !== null && first >= time ? first : null }];
}
