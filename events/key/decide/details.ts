// updateKey: name, description, owner, tags, metadata. Only what differs is recorded; nothing is, where nothing does.
import { canonical } from '../../canonical.ts';
import type { NewEvent } from '../../catalogue.ts';
import { refused, type Decision } from '../../decision.ts';
import type { KeyCommandInput } from '../commands.ts';
import type { Meeting } from '../decide.ts';
import { speaking } from '../editing.ts';
import { ownEmail, ownerRefusal } from '../limits.ts';
import { ownerNeeded } from '../rules.ts';
import { nameWarnings } from '../warnings.ts';
import { detailsOf, edit, type Details } from './edit.ts';

export function update(input: KeyCommandInput<'updateKey'>, meeting: Meeting): Decision {
  const before = detailsOf(meeting);
  const { subject, context } = meeting;
  const after = detailsAfter(before, input, (id) => ownEmail(subject.standing, context.caller.email, id));
  const differs = (member: keyof Details): boolean => canonical(before[member]) !== canonical(after[member]);
  const touched = [
    ...(['name', 'description', 'tags', 'metadata'] as const).filter(differs),
    ...(differs('ownerId') || differs('email') ? (['owner'] as const) : []),
  ];
  if (touched.length === 0) return { kind: 'unchanged' };
  const { profile, standing } = subject;
  const next = { id: after.ownerId, email: after.email };
  const wrong =
    // Gateways are told of both.
    (touched.includes('owner') || touched.includes('metadata') ? speaking(subject) : null) ??
    (touched.includes('owner')
      ? (ownerNeeded(profile, next.id, next.email) ?? ownerRefusal(standing, next, context.caller.email))
      : null);
  if (wrong) return refused(wrong);

  const { ownerId, name, description, email, tags, metadata } = after;
  const personal: NewEvent<'KeyDetailsChanged'>['personal'] = {
    ...(differs('name') ? { name } : {}),
    ...(differs('description') ? { description } : {}),
    ...(differs('email') ? { email } : {}),
    ...(differs('tags') ? { tags: [...tags] } : {}),
    ...(differs('metadata') ? { metadata } : {}),
  };
  return edit({ touched, asked: {}, details: after }, meeting, () => ({
    kind: 'event',
    event: { type: 'KeyDetailsChanged', data: { ownerId }, personal, private: {} },
    warnings: differs('name') ? nameWarnings(profile, name) : [],
  }));
}

type EmailOf = (ownerId: string) => string | null;

/** An owner's e-mail address goes with the owner: the next owner does not inherit it. */
function detailsAfter(before: Details, input: KeyCommandInput<'updateKey'>, emailOf: EmailOf): Details {
  const { name, description, owner, tags, metadata } = input;
  return {
    name: name ?? before.name,
    description: description === undefined ? before.description : description,
    ...ownerAfter(before, owner, emailOf),
    tags: tags === undefined ? before.tags : (tags ?? []),
    metadata: metadata === undefined ? before.metadata : metadata,
  };
}

function ownerAfter(
  { ownerId, email }: Details,
  owner: KeyCommandInput<'updateKey'>['owner'],
  emailOf: EmailOf,
): Pick<Details, 'ownerId' | 'email'> {
  if (owner === undefined) return { ownerId, email };
  if (owner === null) return { ownerId: null, email: null };
  const kept = owner.id === ownerId ? email : emailOf(owner.id);
  return { ownerId: owner.id, email: owner.email === undefined ? kept : owner.email };
}
