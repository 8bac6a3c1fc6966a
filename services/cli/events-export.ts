// `keyfold events export`: a bundle as NDJSON, on standard output or into a file, as fast as it is taken. One that was cut off
// is an error: its last line is missing, and `keyfold audit verify` would say so, too.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { signedCheckpoint } from '../../events/proof/checkpoint.ts';
import { apiUrl, callerToken, isEmbedded } from './credentials.ts';
import { refusedBy } from './api-client.ts';
import { openStream } from './http.ts';
import { CliError, EXIT, remark, type Io } from './io.ts';
import { writeFileAtomic } from './output-file.ts';

interface Options {
  readonly workspace?: string;
  readonly from?: string;
  readonly to?: string;
  readonly checkpoint?: readonly string[];
  readonly out?: string;
  readonly quiet?: boolean;
}

/** Lines between two words on how far it is. */
const PROGRESS_LINES = 50_000;

export function addEventsExport(events: Command, io: Io): void {
  events
    .command('export')
    .summary('a bundle of events that proves itself')
    .description(
      'Writes a bundle of events (NDJSON) with what proves it: `keyfold audit verify` checks it offline. A range is rounded ' +
        'outwards to checkpoints; without --to a new one is signed if anything happened since the last.',
    )
    .option('--workspace <id>', 'only this one; without it everything, for operators')
    .option('--from <position>', 'what happened behind it; it names every partition, as a workspace’s position does')
    .option('--to <position>', 'what happened before it')
    .option(
      '--checkpoint <file>',
      'a checkpoint that was kept: the bundle proves that nothing it stands for was changed; may be repeated',
      (file: string, before: readonly string[] | undefined) => [...(before ?? []), file],
    )
    .option('--out <file>', 'where to; default: standard output')
    .option('--quiet', 'no word on how far it is')
    .addHelpText(
      'after',
      `
Examples:
  keyfold events export --workspace acme > acme.ndjson
  keyfold events export --checkpoint checkpoint.json --out all.ndjson
  keyfold audit verify all.ndjson --checkpoint checkpoint.json`,
    )
    .action(async (options: Options) => {
      const url = new URL(`${apiUrl(io.env)}/v1/events/export`);
      for (const name of ['workspace', 'from', 'to'] as const) {
        const value = options[name];
        if (value !== undefined) url.searchParams.set(name, value);
      }
      for (const file of options.checkpoint ?? []) url.searchParams.append('checkpoint', String(await numberIn(file)));
      const token = await callerToken(io.env, options.workspace ?? (isEmbedded(io.env) ? 'demo' : ''));
      const lines = countLines(io, await openBundle(io, url, token), options.quiet === true);
      if (options.out === undefined) await toStream(io, lines);
      else {
        await writeFileAtomic(options.out, async (file) => {
          for await (const chunk of lines) await file.writeFile(chunk);
        });
      }
    });
}

async function openBundle(io: Io, url: URL, token: string): Promise<AsyncIterable<Uint8Array>> {
  const opened = await openStream(url.href, token, 'KEYFOLD_URL');
  if (opened.status === 200 && opened.type.startsWith('application/x-ndjson')) return opened.body;
  throw refusedBy(io, { status: opened.status, body: await opened.json() }, 'no bundle');
}

async function numberIn(file: string): Promise<number> {
  const wrong = (why: string): CliError => new CliError('UNREADABLE', `${file} ${why}`, { exitCode: EXIT.unknown });
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw wrong(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'it failed'})`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong('is no signed checkpoint: it is not JSON');
  }
  const read = signedCheckpoint.safeParse(json);
  if (!read.success) throw wrong('is no signed checkpoint');
  return read.data.checkpoint.number;
}

/** What passes, counted; throws behind the last chunk if the last line was none of a checkpoint. */
async function* countLines(io: Io, chunks: AsyncIterable<Uint8Array>, quiet: boolean): AsyncGenerator<Uint8Array> {
  const begin = '{"checkpoint":';
  let lines = 0;
  let told = 0;
  /** What the line under way begins with. */
  let start = '';
  let last = '';
  try {
    for await (const chunk of chunks) {
      let at = 0;
      for (;;) {
        const end = chunk.indexOf(10, at);
        const stop = end === -1 ? chunk.length : end;
        start += Buffer.from(chunk.subarray(at, Math.min(stop, at + begin.length - start.length))).toString('latin1');
        if (end === -1) break;
        [last, start] = [start, ''];
        lines += 1;
        at = end + 1;
      }
      if (!quiet && lines - told >= PROGRESS_LINES) {
        told = lines;
        remark(io, `${lines} lines`);
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof CliError ? error : cutOff(error);
  }
  if (last !== begin || start !== '') throw cutOff();
  if (!quiet) remark(io, `${lines} lines, the last one its checkpoint`);
}

const cutOff = (cause?: unknown): CliError =>
  new CliError('CUT_OFF', 'the bundle was cut off: its last line is missing, and nobody can prove it', {
    exitCode: EXIT.unknown,
    advice: 'export it again; where it takes longer than 15 minutes, in ranges (--from, --to)',
    cause,
  });

async function toStream({ stdout }: Io, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) if (!stdout.write(chunk)) await once(stdout, 'drain');
}
