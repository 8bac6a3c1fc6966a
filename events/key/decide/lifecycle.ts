// The lifecycle: disable, enable, revoke, delete, forget. What removes access appends also where it seems to be so already
// (W4), and so does what erases.
import type { AnyNewEvent } from '../../catalogue.ts';
import { invalid, refused, type Decision, type Warning } from '../../decision.ts';
import { dataKeyId } from '../../ids.ts';
import type { KeyCommandInput } from '../commands.ts';
import type { Meeting } from '../decide.ts';
import type { Subject } from '../subject.ts';

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
  if (!subject.profile.removal.erase)
    return happened({ type: 'KeyDeleted', data: { destroyedDataKey: null }, personal: { note }, private: {} });
  const destroyedDataKey = currentDataKey(subject);
  const event = { type: 'KeyDeleted', data: { destroyedDataKey }, personal: { note: null }, private: {} } as const;
  return note === null ? happened(event) : { kind: 'event', event, warnings: [NOTE_NOT_KEPT] };
}

const NOTE_NOT_KEPT: Warning = {
  code: 'NOTE_NOT_KEPT',
  message: 'keys of this keyspace are erased when they are deleted, and so is what is noted about it',
};

/** Always an event: whatever is on its way under the data key loses the version to it, and what came since goes, too. */
export function forget({ subject }: Meeting): Decision {
  const data = { destroyedDataKey: currentDataKey(subject) };
  return happened({ type: 'KeyForgotten', data, personal: {}, private: {} });
}

/** Under which everything of the key that is not erased yet is sealed, this very event included. */
const currentDataKey = ({ state: { keyId, dataKeyNumber } }: Subject): string => dataKeyId(keyId, dataKeyNumber);
