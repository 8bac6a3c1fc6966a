// Scalars: positions as opaque tokens, times brought to the one form that is stored, and JSON. Their refusals name what is
// expected and never quote what came: they read on after the place that is wrong.
import { Kind, valueFromASTUntyped, type ValueNode } from 'graphql';
import * as fields from '../events/fields.ts';
import { decodePosition, encodePosition, type Position } from '../events/position.ts';
import { builder } from './builder.ts';
import { badUserInput } from './graphql-errors.ts';

const NOT_A_POSITION = 'must be a position as an earlier answer gave it';
const NOT_A_TIME = 'must be an RFC 3339 time, such as 2030-01-31T12:00:00Z';

function parsePosition(value: unknown, node?: ValueNode): Position {
  const position = typeof value === 'string' ? decodePosition(value) : null;
  if (!position) throw badUserInput(NOT_A_POSITION, node);
  return position;
}

/** The times that are taken; whether the day exists is no matter of form. */
export const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Any RFC 3339 time in UTC with milliseconds; digits past them are dropped. `null` if it is none, or names no day that exists. */
export function normalizeTime(value: string): string | null {
  const match = RFC_3339.exec(value);
  if (!match) return null;
  const [, day = '', time = '', fraction = '', sign, hours, minutes] = match;
  const local = fields.instant.safeParse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  if (!local.success) return null;
  if (sign === undefined) return local.data;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  const utc = fields.instant.safeParse(
    new Date(Date.parse(local.data) + (sign === '+' ? -offset : offset)).toISOString(),
  );
  return utc.success ? utc.data : null;
}

function parseTime(value: unknown, node?: ValueNode): string {
  const time = typeof value === 'string' ? normalizeTime(value) : null;
  if (time === null) throw badUserInput(NOT_A_TIME, node);
  return time;
}

/** Deeper than anything that is stored; a bound on what is walked recursively. */
const MAX_JSON_LEVELS = 32;

/** A number that no double holds is read as an infinite one. */
function isJson(value: unknown, levels: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isJson(member, levels - 1));
}

function parseJson(value: unknown, node?: ValueNode): unknown {
  if (!isJson(value, MAX_JSON_LEVELS))
    throw badUserInput(`must be JSON of at most ${MAX_JSON_LEVELS} levels, whose numbers fit a double`, node);
  return value;
}

const literal = (node: ValueNode): unknown => (node.kind === Kind.STRING ? node.value : null);

builder.scalarType('Position', {
  description: 'How far the log has been read: an opaque token out of an earlier answer.',
  serialize: encodePosition,
  parseValue: (value) => parsePosition(value),
  parseLiteral: (node) => parsePosition(literal(node), node),
});

builder.scalarType('DateTime', {
  description: 'A time in RFC 3339. Answers are in UTC with milliseconds.',
  serialize: (value) => value,
  parseValue: (value) => parseTime(value),
  parseLiteral: (node) => parseTime(literal(node), node),
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => parseJson(value),
  parseLiteral: (node, variables) => parseJson(valueFromASTUntyped(node, variables), node),
});
