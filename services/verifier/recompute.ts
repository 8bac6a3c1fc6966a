// Recomputing: a logged check → the verdict that history bears, and the event that made it a refusal. Pure. The verdict is
// the verifier's own (verify.ts), of the key and the profile as they were then; what the log does not tell is never guessed.
import type { KeyState } from '../../events/key/state.ts';
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import type { LoggedRequest } from '../../events/usage.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { KeyRecord } from './found-key.ts';
import { holderOf } from './holders.ts';
import {
  secretAt,
  secretsOf,
  stepsOf,
  type KeyVersion,
  type PastSecret,
  type ProfileVersion,
  type Step,
} from './past.ts';
import { compileShared, type KeyPolicy } from './policy.ts';
import { readingsOf, type Reading } from './readings.ts';
import { CODES, verdictOn, type KnownCode, type VerifyCode } from './verify.ts';

/** What history holds about a logged check. */
export interface Known {
  /** Every version of the key. */
  readonly keys: readonly KeyVersion[];
  /** Every version of the profile of its keyspace. */
  readonly profiles: readonly ProfileVersion[];
  /** Whether the key was quarantined at what the verifier had read; `null`: it cannot be told any more. */
  readonly quarantined: boolean | null;
}

export interface Recomputed {
  /** `null`: history does not tell; see {@link recompute}. */
  readonly code: VerifyCode | null;
  /** The event that made it a refusal; `null`: it is none, no event made it so, or history does not tell. */
  readonly decidedBy: HistoryRow | null;
}

const UNTOLD: Recomputed = { code: null, decidedBy: null };
/** Refusals that no event of a key or a profile makes: by a broken record, by counts of calls. */
const WITHOUT_EVENT: ReadonlySet<VerifyCode> = new Set(['VALID', 'QUARANTINED', 'RATE_LIMITED']);

/**
 * History does not tell a verdict of `RATE_LIMITED` (counts of calls), one that depends on an address that was erased or on a
 * text that was taken out of the log, one of a key whose quarantine was lifted at a place that is not kept, and one of events
 * that are not projected. The deciding event is the first one of those since which the reason for this refusal has held, at
 * the time of the check and whatever was looked at before it: a key that expires is decided by what set that expiry, not by
 * its being enabled since.
 */
export function recompute(logged: LoggedRequest, known: Known): Recomputed {
  const { keyVersion, keyspaceVersion } = logged;
  const keys = known.keys.slice(0, keyVersion);
  const profiles = known.profiles.filter(({ entry }) => entry.version <= (keyspaceVersion ?? 0));
  if (logged.code === 'RATE_LIMITED' || keys.length < keyVersion || profiles.length < (keyspaceVersion ?? 0))
    return UNTOLD;
  const steps = stepsOf(keys, profiles);
  const last = steps.at(-1);
  if (last?.state.keyId !== logged.keyId) return UNTOLD;

  const now = Date.parse(logged.time);
  const erased = known.keys.slice(keyVersion).some(({ event }) => isErasing(event));
  const cases = readingsOf(logged, erased).flatMap((reading) =>
    shownOf(logged, keys, now).flatMap((secret) =>
      (known.quarantined === null ? [true, false] : [known.quarantined]).map((quarantined): Case => {
        return { reading, secret, quarantined, now };
      }),
    ),
  );
  const code = only(cases.map((each) => codeAt(last, each)));
  if (code === null || code !== logged.code || WITHOUT_EVENT.has(code)) return { code, decidedBy: null };
  return { code, decidedBy: only(cases.map((each) => deciding(steps, last, each, code))) };
}

/** What a check may have been. */
interface Case {
  readonly reading: Reading;
  readonly secret: PastSecret;
  readonly quarantined: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

function isErasing({ data }: HistoryRow): boolean {
  return 'destroyedDataKey' in data && data.destroyedDataKey !== null;
}

/** The value that all are; `null`: they differ, or there is none. */
function only<T>(values: readonly (T | null)[]): T | null {
  const [first = null] = values;
  return values.every((value) => value === first) ? first : null;
}

/**
 * The secrets of the key that may have been shown: those that were then what the log calls the one. None is: then the log
 * says what history does not bear, and the verdict is that of the secret that is nearest to it.
 */
function shownOf({ secret, preview }: LoggedRequest, keys: readonly KeyVersion[], now: number): readonly PastSecret[] {
  const state = keys.at(-1)?.state;
  const all = secretsOf(keys);
  if (state === undefined) return [];
  const fitting = all.filter((each) => {
    const { secret: was, retiresAt } = secretAt(each, state);
    return (was === 'PREVIOUS' && now >= retiresAt ? 'RETIRED' : was) === secret;
  });
  const alike = fitting.filter((each) => each.preview === preview);
  if (fitting.length > 0) return alike.length > 0 ? alike : fitting;
  return (secret === 'PREVIOUS' ? all.slice(0, -1) : all).slice(-1);
}

const policies = new WeakMap<KeyState, Map<KeyspaceEntry | undefined, KeyPolicy>>();

/** Compiled once: of one key many checks are recomputed. */
function policyOf({ state, entry }: Step): KeyPolicy {
  const compiled = policies.get(state) ?? new Map<KeyspaceEntry | undefined, KeyPolicy>();
  policies.set(state, compiled);
  const policy = compiled.get(entry) ?? compileShared(state, entry);
  compiled.set(entry, policy);
  return policy;
}

function recordAt(step: Step, { reading }: Case): KeyRecord {
  const { keyId, version, status, expiresAt } = step.state;
  return {
    ...{ keyId, ...holderOf(step.state), version, status },
    expiresAt: expiresAt === null ? Infinity : Date.parse(expiresAt),
    policy: reading.bend(policyOf(step)),
  };
}

function codeAt(step: Step, of: Case): VerifyCode {
  const found = { record: recordAt(step, of), ...secretAt(of.secret, step.state) };
  return verdictOn(found, of.reading.ask, { isQuarantined: () => of.quarantined }, of.now).code;
}

/** The first event since which the reason for a refusal has held without a break. */
function deciding(steps: readonly Step[], last: Step, of: Case, code: VerifyCode): HistoryRow | null {
  const holds = (step: Step): boolean => {
    // Of several expiries the one in force is meant.
    if (code === 'EXPIRED' && step.state.expiresAt !== last.state.expiresAt) return false;
    const found = { record: passing(recordAt(step, of), code), ...secretAt(of.secret, step.state) };
    return verdictOn(found, of.reading.ask, { isQuarantined: () => false }, of.now).code === code;
  };
  return steps[steps.findLastIndex((step) => !holds(step)) + 1]?.event ?? null;
}

const granted = (): boolean => true;

/** A key that passes all that is looked at before a refusal, but for what never changes. */
function passing(record: KeyRecord, code: VerifyCode): KeyRecord {
  const isBehind = (other: KnownCode): boolean => CODES.indexOf(code as KnownCode) > CODES.indexOf(other);
  return {
    ...record,
    ...(isBehind('DISABLED') ? { status: 'ACTIVE' } : {}),
    ...(isBehind('EXPIRED') ? { expiresAt: Infinity } : {}),
    policy: {
      ...record.policy,
      ...(isBehind('IP_NOT_ALLOWED') ? { fromAddress: null } : {}),
      ...(isBehind('ORIGIN_NOT_ALLOWED') ? { fromOrigin: null } : {}),
      ...(isBehind('INSUFFICIENT_SCOPE') ? { grants: granted, hasFlag: granted } : {}),
    },
  };
}
