// Records of facts (E6): a fact about time as bytes of the log and back. All of a record follows from the key, its expiry
// and the moment, so whoever notices it writes the same bytes. What does not say so of itself is unreadable.
import { z } from 'zod';
import { schemaName } from './catalogue.ts';
import { MS_PER_DAY, factAttributes, isFactType, keyFacts, type FactType, type RecordedFact } from './key/facts.ts';
import type { NewRecord } from './log.ts';
import { problemOf } from './problem.ts';

/** Whose expiry a fact speaks of, and of which. */
export interface Expiring {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly keyspace: string;
  /** ISO time. */
  readonly expiresAt: string;
}

/** `keyfold.KeyExpired.v1` for `KeyExpired` at its current version. */
export function factWireType(type: FactType): string {
  return `keyfold.${type}.v${keyFacts[type].version}`;
}

/** The moment `days` before a key expires; 0: when it does. */
export function momentBefore(expiresAt: string, days: number): string {
  return new Date(Date.parse(expiresAt) - days * MS_PER_DAY).toISOString();
}

/** The fact of that moment: `KeyExpired` where `days` is 0, else `KeyExpiring`. */
export function factAt({ keyId, workspaceId, keyspace, expiresAt }: Expiring, days: number): RecordedFact {
  const type = days === 0 ? 'KeyExpired' : 'KeyExpiring';
  const time = momentBefore(expiresAt, days);
  const wire = factWireType(type);
  return {
    type,
    attributes: {
      id: factId(keyId, type, time),
      source: '/keyfold',
      type: wire,
      subject: keyId,
      time,
      dataschema: schemaName(wire),
      workspaceid: workspaceId,
    },
    data: days === 0 ? { keyspace, expiresAt } : { keyspace, expiresAt, days },
  };
}

const factId = (keyId: string, type: FactType, time: string): string => `${keyId}@${type}@${time}`;

/** How many days before the expiry a fact is of; 0 for the expiry itself. */
export const daysOf = ({ data }: Pick<RecordedFact, 'data'>): number => ('days' in data ? data.days : 0);

/** The record of a fact: one JSON object, keyed by the key, so that it lies where the key's events do. */
export function encodeFact({ attributes, data }: Pick<RecordedFact, 'attributes' | 'data'>): NewRecord {
  return { key: attributes.subject, value: Buffer.from(JSON.stringify({ ...attributes, data })), headers: {} };
}

/** The fact whose name a record has, whichever version of it; `null`: it is no fact. */
export function claimedFact(json: unknown): FactType | null {
  if (typeof json !== 'object' || json === null || !('type' in json) || typeof json.type !== 'string') return null;
  const type = NAME.exec(json.type)?.[1] ?? '';
  return isFactType(type) ? type : null;
}

const NAME = /^keyfold\.([A-Za-z]+)\.v[1-9]\d{0,3}$/;
const wire = z.strictObject({ ...factAttributes.shape, data: z.unknown() });

export type DecodedFact =
  { readonly ok: true; readonly fact: RecordedFact } | { readonly ok: false; readonly reason: string };

const unreadable = (reason: string): DecodedFact => ({ ok: false, reason });

/** Reads what {@link claimedFact} has named. Reasons name what is wrong and never quote values. */
export function decodeFact(type: FactType, json: unknown, key: string | null): DecodedFact {
  const parsed = wire.safeParse(json);
  if (!parsed.success) return unreadable(describe('record', parsed.error));
  const { data: raw, ...attributes } = parsed.data;
  if (attributes.type !== factWireType(type)) return unreadable(`unknown type ${attributes.type}`);
  if (attributes.subject !== key) return unreadable('subject is not the record key');
  const read = keyFacts[type].data.safeParse(raw);
  if (!read.success) return unreadable(describe('data', read.error));
  const fact: RecordedFact = { type, attributes, data: read.data };
  const { keyspace, expiresAt } = fact.data;
  const { subject: keyId, workspaceid: workspaceId } = attributes;
  const said = factAt({ keyId, workspaceId, keyspace, expiresAt }, daysOf(fact)).attributes;
  if (attributes.time !== said.time) return unreadable('time is not the moment that the data speak of');
  if (attributes.id !== said.id) return unreadable('id is not subject@fact@time');
  if (attributes.dataschema !== said.dataschema) return unreadable('dataschema is not the one of its type');
  return { ok: true, fact };
}

function describe(what: string, error: z.ZodError): string {
  const { path, message } = problemOf(error);
  return `${[what, ...path].join('.')} ${message}`;
}
