// Files of the usage spool: one batch each, whole or not at all, under a name that says whose it is and its sequence. The
// first line is the digest of the rest, so that a damaged one is known.
import { readFile } from 'node:fs/promises';
import { sha256 } from '../../events/canonical.ts';
import { createDurableFile } from '../shared/durable-file.ts';

export interface BatchName {
  readonly verifier: string;
  readonly sequence: number;
  /** Whether the calls were taken out of it to make room. */
  readonly thin: boolean;
}

const SEQUENCE_DIGITS = 12;
const NAME = /^([A-Za-z0-9_-]{1,100})\.(\d{12})(\.counts)?\.usage$/;
/** What was being written when the process was killed. */
const UNFINISHED = /\.usage\.[0-9a-f]+\.tmp$/;
export const DAMAGED = '.damaged';

export const fileName = ({ verifier, sequence, thin }: BatchName): string =>
  `${verifier}.${String(sequence).padStart(SEQUENCE_DIGITS, '0')}${thin ? '.counts' : ''}.usage`;

export function readFileName(name: string): BatchName | null {
  const [, verifier, sequence, thin] = NAME.exec(name) ?? [];
  return verifier === undefined ? null : { verifier, sequence: Number(sequence), thin: thin !== undefined };
}

export const isUnfinished = (name: string): boolean => UNFINISHED.test(name);

/** @throws what the file system says. */
export async function writeBatchFile(path: string, json: Uint8Array): Promise<void> {
  await createDurableFile(path, Buffer.concat([Buffer.from(`${sha256(json)}\n`), json]));
}

/** What no waiting mends: somebody took the file away, or put something else in its place. */
const NO_FILE = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM']);

/**
 * The JSON of a batch; `null`: the file is damaged or gone, or is not the one that its name says.
 *
 * @throws what the file system says that may pass.
 */
export async function readBatchFile(path: string, name: BatchName): Promise<Uint8Array | null> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (NO_FILE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  });
  if (bytes === null) return null;
  const at = bytes.indexOf('\n');
  const json = bytes.subarray(at + 1);
  if (at < 0 || bytes.toString('latin1', 0, at) !== sha256(json)) return null;
  const head = batchHead(name);
  return json.toString('latin1', 0, head.length) === head ? json : null;
}

/** What every batch's JSON begins with. */
export const batchHead = ({ verifier, sequence }: Omit<BatchName, 'thin'>): string =>
  `{"verifier":"${verifier}","sequence":${sequence},`;
