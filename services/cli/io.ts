// What a command touches besides the network: its environment, its input, and where it writes. Results go to standard
// output and nothing else does, so that a shell can take them; everything else goes to standard error.
import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../shared/secret-files.ts';
import { jsonText } from './format.ts';

export interface Io {
  readonly env: Environment;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether standard output was closed before the command began, so that what it prints is lost. */
  readonly stdoutClosed?: () => boolean;
  /** Aborts when a command that goes on for ever is to end: Ctrl-C. Absent: it is told by the process's signals. */
  readonly interrupted?: AbortSignal;
}

/** 0 done · 1 refused · 2 could not tell, or not understood. */
export const EXIT = { ok: 0, refused: 1, unknown: 2 } as const;

/** Ends a command: what is told on standard error, and its exit code. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: number;
  /** What to do about it. */
  readonly advice: string | undefined;
  /** What else is wrong, a line each, for people. */
  readonly more: readonly string[];
  /** Further members of the error as JSON. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: {
      readonly exitCode?: number;
      readonly advice?: string | undefined;
      readonly more?: readonly string[];
      readonly details?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT.refused;
    this.advice = options.advice;
    this.more = options.more ?? [];
    this.details = options.details ?? {};
  }
}

/** Ends a command that has said everything already: nothing is left but its exit code. */
export class Ended extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Writes lines to standard output. */
export function print(io: Io, ...lines: readonly string[]): void {
  for (const line of lines) io.stdout.write(`${line}\n`);
}

export function printJson(io: Io, value: unknown): void {
  print(io, jsonText(value, 2));
}

/** Writes a remark to standard error. */
export function remark(io: Io, line: string): void {
  io.stderr.write(`${line}\n`);
}
