// The log of a process: pino, one event = one line of JSON, with everything that could be a secret blanked.
// Lines go out before the call returns, so that the last words of a process are not lost.
import pino from 'pino';

export type Logger = pino.Logger;
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go; default: standard error. */
  readonly destination?: pino.DestinationStream;
}

const SENSITIVE = ['secret', 'token', 'password', 'authorization', 'cookie', 'pepper', 'sealingKey', 'hash', 'sealed'];
const HEADERS = ['authorization', 'cookie', '["x-api-key"]', '["set-cookie"]'];
const paths = [
  ...SENSITIVE.flatMap((name) => [name, `*.${name}`]),
  ...HEADERS.flatMap((name) =>
    ['headers', 'req.headers'].map((at) => (name.startsWith('[') ? `${at}${name}` : `${at}.${name}`)),
  ),
];

/** User name and password of a URL, as drivers like to put them into their messages. */
const URL_CREDENTIALS = /(\/\/)[^/@\s]+@/g;

export function createLogger({ level, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[redacted]' },
      serializers: { err: serializeError, error: serializeError },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** Name, code, message, stack and causes of an error: its other members may hold what a driver was handed. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutCredentials(error) : { type: typeof error };
  return {
    type: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    message: withoutCredentials(error.message),
    stack: withoutCredentials(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  };
}

/** Without the user names and passwords of URLs in it. */
export function withoutCredentials(text: string): string {
  return text.replace(URL_CREDENTIALS, '$1[redacted]@');
}
