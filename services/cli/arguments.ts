// Arguments: text of the command line → values, refused with a message that says what is wanted.
import { InvalidArgumentError } from 'commander';
import { workspaceId } from '../../events/fields.ts';
import { email as address, subject as actorId } from '../api/claim.ts';
import { parseDuration } from '../shared/duration.ts';

/** `a,b,c`; an empty text is an empty list. */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Who a token speaks for: the actor of events, so an opaque id. */
export function subject(text: string): string {
  if (!actorId.safeParse(text).success) {
    throw new InvalidArgumentError('An opaque id is needed, not an e-mail address: events keep it for ever.');
  }
  return text;
}

/** An e-mail address, by the rule that a token's is read under. */
export function email(text: string): string {
  if (!address.safeParse(text).success) throw new InvalidArgumentError('An e-mail address is needed.');
  return text;
}

/** A workspace, by the rule that its keys are made under. */
export function workspace(text: string): string {
  const read = workspaceId.safeParse(text);
  if (!read.success) throw new InvalidArgumentError(`A workspace ${read.error.issues[0]?.message ?? 'id is needed'}.`);
  return text;
}

/** `a,b` of these, in whatever case. */
export function some<T extends string>(choices: readonly T[]): (text: string) => T[] {
  return (text) => {
    const asked = list(text.toUpperCase());
    const known = choices.filter((choice) => asked.includes(choice));
    if (asked.length === 0 || asked.some((one) => !choices.some((choice) => choice === one)))
      throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
    return known;
  };
}

export function integer(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
}

/** How many of something; none at all would be no question. */
export function count(text: string): number {
  const read = integer(text);
  if (read === 0) throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return read;
}

/** `30s`, `10m`, `1h`, `7d` as seconds. */
export function seconds(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === null) throw new InvalidArgumentError('A duration such as 30s, 10m, 1h or 7d is needed.');
  return Math.floor(milliseconds / 1000);
}

/** A duration from now as an RFC 3339 time. */
export function fromNow(text: string): string {
  return new Date(Date.now() + seconds(text) * 1000).toISOString();
}

/** An RFC 3339 time, in the one form that is stored. */
export function instant(text: string): string {
  const time = Date.parse(text);
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text) || Number.isNaN(time)) {
    throw new InvalidArgumentError('A time such as 2030-01-31T00:00:00Z is needed.');
  }
  return new Date(time).toISOString();
}

/** `100/60s`: a limit in a window. */
export function rateLimit(text: string): { readonly limit: number; readonly windowSeconds: number } {
  const [limit = '', window = '', ...rest] = text.split('/');
  if (rest.length > 0) throw new InvalidArgumentError('A limit such as 100/60s is needed.');
  return { limit: integer(limit), windowSeconds: seconds(window) };
}

/** `all`, or ids. */
export function resources(text: string): { readonly all: boolean; readonly ids: readonly string[] } {
  return text === 'all' ? { all: true, ids: [] } : { all: false, ids: list(text) };
}

/** `type:id`, split at the first colon. */
export function resource(text: string): { readonly type: string; readonly id: string } {
  const at = text.indexOf(':');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('A resource such as agent:42 is needed.');
  return { type: text.slice(0, at), id: text.slice(at + 1) };
}

export function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError('JSON is needed.');
  }
}
