// Editing: what stands against an edit, field by field, by a successor, and by the limits of a calling key.
import type { Refusal } from '../decision.ts';
import { editRule, type EditableField, type Profile } from '../keyspaces/profile.ts';
import { limitRefusal, speakingRefusal } from './limits.ts';
import { EVERY_MEMBER, ownerNeeded, settingsRefusal, type Member } from './rules.ts';
import { FIELD_OF, settingsOf } from './settings.ts';
import { isOffered, mayDo, notAllowed, notEnabled, type Subject } from './subject.ts';

export const DETAILS: readonly EditableField[] = ['name', 'description', 'owner', 'tags', 'metadata'];
/** What a key is called: no check and no gateway is told of it, so a calling key may change it of any key. */
export const CAPTIONS: readonly EditableField[] = ['name', 'description', 'tags'];
export const RESTRICTIONS: readonly EditableField[] = ['restrictions'];
export const EXPIRY: readonly EditableField[] = ['expiry'];

/** The fields that say what a key may do; where a keyspace has no resources there is one less to edit. */
export function permissionFields({ resources }: Profile): readonly EditableField[] {
  return resources === null ? ['permissions'] : ['permissions', 'resources'];
}

const forbidden = (field: EditableField, reason: string | null): Refusal =>
  notEnabled(reason ?? `${field} of an existing key cannot be edited`);

/** What the keyspace has against editing any of these fields, whoever asks. */
export function forbiddenEdit(profile: Profile, fields: readonly EditableField[]): Refusal | null {
  const rules = fields.map((field) => ({ field, ...editRule(profile, field) }));
  const [first] = rules;
  return first && rules.every(({ how }) => how === 'FORBIDDEN') ? forbidden(first.field, first.reason) : null;
}

/** What stands against editing one field; a successor is a new key, so making one needs what creating one needs. */
export function editRefusal({ state, profile, standing }: Subject, field: EditableField): Refusal | null {
  const { how, reason } = editRule(profile, field);
  switch (how) {
    case 'IN_PLACE':
      return null;
    case 'FORBIDDEN':
      return forbidden(field, reason);
    case 'SUCCESSOR':
      if (!mayDo(profile, standing, 'create')) return notAllowed(standing);
      return isOffered(profile, state.workspaceId)
        ? null
        : notEnabled('this keyspace makes no new keys in this workspace');
  }
}

function openAmong(subject: Subject, fields: readonly EditableField[]): readonly EditableField[] {
  return fields.filter((field) => editRefusal(subject, field) === null);
}

function inPlaceAmong(subject: Subject, fields: readonly EditableField[]): readonly EditableField[] {
  return openAmong(subject, fields).filter((field) => editRule(subject.profile, field).how === 'IN_PLACE');
}

export function changesInPlace(subject: Subject, fields: readonly EditableField[]): boolean {
  return inPlaceAmong(subject, fields).length > 0;
}

/** What stands against editing all of these fields; `null` if one of them may be edited. */
export function editing(subject: Subject, fields: readonly EditableField[]): Refusal | null {
  const open = openAmong(subject, fields);
  const [first] = fields;
  if (open.length === 0) return first ? editRefusal(subject, first) : null;
  return changesInPlace(subject, open) ? null : inheritanceRefusal(subject, open);
}

/** The settings that an edit of these fields leaves as they are. */
function membersBut(edited: readonly EditableField[]): readonly Member[] {
  const fieldOf: Partial<Record<Member, EditableField>> = FIELD_OF;
  return EVERY_MEMBER.filter((member) => {
    const field = fieldOf[member];
    return field === undefined || !edited.includes(field);
  });
}

export const NO_SUCH_KEYS = 'this keyspace makes no key like this one any more';

/** A successor has all that its predecessor has but the edited fields: today's profile must still take the rest. */
function inheritanceRefusal({ state, profile, now }: Subject, edited: readonly EditableField[]): Refusal | null {
  const refusal =
    settingsRefusal(profile, settingsOf(state), membersBut(edited), { now, createdAt: now }) ??
    // Whether there is an e-mail address is known to whoever carries the edit out.
    (edited.includes('owner') ? null : ownerNeeded(profile, state.ownerId, ''));
  return refusal && notEnabled(`${NO_SUCH_KEYS} (${refusal.message}): create a new one`);
}

/** What a calling key's limits have against a key as it is, but for these fields. */
export function leaving({ state, profile, standing }: Subject, fields: readonly EditableField[]): Refusal | null {
  return limitRefusal(profile, standing, settingsOf(state), membersBut(fields));
}

/** What they have against holding a secret of the key as it is, and against saying whom and what it speaks for. */
export function speaking(subject: Subject): Refusal | null {
  return leaving(subject, []) ?? speakingRefusal(subject.standing, subject.state.ownerId);
}

/** What they have against every edit of these fields. The secret of a successor is the caller's. */
export function limiting(subject: Subject, fields: readonly EditableField[]): Refusal | null {
  const foreign = speakingRefusal(subject.standing, subject.state.ownerId);
  if (foreign === null) return leaving(subject, openAmong(subject, fields));
  const inPlace = inPlaceAmong(subject, fields);
  return inPlace.length === 0 ? foreign : leaving(subject, inPlace);
}
