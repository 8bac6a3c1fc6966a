// The lifecycle: disable, enable, revoke, delete. What removes access appends also where it seems to be so already (W4).
import type { AnyNewEvent } from '../../catalogue.ts';
import { invalid, refused, type Decision } from '../../decision.ts';
import type { KeyCommandInput } from '../commands.ts';
import type { Meeting } from '../decide.ts';

const happened = (event: AnyNewEvent): Decision => ({ kind: 'event', event });

export function disable({ note = null }: KeyCommandInput<'disableKey'>): Decision {
  return happened({ type: 'KeyDisabled', data: {}, personal: { note }, private: {} });
}

export function enable({ note = null }: KeyCommandInput<'enableKey'>, { subject }: Meeting): Decision {
  if (subject.state.status === 'ACTIVE') return { kind: 'unchanged' };
  return happened({ type: 'KeyEnabled', data: {}, personal: { note }, private: {} });
}

export function revoke({ reason = null, note = null }: KeyCommandInput<'revokeKey'>, { subject }: Meeting): Decision {
  const { reasons } = subject.profile.removal;
  // A reason is public and stays for ever, so it is one of a list; whatever else there is to say is a note.
  if (reasons.length === 0 && reason !== null) return refused(invalid(['reason'], 'must be absent: write a note'));
  if (reasons.length > 0 && (reason === null || !reasons.includes(reason))) {
    return refused(invalid(['reason'], `must be one of: ${reasons.join(', ')}`));
  }
  return happened({ type: 'KeyRevoked', data: { reason }, personal: { note }, private: {} });
}

export function remove({ note = null }: KeyCommandInput<'deleteKey'>, { subject }: Meeting): Decision {
  if (subject.profile.removal.mode === 'DELETE_IS_REVOKE') {
    return happened({ type: 'KeyRevoked', data: { reason: null }, personal: { note }, private: {} });
  }
  // Nothing is erased here: that is an event of its own kind of command, which destroys the data key first.
  return happened({ type: 'KeyDeleted', data: { destroyedDataKey: null }, personal: { note }, private: {} });
}
