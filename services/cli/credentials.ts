// Where the running Keyfold is, and in whose name a command asks: KEYFOLD_TOKEN, or with embedded storage a token for an
// admin and operator that is minted from the data folder.
import { createLocalIssuer, type MintedCaller } from '../api/local-issuer.ts';
import { DataFolderError, readIssuerKey } from '../shared/data-folder.ts';
import { readSecret, variable, type Environment, type SecretSetting } from '../shared/secret-files.ts';
import { CliError, EXIT } from './io.ts';

const MINTED_SECONDS = 300;

export function apiUrl(env: Environment): string {
  return baseUrl(env, 'KEYFOLD_URL', variable(env, 'API_PORT') ?? '4000');
}

export function verifierUrl(env: Environment): string {
  return baseUrl(env, 'KEYFOLD_VERIFIER_URL', variable(env, 'VERIFIER_PORT') ?? '4100');
}

function baseUrl(env: Environment, name: string, port: string): string {
  const url = variable(env, name) ?? `http://127.0.0.1:${port}`;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new CliError('BAD_SETTING', `${name} is not an http:// or https:// URL`, { exitCode: EXIT.unknown });
  }
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') {
    throw new CliError('BAD_SETTING', `${name} must not hold a user or a password`, {
      exitCode: EXIT.unknown,
      advice: 'the API takes a token, in KEYFOLD_TOKEN; the verifier takes VERIFIER_TOKEN',
    });
  }
  return url.replace(/\/+$/, '');
}

/** Whether log and read store lie in the data folder. */
export function isEmbedded(env: Environment): boolean {
  return ['KAFKA_BROKERS', 'MONGODB_URL', 'MONGODB_URL_FILE'].every((name) => variable(env, name) === undefined);
}

/** A token of the data folder's own issuer. @throws {@link CliError} */
export async function mintLocalToken(env: Environment, caller: MintedCaller): Promise<string> {
  const folder = variable(env, 'KEYFOLD_DATA') ?? './data';
  try {
    const key = await readIssuerKey(folder);
    return await createLocalIssuer({ key, claim: variable(env, 'AUTH_CLAIM') ?? 'keyfold' }).mint(caller);
  } catch (error) {
    if (error instanceof DataFolderError) throw new CliError(error.code, error.message, { advice: error.advice });
    throw error;
  }
}

/** What the API is asked with. */
export async function callerToken(env: Environment, workspace: string): Promise<string> {
  const given = variable(env, 'KEYFOLD_TOKEN');
  if (given !== undefined) return sendable('KEYFOLD_TOKEN', given);
  if (!isEmbedded(env)) {
    throw new CliError('UNAUTHENTICATED', 'KEYFOLD_TOKEN is not set', {
      advice: 'set it to an access token of your identity provider; only embedded storage mints its own',
    });
  }
  const workspaces = { [workspace]: 'admin' } as const;
  return mintLocalToken(env, { subject: 'cli', seconds: MINTED_SECONDS, workspaces, operator: true });
}

/** What the verifier is asked with, if it wants anything. */
export function secretSetting(env: Environment, name: SecretSetting): string | undefined {
  const { value, problem } = readSecret(env, name);
  if (problem !== undefined) throw new CliError('BAD_SETTING', `${name} ${problem}`, { exitCode: EXIT.unknown });
  return value === undefined ? value : sendable(name, value);
}

/** A header takes no other characters, and no token has them: a line break came along, or the text is something else. */
function sendable(name: string, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CliError('BAD_SETTING', `${name} holds a space, a line break or another character that no token has`, {
    exitCode: EXIT.unknown,
  });
}
