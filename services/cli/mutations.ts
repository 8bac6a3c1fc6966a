// Mutations from a shell: sent under a command id that is known here, so that one whose outcome is not known can be
// sent again; the error that came back is told with its code and what to do.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { graphql, mayPass } from './api-client.ts';
import { fieldLines } from './format.ts';
import { CliError, EXIT, type Io } from './io.ts';

const result = z.looseObject({ __typename: z.string(), position: z.string().optional() });
const refusal = z.object({
  code: z.string(),
  message: z.string(),
  path: z.array(z.string()).nullish(),
  issues: z.array(z.object({ path: z.array(z.string()), message: z.string() })).optional(),
  status: z.string().optional(),
  expected: z.number().optional(),
  actual: z.number().optional(),
  commandId: z.string().optional(),
  key: z.looseObject({ keyId: z.string() }).nullish(),
  position: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
});
type Refusal = z.infer<typeof refusal>;
const UNEXPECTED: Refusal = { code: 'UNEXPECTED_ANSWER', message: 'the answer is neither a payload nor an error' };

export type MutationPayload = z.infer<typeof result> & { readonly position: string };

export interface Mutation {
  readonly workspace: string;
  readonly document: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly commandId?: string | undefined;
  /** Options that must be given again as they came out, not as they were written. */
  readonly again?: string | undefined;
  /** What to do about a member of the input that is refused. */
  readonly hint?: (path: readonly string[]) => string | undefined;
  /** Where to look what it is at that changed meanwhile; absent: at a key. */
  readonly look?: string;
}

const UNKNOWN = new Set(['OUTCOME_UNKNOWN', 'UNAVAILABLE']);
const ADVICE: Readonly<Record<string, string>> = {
  NOT_ALLOWED: 'ask for another role',
  STORAGE_FULL: 'make room on the disk; nothing was changed',
  UNAVAILABLE: 'try again; nothing was changed',
  SECRET_ALREADY_REVEALED: 'regenerate the key if its secret is lost',
};

/** Carries a mutation out; answers its payload. @throws {@link CliError} */
export async function mutate(
  io: Io,
  { workspace, document, input, commandId = randomUUID(), again: options, hint, look }: Mutation,
): Promise<MutationPayload> {
  const again = `whether it was done is not known: send it again with --command-id ${commandId}${options === undefined ? '' : ` ${options}`}`;
  const data = await graphql(io, workspace, document, { input: { ...input, commandId } }).catch((error: unknown) => {
    if (mayPass(error) && error.code !== 'UNREACHABLE') {
      throw new CliError(error.code, error.message, { exitCode: EXIT.unknown, advice: again, details: { commandId } });
    }
    throw error;
  });
  const read = result.parse(data.result);
  const error = refusal.safeParse(data.result);
  if (!error.success && read.position !== undefined) return { ...read, position: read.position };
  const { code, message, path, key, position, ...details } = error.data ?? UNEXPECTED;
  const place = path?.join('.') ?? '';
  const at = message.startsWith(place) ? '' : `${place}: `;
  // Of a command that was carried out before: what it came to, but for its secret.
  const first = { ...(key ? { keyId: key.keyId } : {}), ...(position === undefined ? {} : { position }) };
  const conflict = look ?? 'look at the key again: keyfold keys show';
  const advice: Readonly<Record<string, string>> = { ...ADVICE, VERSION_CONFLICT: conflict, OUTCOME_UNKNOWN: again };
  throw new CliError(code, `${at}${message}`, {
    exitCode: UNKNOWN.has(code) ? EXIT.unknown : EXIT.refused,
    advice: advice[code] ?? (path ? hint?.(path) : undefined),
    more: [
      ...(details.issues ?? []).slice(1).map((issue) => `${issue.path.join('.') || 'input'} ${issue.message}`),
      ...(position === undefined ? [] : fieldLines({ key: key?.keyId, position })),
    ],
    details: { ...details, ...first, path: path ?? null },
  });
}
