// Minting: a new key with its secret, for `createKey` and for successors. All that a fold needs is in the event (E4).
import type { AnyNewEvent } from '../../catalogue.ts';
import type { Refusal, Warning } from '../../decision.ts';
import { secretPrefix, tokenFormat, type TokenFormat } from '../../keyspaces/token-format.ts';
import { generateSecret, hashSecret, type Secret } from '../../secret.ts';
import type { DecideContext } from '../decide.ts';
import { previewOf } from '../preview.ts';
import type { Subject } from '../subject.ts';
import { limitRefusal } from '../limits.ts';
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
  format: TokenFormat,
  { keyId, type, environment }: { readonly keyId: string; readonly type: string; readonly environment: string | null },
  { pepper, randomBytes }: Pick<DecideContext, 'pepper' | 'randomBytes'>,
) {
  const secret = generateSecret(secretPrefix(format, type, environment), randomBytes);
  return { secret, preview: previewOf(format, secret, keyId), verification: hashSecret(secret, pepper) };
}

/** Makes the key, or refuses what its keyspace does not take, or what goes beyond the key that asks for it. */
export function mint(
  { profile, standing }: Pick<Subject, 'profile' | 'standing'>,
  { settings, details, ownerId, predecessor }: Draft,
  context: DecideContext,
): Minted {
  const { now } = context;
  const refusal =
    settingsRefusal(profile, settings, EVERY_MEMBER, { now, createdAt: now }) ??
    limitRefusal(profile, standing, settings);
  if (refusal) return { ok: false, refusal };
  const { type, ...rest } = settings;
  if (type === null) throw new TypeError('a key without a type was let through');
  const made = { keyId: context.newKeyId, type, environment: settings.environment };
  const { secret, preview, verification } = mintSecret(tokenFormat(profile), made, context);
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
