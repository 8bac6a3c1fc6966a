// The API as the commands use it: one GraphQL operation, its data or an error with the contract's code.
import { z } from 'zod';
import { apiUrl, callerToken } from './credentials.ts';
import { postJson } from './http.ts';
import { CliError, EXIT, type Io } from './io.ts';

const answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).partial().optional() }))
    .optional(),
});

const ADVICE: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'the token is not accepted: get a new one, and set KEYFOLD_TOKEN to it',
  POSITION_TIMEOUT: 'the read models are behind: try again',
  UNAVAILABLE: 'try again',
};
const PASSING = new Set(['POSITION_TIMEOUT', 'UNAVAILABLE', 'INTERNAL']);

/** @throws {@link CliError} */
export async function graphql(
  io: Io,
  workspace: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const token = await callerToken(io.env, workspace);
  const { status, body } = await postJson(`${apiUrl(io.env)}/graphql`, token, { query, variables }, 'KEYFOLD_URL');
  const read = answer.safeParse(body);
  if (!read.success) {
    throw new CliError('UNEXPECTED_ANSWER', `the API answered with status ${status} and no GraphQL`, {
      exitCode: EXIT.unknown,
      advice: 'check KEYFOLD_URL',
    });
  }
  const [error] = read.data.errors ?? [];
  if (error !== undefined || read.data.data == null) {
    const code = error?.extensions?.code ?? 'UNEXPECTED_ANSWER';
    throw new CliError(code, error?.message ?? 'the answer holds no data', {
      exitCode: PASSING.has(code) ? EXIT.unknown : EXIT.refused,
      advice: ADVICE[code],
    });
  }
  return read.data.data;
}
