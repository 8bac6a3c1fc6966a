// Bundles: events that prove themselves, as lines of NDJSON. A line is the canonical form of one object and nothing else,
// so that every byte of a bundle is under a hash, a root or a signature.
import { z } from 'zod';
import { canonical } from '../canonical.ts';
import { attributes, type Attributes } from '../catalogue.ts';
import type { Salted } from '../chain.ts';
import * as fields from '../fields.ts';
import { KEYSPACES, isAggregateId } from '../ids.ts';
import { checkpoint, signedCheckpoint } from './checkpoint.ts';
import type { Head } from './tree.ts';
import { digest, workspaceProof } from './workspaces.ts';

const aggregateId = z.string().refine(isAggregateId, 'must be the id of a key, or "keyspaces"');
const version = z.int().min(1);
const object = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);
const salted = object.refine(
  ({ salt }) => typeof salt === 'string' && /^[A-Za-z0-9_-]{22}$/.test(salt),
  'must have a salt: 16 bytes as base64url',
) as unknown as z.ZodType<Salted<object>>;

const event = z.strictObject({ ...attributes.shape, subject: aggregateId, data: object, personal: salted.optional() });
/** Where a key stands that has no event in the bundle; `workspace` is the empty text for `keyspaces`. */
const head = z
  .strictObject({ key: aggregateId, version, head: digest, workspace: fields.workspaceId.or(z.literal('')) })
  .refine(({ key, workspace }) => (key === KEYSPACES) === (workspace === ''), {
    path: ['workspace'],
    error: 'must be given for every key, and be empty for "keyspaces"',
  });
/** A signed checkpoint; in the bundle of one workspace with what stands for that workspace in it. */
const signed = z.strictObject({ ...signedCheckpoint.shape, checkpoint, workspace: workspaceProof.optional() });
/** An older checkpoint, and the version of each key that was behind then; 0 where it was not there yet. */
const behind = object
  .refine((value) => Object.keys(value).every(isAggregateId), 'must name keys only') // z.record passes over "__proto__"
  .pipe(z.record(aggregateId, z.int().min(0)));
const older = z.strictObject({ ...signed.shape, behind });

/** The lines of a bundle, by the one member that tells them apart; the last has its members openly. */
export const lines = {
  from: z.strictObject({ from: signed }),
  older: z.strictObject({ older }),
  event: z.strictObject({ event }),
  head: z.strictObject({ head }),
  checkpoint: signed,
} as const;
export type LineKind = keyof typeof lines;

export type BundledEvent = z.infer<typeof event>;
export type BundledHead = Head & { readonly workspace: string };
export type SignedMember = z.infer<typeof signed>;
export type OlderMember = z.infer<typeof older>;

/** What a line needs of an event; a history row has it. */
export interface WrittenEvent {
  readonly attributes: Attributes;
  readonly data: object;
  /** The data as the log has it, where that is not `data`. */
  readonly written?: object;
}

const line = (value: unknown): string => `${canonical(value)}\n`;

/** @param personal the part as it was sealed ({@link openSealed}); `null` once it is erased. */
export function eventLine({ attributes, data, written }: WrittenEvent, personal: Salted<object> | null): string {
  return line({ event: { ...attributes, data: written ?? data, ...(personal && { personal }) } });
}

/** Only in bundles of a range: a key whose last event lies before it. */
export function headLine({ key, version, head, workspace }: BundledHead): string {
  return line({ head: { key, version, head, workspace } });
}

/** The first line of a bundle of a range: it holds what came after that checkpoint. */
export function fromLine(from: SignedMember): string {
  return line({ from });
}

/** A checkpoint between the first and the last that somebody kept; one line each, in the order of their numbers. */
export function olderLine(of: OlderMember): string {
  return line({ older: of });
}

/** The last line. */
export function lastLine({ checkpoint, signature, workspace }: SignedMember): string {
  return line({ checkpoint, signature, ...(workspace && { workspace }) });
}

/** The order of the lines of keys: by key, then by version. */
export function compareLines(a: Omit<Head, 'head'>, b: Omit<Head, 'head'>): number {
  return a.key === b.key ? a.version - b.version : a.key < b.key ? -1 : 1;
}
