// The options that commands on keys share, and what they put into a mutation's input.
import { Option } from 'commander';
import * as args from './arguments.ts';
import { CliError, EXIT } from './io.ts';

export type Options = Readonly<Record<string, unknown>>;

export const option = (flags: string, description: string, parse?: (text: string) => unknown): Option => {
  const made = new Option(flags, description);
  return parse ? made.argParser(parse) : made;
};
export const pick = (options: Options, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, cleared(options[name])]));
/** `--no-description` is `false` to the parser and `null`, cleared, to the API. */
const cleared = (value: unknown): unknown => (value === false ? null : value);

export const details = [
  option('--description <text>', 'what the key is for'),
  option('--tags <a,b>', 'tags', args.list),
  option('--metadata <json>', 'an object of your own', args.json),
  option('--owner <id>', "the owner's opaque id in your directory"),
  option('--owner-email <address>', "the owner's e-mail address"),
];
export const permissions = [
  option('--scopes <a,b>', 'scopes', args.list),
  option('--resources <ids>', '"all", or the ids that it may reach, separated by commas', args.resources),
  option('--flags <a,b>', 'flags', args.list),
];
export const restrictions = [
  option('--origins <a,b>', 'web origins that may use it', args.list),
  option('--ip-ranges <a,b>', 'addresses and networks that may use it', args.list),
  option('--rate-limit <limit/window>', 'such as 100/60s', args.rateLimit),
];
export const note = option('--note <text>', 'why, for the history');
export const detailNames = ['description', 'tags', 'metadata'] as const;

export function owner(options: Options): unknown {
  if (options.owner === undefined && options.ownerEmail === undefined) return undefined;
  if (options.owner === false) return null;
  if (options.owner === undefined) {
    throw new CliError('BAD_USER_INPUT', '--owner-email needs --owner', { exitCode: EXIT.unknown });
  }
  return { id: options.owner, email: options.ownerEmail };
}
