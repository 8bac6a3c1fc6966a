// Minting: a new key with its secret, for `createKey` and for successors. All that a fold needs is in the event (E4).
import type { AnyNewEvent } from '../../catalogue.ts';
import type { Refusal, Warning } from '../../decision.ts';
import { secretPrefix, type Profile } from '../../keyspaces/profile.ts';
import { generateSecret, hashSecret, type Secret } from '../../secret.ts';
import type { DecideContext } from '../decide.ts';
import { previewOf } from '../preview.ts';
import { EVERY_MEMBER, settingsRefusal } from '../rules.ts';
import type { Settings } from '../settings.ts';
import type { KeyDetails } from '../state.ts';
import { expiryWarnings, nameWarnings } from '../warnings.ts';

/** A key that is asked for, complete: nothing is defaulted any more. */
export interface Draft {
  readonly settings: Settings;
  readonly details: Omit<KeyDetails, 'revocationNote'>;
  readonly ownerId: string | null;
  readonly predecessor: string | null;
}

export type Minted =
  | {
      readonly ok: true;
      readonly event: AnyNewEvent<'KeyCreated'>;
      readonly secret: Secret;
      readonly warnings: readonly Warning[];
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** A secret with what is kept of it: the characters that may be shown, and its hash. */
export function mintSecret(
  profile: Profile,
  type: string,
  environment: string | null,
  { pepper, randomBytes }: DecideContext,
) {
  const secret = generateSecret(secretPrefix(profile, type, environment), randomBytes);
  return { secret, preview: previewOf(profile, secret), verification: hashSecret(secret, pepper) };
}

/** Makes the key, or refuses what its keyspace does not take. */
export function mint(
  profile: Profile,
  { settings, details, ownerId, predecessor }: Draft,
  context: DecideContext,
): Minted {
  const { now } = context;
  const refusal = settingsRefusal(profile, settings, EVERY_MEMBER, { now, createdAt: now });
  if (refusal) return { ok: false, refusal };
  const { type, ...rest } = settings;
  if (type === null) throw new TypeError('a key without a type was let through');
  const { secret, preview, verification } = mintSecret(profile, type, settings.environment, context);
  const { name, description, email, tags, metadata } = details;
  return {
    ok: true,
    event: {
      type: 'KeyCreated',
      data: { keyspace: profile.slug, type, ...rest, preview, predecessor, ownerId },
      personal: { name, description, email, tags: [...tags], metadata },
      private: verification,
    },
    secret,
    warnings: [...nameWarnings(profile, name), ...expiryWarnings(profile, settings.expiresAt, now)],
  };
}
