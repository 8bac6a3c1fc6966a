// From a draft to what the API takes, field by field, and what the rules of the keyspace have against it.
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { texts } from '../texts/texts.ts';
import { daysAfter, daysBetween, endOfDay } from './calendar.ts';
import { ANY_DAY, METADATA, NEVER, type Draft, type KeyField } from './draft.ts';
import { isNetwork, isOrigin } from './network.ts';
import { breach, rulesFor } from './rules.ts';

const words = texts.form.problems;

/** Whether keys of the type may do everything, whatever was chosen. */
export function isUnrestricted({ types, permissions }: KeyspaceView, draft: Draft): boolean {
  const rule = types.find(({ id }) => id === draft.type)?.unrestricted ?? 'ALLOWED';
  return rule === 'ALWAYS' || (rule === 'ALLOWED' && permissions.unrestrictedAllowed && draft.unrestricted);
}

/** The scopes that keys of the chosen type may have; `null`: any. */
export const scopesOfType = ({ types }: KeyspaceView, { type }: Draft): readonly string[] | null =>
  types.find(({ id }) => id === type)?.scopes ?? null;

/** A field that says nothing for what was chosen in others is not shown. */
export function isOffered(field: KeyField, draft: Draft, view: KeyspaceView): boolean {
  const rule = view.types.find(({ id }) => id === draft.type)?.unrestricted ?? 'ALLOWED';
  if (field.kind === 'SCOPES') return !isUnrestricted(view, draft);
  if (field.id === 'unrestricted') return rule === 'ALLOWED' && view.permissions.unrestrictedAllowed;
  // Of one thing there is nothing to choose.
  return field.id !== 'type' && field.id !== 'environment' ? true : field.options.length > 1;
}

/** RFC 3339; `null`: never; `undefined`: not chosen, or no day. */
export function expiryOf(
  { choice, day }: Draft['expiresAt'],
  timeZone: string,
  now: number,
): string | null | undefined {
  if (choice === NEVER) return null;
  if (choice === ANY_DAY) return endOfDay(timeZone, day) ?? undefined;
  return choice === '' ? undefined : daysAfter(timeZone, now, Number(choice));
}

/** Guidance for a lifetime that was chosen, as the band that it falls into has it. */
export function bandOf({ expiry, timeZone }: KeyspaceView, draft: Draft, now: number) {
  const end = expiryOf(draft.expiresAt, timeZone, now);
  if (end === undefined) return null;
  const days = end === null ? Infinity : daysBetween(timeZone, now, Date.parse(end));
  return expiry?.bands.find(({ upToDays }) => upToDays == null || days <= upToDays) ?? null;
}

function metadataText(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What the API is given; `undefined`: the field is left out. */
export function valueOf(field: KeyField, draft: Draft, view: KeyspaceView, now: number): unknown {
  const text = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim());
  if (field.id.startsWith(METADATA)) {
    const value = draft.metadata[field.id.slice(METADATA.length)];
    return typeof value === 'string' ? text(value) : value;
  }
  switch (field.id) {
    case 'type':
      return text(draft.type);
    case 'environment':
      return text(draft.environment);
    case 'name':
      return text(draft.name);
    case 'description':
      return text(draft.description);
    case 'unrestricted':
      return isOffered(field, draft, view) ? draft.unrestricted : undefined;
    case 'scopes': {
      if (!isOffered(field, draft, view)) return undefined;
      const offered = scopesOfType(view, draft);
      return draft.scopes.filter((scope) => offered?.includes(scope) ?? true);
    }
    case 'flags':
      return draft.flags;
    case 'resources':
      return draft.resources.all ? { all: true, ids: [] } : draft.resources;
    case 'origins':
      return draft.origins;
    case 'ipRanges':
      return draft.ipRanges;
    case 'rateLimit':
      if (text(draft.rateLimit) === undefined) return undefined;
      return { limit: Number(draft.rateLimit), windowSeconds: view.rateLimit?.windowSeconds };
    case 'expiresAt':
      return expiryOf(draft.expiresAt, view.timeZone, now);
    case 'owner': {
      const { whose, id, email, self } = draft.owner;
      if (whose === 'caller')
        return self === null || !field.required ? undefined : { id: self, email: text(email) ?? null };
      return whose === 'nobody' ? null : { id: id.trim(), email: text(email) ?? null };
    }
    case 'tags':
      return draft.tags;
    default:
      return field.kind === 'METADATA' ? (metadataText(draft.metadataText) ?? undefined) : undefined;
  }
}

const isEmpty = (value: unknown): boolean => value == null || (Array.isArray(value) && value.length === 0);

/** Why a field cannot be as it is, in words; `null`: the server may be asked. */
export function problemOf(field: KeyField, draft: Draft, view: KeyspaceView, now: number): string | null {
  if (!isOffered(field, draft, view)) return null;
  const value = valueOf(field, draft, view, now);
  if (field.kind === 'OWNER' && value == null)
    return field.required && draft.owner.whose === 'nobody' ? words.required : null;
  if (field.kind === 'OWNER' && field.required && draft.owner.email.trim() === '') return words.email;
  if (field.kind === 'EXPIRY') return expiryProblem(draft, view, now);
  if (isEmpty(value) && field.required) return words.required;
  if (value == null) return null;
  if (field.kind === 'METADATA' && (typeof value !== 'object' || Array.isArray(value))) return words.json;
  if (field.kind === 'ORIGINS' && !draft.origins.every(isOrigin)) return words.origin;
  if (field.kind === 'IP_RANGES' && !draft.ipRanges.every(isNetwork)) return words.network;
  const rules = rulesFor(field.rules as Record<string, unknown>, draft.type, isUnrestricted(view, draft));
  for (const each of rules) {
    const found = breach(each, value);
    if (found) return wordsOf(found.rule, found.asked, view);
  }
  return null;
}

function expiryProblem({ expiresAt }: Draft, view: KeyspaceView, now: number): string | null {
  const { expiry, timeZone } = view;
  const end = expiryOf(expiresAt, timeZone, now);
  if (end === undefined) return words.required;
  if (end === null) return expiry?.noExpiry === false ? words.required : null;
  const days = daysBetween(timeZone, now, Date.parse(end));
  if (days < 0) return words.past;
  if (expiry?.afterToday === true && days < 1) return words.afterToday;
  const most = expiry?.maxLifetimeDays ?? null;
  return most !== null && days > most ? words.tooLate(most) : null;
}

function wordsOf(rule: string, asked: unknown, { rateLimit }: KeyspaceView): string {
  switch (rule) {
    case 'maxLength':
      return words.tooLong(Number(asked));
    case 'minItems':
      return words.tooFew(Number(asked));
    case 'maxItems':
      return words.tooMany(Number(asked));
    case 'minimum':
    case 'maximum':
      return rateLimit ? words.range(rateLimit.min, rateLimit.max) : words.invalid;
    case 'type':
      return asked === 'integer' ? words.integer : words.invalid;
    case 'enum':
      return words.unknown;
    default:
      return words.invalid;
  }
}
