// `keyfold events follow`: a subscription in a shell. Whatever cuts it, it connects again and goes on behind the last event
// that it has printed, so that none is missing and none comes twice.
import { z } from 'zod';
import { createBackOff } from '../../projections/back-off.ts';
import { graphql, mayPass } from './api-client.ts';
import { apiUrl, callerToken } from './credentials.ts';
import { FOLLOW_EVENTS, FOLLOW_FROM } from './documents.ts';
import { readMessages } from './event-stream.ts';
import { jsonText, visible } from './format.ts';
import { CliError, EXIT, print, remark, type Io } from './io.ts';

export interface FollowOptions {
  readonly workspace: string;
  readonly from?: string;
  readonly types?: readonly string[];
  readonly json?: boolean;
}

/** Heartbeats come every 12 s: a stream that is silent for longer than this is dead. */
const SILENCE_MS = 40_000;
/** Codes that another try does not change. */
const FINAL = new Set(['BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN']);

const event = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  actor: z.object({ kind: z.string(), id: z.string() }).nullish(),
  data: z.unknown(),
});
const failure = z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) });
const result = z.object({
  data: z.object({ keyEvents: event }).nullish(),
  errors: z.array(failure).optional(),
});
type KeyEvent = z.infer<typeof event>;

/** Ends on Ctrl-C, without an error. @throws {@link CliError} what another try would not change. */
export async function followEvents(io: Io, options: FollowOptions): Promise<void> {
  const signal = io.interrupted ?? untilInterrupted();
  const isOver = (): boolean => signal.aborted; // a function, as it changes while something is awaited
  const backOff = createBackOff({ firstMs: 250, maxMs: 10_000 });
  let position = options.from ?? null;
  while (!isOver()) {
    try {
      position ??= await positionNow(io, options.workspace);
      for await (const { id, data } of follow(io, options, position, signal)) {
        if (data) print(io, options.json === true ? jsonText({ ...data, position: id }) : lineOf(data));
        position = id ?? position;
        backOff.reset();
      }
    } catch (error) {
      if (isOver()) break;
      if (!mayPass(error)) throw error;
      remark(io, `${error.code}: ${error.message}; connecting again`);
    }
    await backOff.pause(signal);
  }
  if (position !== null) remark(io, `go on with: ${commandOf({ ...options, from: position })}`);
}

/** The whole command: what it leaves out would be shown otherwise. None of it needs quotes in a shell. */
function commandOf({ workspace, from, types = [], json = false }: FollowOptions): string {
  const given = [
    `--workspace ${workspace}`,
    ...(from === undefined ? [] : [`--from ${from}`]),
    ...(types.length > 0 ? [`--types ${types.join(',')}`] : []),
    ...(json ? ['--json'] : []),
  ];
  return ['keyfold events follow', ...given].join(' ');
}

async function positionNow(io: Io, workspace: string): Promise<string> {
  const data = await graphql(io, workspace, FOLLOW_FROM, { workspace });
  const read = z.object({ workspace: z.object({ position: z.string() }).nullable() }).parse(data);
  if (!read.workspace) throw new CliError('NOT_FOUND', 'there is no such workspace, or it is not for this caller');
  return read.workspace.position;
}

/** One connection: what comes until it ends. Heartbeats come as an id alone. */
async function* follow(io: Io, { workspace, types = [] }: FollowOptions, after: string, signal: AbortSignal) {
  const token = await callerToken(io.env, workspace);
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch(`${apiUrl(io.env)}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-keyfold-csrf': '1',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ query: FOLLOW_EVENTS, variables: { workspace, after, types } }),
      redirect: 'error',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.status !== 200 || !response.body) {
      const said = z.object({ errors: z.array(failure).min(1) }).safeParse(await response.json().catch(() => null));
      throw told(said.success ? said.data.errors[0] : undefined, `the API answered with status ${response.status}`);
    }
    for await (const message of readMessages(response.body)) {
      watch.refresh();
      if (message.event === 'complete') return;
      if (message.event !== 'next') {
        if (message.id !== null) yield { id: message.id, data: null };
        continue;
      }
      const { data, errors = [] } = result.parse(JSON.parse(message.data));
      if (!data) throw again(errors[0]);
      yield { id: message.id, data: data.keyEvents };
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('NO_ANSWER', `nothing comes from ${apiUrl(io.env)}`, { exitCode: EXIT.unknown, cause: error });
  } finally {
    clearTimeout(watch);
  }
}

function told(said: z.infer<typeof failure> | undefined, otherwise: string): CliError {
  const code = said?.extensions.code ?? 'UNEXPECTED_ANSWER';
  return new CliError(code, said?.message ?? otherwise, { exitCode: FINAL.has(code) ? EXIT.refused : EXIT.unknown });
}

/** What has ended a stream that was there: a token that is over is minted anew, one that was given is refused then. */
function again(said: z.infer<typeof failure> | undefined): CliError {
  const error = told(said, 'the answer holds no event');
  return error.code === 'UNAUTHENTICATED' ? new CliError(error.code, error.message, { exitCode: EXIT.unknown }) : error;
}

/** `TIME TYPE SUBJECT ACTOR DATA`, separated by tabs: for people, and for `cut`. */
function lineOf({ time, type, subject, actor, data }: KeyEvent): string {
  const by = actor ? `${actor.kind.toLowerCase()}:${actor.id}` : '—';
  return [time, type, subject, visible(by), jsonText(data)].join('\t');
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}
