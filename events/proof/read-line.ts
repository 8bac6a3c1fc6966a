// One line of a bundle: bytes → what it says, or what is wrong with its form. Reasons never quote values.
import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { canonical } from '../canonical.ts';
import { attributes } from '../catalogue.ts';
import * as fields from '../fields.ts';
import { problemOf } from '../problem.ts';
import { lines, type LineKind } from './bundle.ts';

type Said<K extends LineKind> = z.infer<(typeof lines)[K]>;

export type ReadLine =
  | { readonly [K in LineKind]: { readonly kind: K; readonly said: Said<K> } }[LineKind]
  /** `alien`: nothing tells that it was ever a line of a bundle. */
  | { readonly kind: 'bad'; readonly problem: string; readonly alien: boolean; readonly eventId: string | null };

/** Far more than events have; a limit of our own, as those of parsers and stacks differ. */
const MAX_LEVELS = 100;
const KINDS = Object.keys(lines) as LineKind[];

const alien = (problem: string): ReadLine => ({ kind: 'bad', problem, alien: true, eventId: null });
const bad = (problem: string, json: object): ReadLine => ({ kind: 'bad', problem, alien: false, eventId: idOf(json) });

export function readLine(bytes: Uint8Array): ReadLine {
  if (!isUtf8(bytes)) return alien('the line is not UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const json = parse(text);
  if (typeof json !== 'object' || json === null) return alien('the line is not a JSON object');
  if (!fields.hasLevels(json, MAX_LEVELS)) return alien(`the line has more than ${MAX_LEVELS} levels`);
  const kind = KINDS.find((name) => Object.hasOwn(json, name));
  if (kind === undefined) return alien('the line is none of a bundle: no event, head or checkpoint');
  const read = lines[kind].safeParse(json);
  if (!read.success) {
    const { path, message } = problemOf(read.error);
    return bad(`${path.join('.') || 'the line'} ${message}`, json);
  }
  if (!isCanonical(json, text)) return bad('the line is not in canonical form', json);
  return { kind, said: json } as ReadLine;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A second member of a name, white space or another way to write a number would be bytes that nothing covers. */
function isCanonical(json: object, text: string): boolean {
  try {
    return canonical(json) === text;
  } catch {
    return false;
  }
}

/** What an event's line says that its id is, whatever else is wrong with it. */
function idOf(json: object): string | null {
  const event = 'event' in json ? json.event : null;
  const id = typeof event === 'object' && event !== null && 'id' in event ? event.id : null;
  const read = attributes.shape.id.safeParse(id);
  return read.success ? read.data : null;
}
