// `keyfold keys …`: the commands that change a key. Each sends one mutation and prints its position.
import { Argument, Command, Option } from 'commander';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import * as args from './arguments.ts';
import { keyMutation, type Shows } from './documents.ts';
import { CliError, EXIT, type Io } from './io.ts';
import {
  detailNames,
  details,
  note,
  option,
  owner,
  permissions,
  pick,
  restrictions,
  type Options,
} from './key-options.ts';
import { mutate } from './mutations.ts';
import { printOutcome } from './outcome.ts';

interface KeyCommandSpec {
  readonly name: string;
  readonly mutation: string;
  readonly summary: string;
  readonly shows?: Shows;
  readonly options?: readonly Option[];
  /** Options → members of the mutation's input; `undefined` members are left out. */
  readonly input?: (options: Options) => Readonly<Record<string, unknown>>;
  /** Refuses a call that names nothing to change. */
  readonly needsSomething?: boolean;
  /** The option that counts from now, and the one that says the same for good. */
  readonly relative?: { readonly flag: string; readonly name: string; readonly absolute: string };
  readonly example: string;
}

const expiresAt = (options: Options): unknown => (options.never === true ? null : (options.at ?? options.in));

const create: KeyCommandSpec = {
  name: 'create',
  mutation: 'createKey',
  summary: 'make a key; its secret is printed this once',
  shows: { secret: true },
  options: [
    option('--name <text>', 'its name').makeOptionMandatory(),
    option('--keyspace <slug>', 'the keyspace that it belongs to').default('default'),
    option('--type <type>', 'one of the types of the keyspace'),
    option('--environment <name>', 'one of the environments of the keyspace'),
    ...permissions,
    option('--unrestricted', 'every scope, future ones too'),
    ...restrictions,
    option('--expires-at <time>', 'when it ends, such as 2030-01-31T00:00:00Z', args.instant),
    option('--expires-in <duration>', 'how long it lives, such as 30d', args.fromNow).conflicts('expiresAt'),
    ...details,
  ],
  input: (options) => ({
    workspaceId: options.workspace,
    ...pick(options, ['keyspace', 'name', 'type', 'environment', 'scopes', 'unrestricted', 'resources', 'flags']),
    ...pick(options, ['origins', 'ipRanges', 'rateLimit', ...detailNames]),
    expiresAt: options.expiresAt ?? options.expiresIn,
    owner: owner(options),
  }),
  relative: { flag: '--expires-in', name: 'expiresIn', absolute: '--expires-at' },
  example: 'keyfold keys create --name "CI deploys" --scopes deploy,read --expires-in 90d',
};

const edits: readonly KeyCommandSpec[] = [
  {
    name: 'update',
    mutation: 'updateKey',
    summary: 'change name, description, owner, tags, metadata',
    shows: { secret: true, predecessor: true },
    needsSomething: true,
    options: [
      option('--name <text>', 'its name'),
      ...details,
      option('--no-description', 'clear the description'),
      option('--no-metadata', 'clear the metadata'),
      option('--no-owner', 'clear the owner'),
    ],
    input: (options) => ({ ...pick(options, ['name', ...detailNames]), owner: owner(options) }),
    example: 'keyfold keys update key_… --name "CI deploys" --tags ci,deploy',
  },
  {
    name: 'scopes',
    mutation: 'changeScopes',
    summary: 'change scopes, resources and flags',
    shows: { secret: true, predecessor: true },
    needsSomething: true,
    options: [
      ...permissions,
      option('--unrestricted', 'every scope, future ones too'),
      option('--no-unrestricted', 'only the scopes that are listed'),
    ],
    input: (options) => ({ ...pick(options, ['scopes', 'resources', 'flags']), unrestricted: options.unrestricted }),
    example: 'keyfold keys scopes key_… --scopes read',
  },
  {
    name: 'restrictions',
    mutation: 'changeRestrictions',
    summary: 'change origins, networks and the rate limit',
    shows: { secret: true, predecessor: true },
    needsSomething: true,
    options: [...restrictions, option('--no-rate-limit', 'no rate limit')],
    input: (options) => pick(options, ['origins', 'ipRanges', 'rateLimit']),
    example: 'keyfold keys restrictions key_… --ip-ranges 203.0.113.0/24',
  },
  {
    name: 'expiry',
    mutation: 'changeExpiry',
    summary: 'change when it ends',
    shows: { secret: true, predecessor: true },
    needsSomething: true,
    options: [
      option('--at <time>', 'such as 2030-01-31T00:00:00Z', args.instant),
      option('--in <duration>', 'from now, such as 30d', args.fromNow).conflicts('at'),
      option('--never', 'it does not end').conflicts(['at', 'in']),
    ],
    input: (options) => ({ expiresAt: expiresAt(options) }),
    relative: { flag: '--in', name: 'in', absolute: '--at' },
    example: 'keyfold keys expiry key_… --in 30d',
  },
  {
    name: 'disable',
    mutation: 'disableKey',
    summary: 'refuse it until it is enabled again',
    options: [note],
    input: (options) => pick(options, ['note']),
    example: 'keyfold keys disable key_… --note "seen in a log"',
  },
  {
    name: 'enable',
    mutation: 'enableKey',
    summary: 'accept it again',
    options: [note],
    input: (options) => pick(options, ['note']),
    example: 'keyfold keys enable key_…',
  },
  {
    name: 'regenerate',
    mutation: 'regenerateKey',
    summary: 'give it a new secret, printed this once',
    shows: { secret: true },
    options: [
      option(
        '--overlap <duration>',
        'how long the old secret still works, such as 1h; default: not at all',
        args.seconds,
      ),
    ],
    input: (options) => ({ overlapSeconds: options.overlap }),
    example: 'keyfold keys regenerate key_… --overlap 1h',
  },
  {
    name: 'retire',
    mutation: 'retirePreviousSecret',
    summary: 'end the overlap: refuse the secret before the current one',
    example: 'keyfold keys retire key_…',
  },
  {
    name: 'revoke',
    mutation: 'revokeKey',
    summary: 'refuse it for ever',
    options: [option('--reason <reason>', 'one of the reasons of the keyspace'), note],
    input: (options) => pick(options, ['reason', 'note']),
    example: 'keyfold keys revoke key_… --note "laptop lost"',
  },
  {
    name: 'delete',
    mutation: 'deleteKey',
    summary: 'remove it; its history stays',
    options: [note],
    input: (options) => pick(options, ['note']),
    example: 'keyfold keys delete key_…',
  },
  {
    name: 'forget',
    mutation: 'forgetKey',
    summary: 'erase its personal data for ever: names, notes, addresses; what it may do stays',
    example: 'keyfold keys forget key_…',
  },
];

