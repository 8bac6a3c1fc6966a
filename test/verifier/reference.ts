// The plain reference implementation that verdicts are compared with.
import type { Check, VerifyCode } from '../../services/verifier/verify.ts';
import type { Created } from './support.ts';

/** The contract, read aloud. Knows nothing of tables, policies, caches or compiled queries. */
export function reference(
  key: Created & { status: string; quarantined: boolean },
  check: Partial<Check>,
  now: number,
): VerifyCode {
  if (key.status === 'DELETED') return 'NOT_FOUND';
  if (key.status === 'REVOKED') return 'REVOKED';
  if (key.quarantined) return 'QUARANTINED';
  if (key.status === 'DISABLED') return 'DISABLED';
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return 'EXPIRED';
  if (check.keyspace !== undefined && check.keyspace !== key.keyspace) return 'WRONG_KEYSPACE';
  if (check.environment !== undefined && check.environment !== key.environment) return 'WRONG_ENVIRONMENT';
  if (key.ipRanges.length > 0 && !key.ipRanges.some((range) => range === check.ip)) return 'IP_NOT_ALLOWED';
  if (key.origins.length > 0 && !key.origins.some((origin) => origin === check.origin)) return 'ORIGIN_NOT_ALLOWED';
  const has = (scope: string): boolean => {
    if (key.unrestricted || key.scopes.includes('root')) return true;
    if (key.scopes.includes(scope)) return true;
    if (scope === 'write') return key.scopes.includes('admin');
    return scope === 'read' && (key.scopes.includes('write') || key.scopes.includes('admin'));
  };
  for (const scope of check.scopes ?? []) if (!has(scope)) return 'INSUFFICIENT_SCOPE';
  if (check.permission === 'read and (agents or write)' && !(has('read') && (has('agents') || has('write')))) {
    return 'INSUFFICIENT_SCOPE';
  }
  for (const flag of check.flags ?? []) if (!key.flags.includes(flag)) return 'INSUFFICIENT_SCOPE';
  if (check.resource?.type === 'agent' && !has('agents')) return 'INSUFFICIENT_SCOPE';
  if (check.resource !== undefined) {
    if (check.resource.type !== 'agent' && check.resource.type !== 'file') return 'RESOURCE_NOT_ALLOWED';
    if (!key.resources.all && !key.resources.ids.includes(check.resource.id)) return 'RESOURCE_NOT_ALLOWED';
  }
  return 'VALID';
}

/** A key as its history has left it, and its secrets with the moment from which each is good no more. */
export interface PlainKey {
  readonly key: Created & { status: string; quarantined: boolean };
  readonly secrets: readonly { readonly text: string; readonly goodUntil: number }[];
}

/** {@link reference}, for whichever key has the secret. */
export function referenceOf(keys: readonly PlainKey[], text: string, check: Partial<Check>, now: number): VerifyCode {
  const of = keys.find(({ secrets }) => secrets.some((secret) => secret.text === text));
  const secret = of?.secrets.find((each) => each.text === text);
  if (of === undefined || secret === undefined || secret.goodUntil <= now) return 'NOT_FOUND';
  return reference(of.key, check, now);
}
