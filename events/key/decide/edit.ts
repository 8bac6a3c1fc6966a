// Edits: in place, by a successor, or not at all, as the keyspace says field by field; the strictest field decides.
import { refused, type Decision } from '../../decision.ts';
import { editRule, type EditableField } from '../../keyspaces/profile.ts';
import { editRefusal, NO_SUCH_KEYS } from '../editing.ts';
import { speakingRefusal } from '../limits.ts';
import { ownerNeeded } from '../rules.ts';
import { notEnabled } from '../subject.ts';
import type { Meeting } from '../decide.ts';
import { edited, settingsOf, type AskedSettings } from '../settings.ts';
import { mint, type Draft } from './mint.ts';

/** The personal side of a key, with its owner. */
export type Details = Draft['details'] & { readonly ownerId: string | null };

export interface Edit {
  readonly touched: readonly EditableField[];
  /** What the input asks of the settings. */
  readonly asked: AskedSettings;
  /** The details after the edit. */
  readonly details: Details;
}

export function detailsOf({ subject, details }: Meeting): Details {
  const { name, description, email, tags, metadata } = details;
  return { name, description, email, tags, metadata, ownerId: subject.state.ownerId };
}

/** Carries an edit out; `inPlace` is asked only where the keyspace lets all of the touched fields be edited in place. */
export function edit(wanted: Edit, meeting: Meeting, inPlace: () => Decision): Decision {
  const { subject } = meeting;
  for (const field of wanted.touched) {
    const refusal = editRefusal(subject, field);
    if (refusal) return refused(refusal);
  }
  const succeeds = wanted.touched.some((field) => editRule(subject.profile, field).how === 'SUCCESSOR');
  return succeeds ? succeed(wanted, meeting) : inPlace();
}

/** A new key that carries all of the input and, besides it, all that the old one has; the old one is left as it is. */
function succeed({ asked, details }: Edit, { subject, context }: Meeting): Decision {
  const { state, profile, standing } = subject;
  // Its secret is the caller's.
  const foreign = speakingRefusal(standing, state.ownerId);
  if (foreign) return refused(foreign);
  const { ownerId, ...personal } = details;
  const ownerless = ownerNeeded(profile, ownerId, personal.email);
  if (ownerless) return refused(notEnabled(`${NO_SUCH_KEYS} (${ownerless.message}): give the key an owner first`));
  const draft: Draft = {
    settings: edited(profile, settingsOf(state), asked),
    // A key whose name was forgotten has a successor all the same, and that needs one.
    details: { ...personal, name: personal.name === '' ? profile.labels.noun : personal.name },
    ownerId,
    predecessor: state.keyId,
  };
  const minted = mint(subject, draft, context);
  if (!minted.ok) return refused(minted.refusal);
  const { event, secret, warnings } = minted;
  return { kind: 'successor', keyId: context.newKeyId, event, secret, warnings };
}
