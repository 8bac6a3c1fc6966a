// evolve: the next state of a key. Total over every event that chains; `null` where the event cannot follow the state
// (anything but KeyCreated first, KeyCreated later), which a fold treats as broken. What is terminal stays terminal.
import type { KeyEvent, Personal } from '../catalogue.ts';
import { parseActor } from '../ids.ts';
import type { VerificationHash } from '../secret.ts';
import { FORGOTTEN, type KeyDetails, type KeyState } from './state.ts';

const verificationHash = ({ scheme, pepperId, hash }: VerificationHash): VerificationHash => ({
  scheme,
  pepperId,
  hash,
});

function create(event: Extract<KeyEvent, { type: 'KeyCreated' }>): KeyState | null {
  const { attributes, data } = event;
  if (attributes.version !== 1 || attributes.workspaceid === undefined || attributes.keyspaceversion === undefined)
    return null;
  return {
    keyId: attributes.subject,
    workspaceId: attributes.workspaceid,
    version: 1,
    head: attributes.hash,
    time: attributes.time,
    keyspaceVersion: attributes.keyspaceversion,
    status: 'ACTIVE',
    ...data,
    createdAt: attributes.time,
    createdBy: parseActor(attributes.actor),
    lastRotatedAt: null,
    revocation: null,
    secret: verificationHash(event.private),
    previousSecret: null,
    dataKeyNumber: 1,
  };
}

/** What an event changes besides version, head and time. */
function change(state: KeyState, event: Exclude<KeyEvent, { type: 'KeyCreated' }>): Partial<KeyState> {
  const { time, actor } = event.attributes;
  switch (event.type) {
    case 'KeyDetailsChanged':
      return { ownerId: event.data.ownerId };
    case 'ScopesChanged':
    case 'RestrictionsChanged':
      return event.data.after;
    case 'ExpiryChanged':
      return { expiresAt: event.data.after };
    case 'KeyDisabled':
      return { status: 'DISABLED' };
    case 'KeyEnabled':
      return { status: 'ACTIVE' };
    case 'KeyRegenerated': {
      const { preview, retiresAt } = event.data;
      // A time that was lifted to the last event's (E5) is ahead of the clock that the overlap was counted by.
      const lifted = time === state.time;
      const overlaps = retiresAt > time || (lifted && retiresAt < time);
      return {
        preview,
        lastRotatedAt: time,
        secret: verificationHash(event.private),
        previousSecret: overlaps ? { ...state.secret, retiresAt } : null,
      };
    }
    case 'PreviousSecretRetired':
      return { previousSecret: null };
    case 'KeyRevoked':
      return {
        status: 'REVOKED',
        previousSecret: null,
        revocation: { reason: event.data.reason, at: time, by: parseActor(actor) },
      };
    case 'KeyDeleted':
      return {
        status: 'DELETED',
        previousSecret: null,
        ...(event.data.destroyedDataKey === null ? {} : nextDataKey(state)),
      };
    case 'KeyForgotten':
      return nextDataKey(state);
    case 'RecordDiscarded':
      return {};
  }
}

const nextDataKey = (state: KeyState): Partial<KeyState> => ({ dataKeyNumber: state.dataKeyNumber + 1 });

/** Whatever a record says, REVOKED is left for DELETED only, and DELETED never. */
function settled(state: KeyState, event: KeyEvent): boolean {
  return state.status === 'DELETED' || (state.status === 'REVOKED' && event.type !== 'KeyDeleted');
}

/** The state after `event`; the caller has checked that it extends the head (F1). */
export function evolve(state: KeyState | null, event: KeyEvent): KeyState | null {
  if (event.type === 'KeyCreated') return state === null ? create(event) : null;
  if (state === null) return null;
  const { version, hash: head, time } = event.attributes;
  const next = { ...state, ...change(state, event), version, head, time };
  return settled(state, event) ? { ...next, status: state.status } : next;
}

/** The details after `event`, given its opened personal part; `null` for a part that is erased or cannot be opened. */
export function evolveDetails(
  details: KeyDetails,
  event: KeyEvent,
  personal: Personal<KeyEvent['type']> | null,
): KeyDetails {
  if (event.type === 'KeyForgotten') return FORGOTTEN;
  if (event.type === 'KeyDeleted' && event.data.destroyedDataKey !== null) return FORGOTTEN;
  if (personal === null) return details;
  if (event.type === 'KeyCreated' || event.type === 'KeyDetailsChanged') {
    return withGiven(details, personal);
  }
  if (event.type === 'KeyRevoked') return { ...details, revocationNote: (personal as Personal<'KeyRevoked'>).note };
  return details;
}

/** The members that the event speaks of are changed; one that is absent is not. */
function withGiven(details: KeyDetails, personal: Personal<'KeyDetailsChanged'>): KeyDetails {
  const {
    name = details.name,
    description = details.description,
    email = details.email,
    tags = details.tags,
    metadata = details.metadata,
  } = personal;
  return { ...details, name, description, email, tags, metadata };
}
