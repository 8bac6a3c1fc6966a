// Who asks with an API key: checked by the view of a verifier, each time anew. A key is somebody only where its keyspace
// lets keys manage keys, in the headers of that keyspace, and in its own workspace.
import { standingOfKey } from '../../events/key/standing.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { entryOf } from '../../events/keyspaces/state.ts';
import type { DecisionPoint } from '../verifier/decision-point.ts';
import { retryAfterSeconds } from '../verifier/rate-limit-headers.ts';
import type { VerifyRequest } from '../verifier/request.ts';
import type { Verdict } from '../verifier/verify.ts';
import type { Credential, SentIn } from './credential.ts';
import type { Authentication, Identity } from './identity.ts';

/** What keys are checked with; asked for with the first key that is shown. */
export type KeyChecker = Pick<DecisionPoint, 'judge' | 'check' | 'view' | 'holdBack'>;

/** A call as the request log keeps it. */
export type CheckedCall = NonNullable<VerifyRequest['request']>;

/** From where a key is used; `null`: not known, and a key that is restricted by it is refused. */
export interface Origins {
  readonly ip: string | null;
  /** The raw `Origin` header. */
  readonly origin: string | null;
  readonly call: CheckedCall;
}

export interface KeyIdentityService {
  /** L4: by the view as it is when this resolves. Counted, limited and logged as any other use of the key. */
  authenticate(credential: Extract<Credential, { kind: 'key' }>, from: Origins): Promise<Authentication>;
}

export interface KeyIdentityOptions {
  readonly checker: () => KeyChecker;
  /** ISO time. */
  readonly now: () => string;
}

const REFUSED = { ok: false, code: 'UNAUTHENTICATED' } as const;

export function createKeyIdentityService({ checker, now }: KeyIdentityOptions): KeyIdentityService {
  return {
    async authenticate({ key, sent }, { ip, origin, call }) {
      const asked = { key, ...(ip === null ? {} : { ip }), ...(origin === null ? {} : { origin }) };

      const look = (verdict: Verdict | undefined) => {
        const view = checker().view();
        if (verdict === undefined || view === null) return { ok: false, code: 'UNAVAILABLE' } as const;
        // During an overlap the secret before may have leaked: it must not take the key over.
        if (verdict.code !== 'VALID' || verdict.secret !== 'CURRENT') return REFUSED;
        const { keys, keyspaces } = view;
        const state = keys.get(verdict.record.keyId);
        const profile = state && entryOf(keyspaces, state.keyspace)?.profile;
        return profile && takesFrom(profile, sent) ? ({ ok: true, state, keyspaces } as const) : REFUSED;
      };

      const judged = await checker().judge.judge({ ...asked, request: call }, call.id ?? '');
      if (judged?.verdict.code === 'RATE_LIMITED')
        return { ok: false, code: 'RATE_LIMITED', retryAfterSeconds: retryAfterSeconds(judged) };
      const seen = look(judged?.verdict);
      if (!seen.ok) return seen;
      const { state, keyspaces } = seen;
      const standing = standingOfKey(state, keyspaces, now());
      const identity: Identity = {
        actor: { kind: 'key', id: state.keyId },
        // Without a scope for it, a key is a caller without access, like a token without the claim.
        workspaces: new Map(standing === null ? [] : [[state.workspaceId, standing]]),
        operator: false,
        email: null,
        recheck() {
          const again = look(checker().check(asked)?.verdict);
          if (!again.ok) return again;
          const { version } = again.state;
          return { ok: true, version, keyspacesVersion: again.keyspaces.version, settled: checker().holdBack() };
        },
      };
      return { ok: true, identity };
    },
  };
}

/** Whether keys of this keyspace may call at all, and from there. */
function takesFrom({ managesKeys, credential }: Profile, { header, bearer }: SentIn): boolean {
  if (managesKeys === false) return false;
  return credential.headers.some((allowed) => allowed.name.toLowerCase() === header && allowed.bearer === bearer);
}
