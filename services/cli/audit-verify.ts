// `keyfold audit verify`: proves a bundle offline: no server, no settings, nothing but the file, and what the caller kept.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { checkBundle, type CheckResult, type SignedSummary, type Summary } from '../../events/proof/check.ts';
import { publicKey, signedCheckpoint, type Jwks, type SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import { linesOf } from '../../events/proof/lines.ts';
import { problemOf } from '../../events/problem.ts';
import { fieldLines, visible } from './format.ts';
import { CliError, Ended, EXIT, print, printJson, remark, type Io } from './io.ts';
import { jsonOption } from './key-commands.ts';

interface Options {
  readonly checkpoint?: string;
  readonly keys?: string;
  readonly json?: boolean;
}

export function addAuditVerify(audit: Command, io: Io): void {
  audit
    .command('verify')
    .summary('prove a bundle, offline')
    .description(
      'Proves a bundle of `keyfold events export`, offline: every event is as it was written, in order, none is missing, ' +
        'and all of them are what the signed checkpoint stands for. Asks no server and reads no settings.',
    )
    .argument('<file>', 'the bundle; - reads standard input')
    .option('--checkpoint <file>', 'a checkpoint that was kept elsewhere: the bundle must be consistent with it')
    .option('--keys <file>', 'a JWKS: only signatures of its keys count; without it any key may have signed')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Exit codes: 0 intact, 1 tampered with (which line, which event, and what), 2 unreadable, or it cannot be told.

Examples:
  keyfold audit verify acme.ndjson --keys keys.json
  keyfold audit verify acme.ndjson --checkpoint checkpoint-7.json
  gunzip -c all.ndjson.gz | keyfold audit verify -`,
    )
    .action(async (file: string, { checkpoint, keys, json = false }: Options) => {
      const kept = checkpoint === undefined ? undefined : await readCheckpoint(checkpoint);
      const known = keys === undefined ? undefined : await readKeys(keys);
      const result = await checkFile(io, file, { kept, keys: known });
      if (json) printJson(io, result);
      else tell(io, result);
      if (result.kind !== 'intact') throw new Ended(result.kind === 'tampered' ? EXIT.refused : EXIT.unknown);
    });
}

async function checkFile(
  io: Io,
  file: string,
  known: { readonly kept: SignedCheckpoint | undefined; readonly keys: Jwks | undefined },
): Promise<CheckResult> {
  try {
    const size = file === '-' ? null : (await stat(file)).size;
    const chunks: AsyncIterable<Uint8Array> =
      file === '-' ? io.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
    return await checkBundle({ lines: linesOf(withProgress(io, chunks, size)), ...known });
  } catch (error) {
    throw unreadable(file, error);
  }
}

const PROGRESS_BYTES = 50_000_000;

/** Says how far it is, where somebody sits in front of it and it takes long enough. */
async function* withProgress(
  io: Io,
  chunks: AsyncIterable<Uint8Array | string>,
  size: number | null,
): AsyncGenerator<Uint8Array> {
  const isTerminal = 'isTTY' in io.stderr && io.stderr.isTTY === true;
  let bytes = 0;
  let told = 0;
  for await (const chunk of chunks) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += part.byteLength;
    if (isTerminal && bytes - told >= PROGRESS_BYTES) {
      told = bytes;
      const of = size === null ? '' : ` of ${Math.ceil(size / 1e6)}`;
      io.stderr.write(`\rchecked ${Math.floor(bytes / 1e6)}${of} MB`);
    }
    yield part;
  }
  if (told > 0) io.stderr.write('\r\u001b[K');
}

const readCheckpoint = (file: string): Promise<SignedCheckpoint> =>
  readAs(file, 'a signed checkpoint', signedCheckpoint);

const jwks = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional(), x: z.string().optional() })) });

async function readKeys(file: string): Promise<Jwks> {
  const { keys } = await readAs(file, 'a JWKS', jwks);
  const usable = keys.filter((key) => publicKey.safeParse(key).success);
  if (usable.length > 0) return { keys: usable };
  throw new CliError('UNREADABLE', `${file} has no Ed25519 key`, { exitCode: EXIT.unknown, advice: KEYS_ADVICE });
}

const KEYS_ADVICE = 'its operator has them, and /.well-known/keyfold/checkpoint-keys of its API';

async function readAs<T>(file: string, what: string, schema: z.ZodType<T>): Promise<T> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw error instanceof SyntaxError ? notA(file, what, 'it is not JSON') : unreadable(file, error);
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const { path, message } = problemOf(read.error);
  throw notA(file, what, `${path.join('.') || 'it'} ${message}`);
}

const notA = (file: string, what: string, why: string): CliError =>
  new CliError('UNREADABLE', `${file} is not ${what}: ${why}`, { exitCode: EXIT.unknown });

function unreadable(file: string, error: unknown): CliError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : null;
  if (why === null && !code.startsWith('E')) throw error;
  return new CliError('UNREADABLE', `${file} cannot be read: ${why ?? code}`, { exitCode: EXIT.unknown });
}

function tell(io: Io, result: CheckResult): void {
  switch (result.kind) {
    case 'intact':
      print(io, ...summaryLines(result.summary));
      return;
    case 'tampered': {
      const { line, eventId, problem } = result;
      remark(io, `TAMPERED: line ${line}${eventId === null ? '' : `, ${visible(eventId)}`}: ${visible(problem)}`);
      return;
    }
    case 'untold':
      remark(io, `UNTOLD: ${visible(result.problem)}`);
      if (result.advice !== null) remark(io, `  ${result.advice}`);
  }
}

function summaryLines({ workspace, keys, events, erased, checkpoint, from, older, kept }: Summary): string[] {
  const named = ({ id, time }: SignedSummary): string => `${id} of ${time}`;
  const parts =
    erased.parts === 0 ? 'none' : `${erased.parts}, of which ${erased.unrecorded} without a record of it here`;
  const signer = checkpoint.known ? 'a known key' : 'not tied to a known key: give --keys FILE';
  return fieldLines({
    bundle: 'intact',
    of: workspace === null ? 'everything' : `workspace ${workspace}`,
    keys: String(keys),
    events: String(events),
    after: from ? named(from) : 'the beginning',
    checkpoint: named(checkpoint),
    position: checkpoint.position,
    signed: `by ${checkpoint.kid}, ${signer}`,
    consistent: older.length === 0 ? null : older.map(named).join(', '),
    kept,
    erased: parts,
  });
}
