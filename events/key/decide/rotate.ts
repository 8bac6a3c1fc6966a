// Rotation: a new secret for the same key, with or without an overlap, and the end of an overlap.
import { invalid, refused, type Decision } from '../../decision.ts';
import type { KeyCommandInput } from '../commands.ts';
import type { Meeting } from '../decide.ts';
import { latest } from '../../record.ts';
import { rotationWarnings } from '../warnings.ts';
import { mintSecret } from './mint.ts';

/** During an overlap the secret before the current one stops with this: there are never more than two. */
export function regenerate(
  { overlapSeconds }: KeyCommandInput<'regenerateKey'>,
  { subject, format, context }: Meeting,
): Decision {
  const { state, profile, now } = subject;
  const { defaultOverlapSeconds, maxOverlapSeconds } = profile.rotation;
  const overlap = overlapSeconds ?? Math.min(defaultOverlapSeconds, maxOverlapSeconds);
  if (overlap > maxOverlapSeconds) return refused(invalid(['overlapSeconds'], `must be at most ${maxOverlapSeconds}`));
  // No overlap ends with the event itself, at whatever time that will have (E5): what ends later is counted by the clock.
  const retiresAt = overlap === 0 ? latest(now, state.time) : new Date(Date.parse(now) + overlap * 1000).toISOString();
  const { secret, preview, verification } = mintSecret(format, state, context);
  const event = { type: 'KeyRegenerated', data: { preview, retiresAt }, personal: {}, private: verification } as const;
  return { kind: 'event', event, secret, warnings: rotationWarnings(state, now) };
}

// W4: also where no overlap is to be seen; what is seen may be stale.
export function retirePreviousSecret(): Decision {
  return { kind: 'event', event: { type: 'PreviousSecretRetired', data: {}, personal: {}, private: {} } };
}
