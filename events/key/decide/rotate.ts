// Rotation: a new secret for the same key, with or without an overlap, and the end of an overlap.
import { invalid, refused, type Decision } from '../../decision.ts';
import type { KeyCommandInput } from '../commands.ts';
import type { Meeting } from '../decide.ts';
import { mintSecret } from './mint.ts';

/** During an overlap the secret before the current one stops with this: there are never more than two. */
export function regenerate(
  { overlapSeconds }: KeyCommandInput<'regenerateKey'>,
  { subject, context }: Meeting,
): Decision {
  const { state, profile, now } = subject;
  const { defaultOverlapSeconds, maxOverlapSeconds } = profile.rotation;
  const overlap = overlapSeconds ?? Math.min(defaultOverlapSeconds, maxOverlapSeconds);
  if (overlap > maxOverlapSeconds) return refused(invalid(['overlapSeconds'], `must be at most ${maxOverlapSeconds}`));
  const retiresAt = new Date(Date.parse(now) + overlap * 1000).toISOString();
  const { secret, preview, verification } = mintSecret(profile, state.type, state.environment, context);
  const event = { type: 'KeyRegenerated', data: { preview, retiresAt }, personal: {}, private: verification } as const;
  return { kind: 'event', event, secret };
}

// W4: also where no overlap is to be seen; what is seen may be stale.
export function retirePreviousSecret(): Decision {
  return { kind: 'event', event: { type: 'PreviousSecretRetired', data: {}, personal: {}, private: {} } };
}
