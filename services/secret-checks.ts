// Secrets of the settings, checked against what this installation has been run with: other bytes under a known id would
// deny every good key, seal what nobody can open, or sign in another's name; a sealing key that is gone would leave its keys unmanageable.
import { createHmac } from 'node:crypto';
import type { SigningKey } from '../events/proof/checkpoint.ts';
import type { SealingKey } from '../events/sealing.ts';
import type { Pepper } from '../events/secret.ts';
import type { ReadStore } from '../projections/read-store.ts';

/** A secret is not the one that this installation was run with, or is missing. */
export class WrongSecretError extends Error {
  readonly code = 'WRONG_SECRET';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

const KINDS = {
  pepper: { called: 'pepper', setting: 'KEYFOLD_PEPPERS' },
  sealing: { called: 'sealing key', setting: 'KEYFOLD_SEALING_KEYS' },
  checkpoint: { called: 'checkpoint key', setting: 'KEYFOLD_CHECKPOINT_KEYS' },
} as const;
type Kind = keyof typeof KINDS;

export interface Secrets {
  readonly peppers: readonly Pepper[];
  readonly sealingKeys: readonly SealingKey[];
  readonly checkpointKeys?: readonly SigningKey[];
}

/**
 * Recognises each secret by a check value (nothing can be derived from it), which the store keeps from the first start on.
 * A verifier that runs alone has no sealing keys.
 *
 * @throws {@link WrongSecretError} other bytes under a known id, or a sealing key is missing that data keys are wrapped by.
 */
export async function checkSecrets(
  { checks, wraps }: Pick<ReadStore, 'checks' | 'wraps'>,
  secrets: Secrets,
): Promise<void> {
  const given = checksOf(secrets);
  const known = await checks.all();
  refuseOthers(known, given);
  await refuseMissing({ wraps }, known, given);
  const fresh = given.filter(({ name }) => !known.has(name));
  for (const { name, value } of fresh) await checks.add(name, value);
  // Of two processes that start at once with different bytes, one finds the other's.
  if (fresh.length > 0) refuseOthers(await checks.all(), given);
}

interface Check {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  readonly value: string;
}

function checksOf({ peppers, sealingKeys, checkpointKeys = [] }: Secrets): readonly Check[] {
  const check = (kind: Kind, { id, key }: Pepper | SealingKey): Check => ({
    ...{ kind, id, name: nameOf(kind, id) },
    value: createHmac('sha256', key).update(`keyfold ${kind} check`).digest('hex').slice(0, 32),
  });
  return [
    ...peppers.map((pepper) => check('pepper', pepper)),
    ...sealingKeys.map((key) => check('sealing', key)),
    ...checkpointKeys.map((key) => check('checkpoint', key)),
  ];
}

function refuseOthers(known: ReadonlyMap<string, string>, given: readonly Check[]): void {
  for (const { kind, id, name, value } of given) {
    const stored = known.get(name);
    if (stored !== undefined && stored !== value) throw changed(kind, id);
  }
}

/** One that wraps nothing any more may go: it was rotated out, or was never used. */
async function refuseMissing(
  { wraps }: Pick<ReadStore, 'wraps'>,
  known: ReadonlyMap<string, string>,
  given: readonly Check[],
): Promise<void> {
  const prefix = nameOf('sealing', '');
  const held = given.filter(({ kind }) => kind === 'sealing').map(({ name }) => name);
  if (held.length === 0) return;
  const missing = [...known.keys()].filter((name) => name.startsWith(prefix) && !held.includes(name));
  for (const name of missing) {
    const id = name.slice(prefix.length);
    if (await wraps.uses(id)) throw gone(id);
  }
}

const nameOf = (kind: Kind, id: string): string => `${kind}:${id}`;

function changed(kind: Kind, id: string): WrongSecretError {
  const { called, setting } = KINDS[kind];
  return new WrongSecretError(
    `${called} "${id}" is not the one that this installation was run with`,
    `put the former bytes back under this id in ${setting}; a new ${called} gets an id of its own, in front of the others`,
  );
}

function gone(id: string): WrongSecretError {
  const { called, setting } = KINDS.sealing;
  return new WrongSecretError(
    `${called} "${id}" was in use and is missing: what it sealed could not be read, nor its keys be changed`,
    `put it back into ${setting}, behind the newest one; it can go after keyfold sealing rewrap`,
  );
}