export const KEY_ARGUMENT = (): Argument => new Argument('<key-id>', 'its key id, such as key_3f…');
export const workspaceOption = (): Option =>
  option('--workspace <id>', 'the workspace', args.workspace).default('demo');
export const jsonOption = (): Option => option('--json', 'print JSON');
export const commandIdOption = (): Option =>
  option('--command-id <id>', 'the same one again gives the first outcome; default: a new one');
export const waitForOption = (): Option =>
  option('--wait-for <what>', 'also wait until every verifier has it').choices(['projected', 'verifiers']);
/** @returns the member of a mutation's input. */
export const waitForInput = (what: unknown): { readonly waitFor?: string } =>
  typeof what === 'string' ? { waitFor: what.toUpperCase() } : {};
export const atLeastOption = (): Option => option('--at-least <position>', 'wait until this position is seen');

/** Adds the commands that change keys. */
export function addKeyCommands(keys: Command, io: Io): void {
  for (const spec of [create, ...edits]) {
    const ofKey = spec !== create;
    const command = keys
      .command(spec.name)
      .summary(spec.summary)
      .description(`${sentence(spec.summary)}.`);
    if (ofKey) command.addArgument(KEY_ARGUMENT());
    for (const made of spec.options ?? []) command.addOption(made);
    if (ofKey) command.addOption(option('--if-version <n>', 'refuse unless the key is at this version', args.integer));
    command
      .addOption(workspaceOption())
      .addOption(commandIdOption())
      .addOption(waitForOption())
      .addOption(jsonOption())
      .addOption(option('--shell', 'print variables for eval: KEY_ID, SECRET, POSITION').conflicts('json'))
      .addHelpText('after', `\nExample:\n  ${spec.example}`)
      .action(async () => {
        const options = command.opts<Options>();
        const members = spec.input?.(options) ?? {};
        if (spec.needsSomething && Object.values(members).every((value) => value === undefined)) {
          throw new CliError('BAD_USER_INPUT', 'there is nothing to change: give at least one option', {
            exitCode: EXIT.unknown,
            advice: `see: keyfold keys ${spec.name} --help`,
          });
        }
        if (spec.shows?.secret && io.stdoutClosed?.()) {
          throw new CliError('NO_OUTPUT', 'standard output is closed, and a secret is shown once: nothing was done');
        }
        const [keyId] = command.args;
        const target = keyId === undefined ? {} : { id: encodeGlobalId('ApiKey', keyId), ifVersion: options.ifVersion };
        const payload = await mutate(io, {
          workspace: String(options.workspace),
          document: keyMutation(spec.mutation, spec.shows ?? {}),
          input: { ...members, ...target, ...waitForInput(options.waitFor) },
          commandId: options.commandId as string | undefined,
          again: timeAgain(spec, options),
          hint: missing(spec, options),
        });
        printOutcome(io, payload, options);
      });
  }
}

/** The option of a member that was refused and not given; of an owner both, since no address stands without an id. */
const missing =
  ({ options: known = [] }: KeyCommandSpec, given: Options) =>
  ([member]: readonly string[]): string | undefined => {
    const names = member === 'owner' ? ['owner', 'ownerEmail'] : [member];
    const of = known.filter((each) => !each.negate && names.includes(each.attributeName()));
    if (of.every((each) => given[each.attributeName()] !== undefined)) return undefined;
    return `give ${of.map(({ flags }) => flags).join(' and ')}`;
  };

/**
 * How to say again when: what counts from now would be another time, and another command under the same id.
 *
 * @throws {@link CliError} it is said so beside a command id.
 */
function timeAgain({ relative }: KeyCommandSpec, options: Options): string | undefined {
  const time = relative && options[relative.name];
  if (!relative || typeof time !== 'string') return undefined;
  const { flag, absolute } = relative;
  if (options.commandId !== undefined) {
    throw new CliError('BAD_USER_INPUT', `${flag} counts from now, so a command that is sent again would be another`, {
      exitCode: EXIT.unknown,
      advice: `give the time itself beside --command-id: ${absolute} ${time}`,
    });
  }
  return `${absolute} ${time} in the place of ${flag}`;
}

/** Every document that these commands send. */
export const KEY_DOCUMENTS = [create, ...edits].map(({ mutation, shows = {} }) => keyMutation(mutation, shows));

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
