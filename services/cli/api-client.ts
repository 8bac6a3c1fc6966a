// The API as the commands use it: one GraphQL operation, its data or an error with the contract's code.
import { z } from 'zod';
import { apiUrl, callerToken } from './credentials.ts';
import { getJson, postJson, type JsonAnswer } from './http.ts';
import { CliError, EXIT, type Io } from './io.ts';

const told = z.object({
  message: z.string(),
  extensions: z
    .object({ code: z.string(), path: z.array(z.coerce.string()) })
    .partial()
    .optional(),
});
const answer = z
  .object({ data: z.record(z.string(), z.unknown()).nullish(), errors: z.array(told).optional() })
  .refine(({ data, errors = [] }) => data != null || errors.length > 0);

const ADVICE: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'the token is not accepted: get a new one, and set KEYFOLD_TOKEN to it',
  POSITION_TIMEOUT: 'the read models are behind: try again',
  UNAVAILABLE: 'try again',
};
const EXIT_CODES: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: EXIT.unknown,
  POSITION_TIMEOUT: EXIT.unknown,
  UNAVAILABLE: EXIT.unknown,
  INTERNAL: EXIT.unknown,
};
/** What nobody has carried out, or will by being asked again. */
const FINAL = new Set(['BAD_USER_INPUT', 'BAD_SETTING']);

/** Whether the same request may be answered otherwise when it is sent again: nobody said that it is wrong. */
export function mayPass(error: unknown): error is CliError {
  return error instanceof CliError && error.exitCode === EXIT.unknown && !FINAL.has(error.code);
}

/** @throws {@link CliError} */
export async function graphql(
  io: Io,
  workspace: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const token = await callerToken(io.env, workspace);
  const answered = await postJson(`${apiUrl(io.env)}/graphql`, token, { query, variables }, 'KEYFOLD_URL');
  const read = answer.safeParse(answered.body);
  if (!read.success) throw noAnswerOf(io, answered, 'no GraphQL');
  const { data, errors = [] } = read.data;
  const [error, ...more] = errors;
  if (error !== undefined || data == null) throw refused(error, more);
  return data;
}

/** Asks for one of /v1/operations/. @throws {@link CliError} */
export async function operation(io: Io, workspace: string, name: string): Promise<unknown> {
  const token = await callerToken(io.env, workspace);
  return answerOf(io, await getJson(operationUrl(io, name), token, 'KEYFOLD_URL'));
}

/** Starts one of /v1/operations/, or joins it. @throws {@link CliError} */
export async function startOperation(io: Io, workspace: string, name: string, input: object): Promise<unknown> {
  const token = await callerToken(io.env, workspace);
  return answerOf(io, await postJson(operationUrl(io, name), token, input, 'KEYFOLD_URL'));
}

const operationUrl = (io: Io, name: string): string => `${apiUrl(io.env)}/v1/operations/${name}`;

function answerOf(io: Io, answered: JsonAnswer): unknown {
  if (answered.status !== 200 || answered.body === undefined || tellsErrors(answered.body))
    throw refusedBy(io, answered, 'no operation');
  return answered.body;
}

/** An answer that tells errors all the same. */
const tellsErrors = (body: unknown): boolean => (answer.safeParse(body).data?.errors ?? []).length > 0;

/** The error that an answer tells; or that what answered is not the API. */
export function refusedBy(io: Io, answered: JsonAnswer, what: string): CliError {
  const said = answer.safeParse(answered.body);
  const [error, ...more] = (said.success ? said.data.errors : undefined) ?? [];
  return error !== undefined && answered.status !== 404 ? refused(error, more) : noAnswerOf(io, answered, what);
}

type Told = z.infer<typeof told>;

/** What answered is not the API, or not as it should. */
function noAnswerOf(io: Io, { status }: JsonAnswer, what: string): CliError {
  // Whoever has no such address has done nothing.
  if (status === 404 || status === 405) {
    return new CliError('BAD_SETTING', `KEYFOLD_URL: what answers at ${apiUrl(io.env)} is not the API`, {
      exitCode: EXIT.unknown,
      advice: "set KEYFOLD_URL to the API's address; the verifier's is KEYFOLD_VERIFIER_URL",
    });
  }
  return new CliError('UNEXPECTED_ANSWER', `the API answered with status ${status} and ${what}`, {
    exitCode: EXIT.unknown,
    advice: 'check KEYFOLD_URL',
  });
}

function refused(error: Told | undefined, more: readonly Told[]): CliError {
  const errors = error === undefined ? [] : [error, ...more];
  const code = error?.extensions?.code ?? 'UNEXPECTED_ANSWER';
  return new CliError(code, error?.message ?? 'the answer holds no data', {
    exitCode: EXIT_CODES[code] ?? EXIT.refused,
    advice: ADVICE[code],
    more: more.map(({ message }) => message),
    details:
      more.length === 0
        ? {}
        : { issues: errors.map(({ message, extensions }) => ({ path: extensions?.path ?? [], message })) },
  });
}
