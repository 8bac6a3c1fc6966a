// `keyfold events …`: what happens and what has happened, as events.
import { Option, type Command } from 'commander';
import { KeyEventTypes } from './event-types.ts';
import * as args from './arguments.ts';
import { addEventsExport } from './events-export.ts';
import { followEvents, type FollowOptions } from './events-follow.ts';
import type { Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';

export function addEventCommands(program: Command, io: Io): void {
  const events = program
    .command('events')
    .summary('follow what happens, export what has happened')
    .description('Follow what happens to the keys of a workspace, or export it with its proof.');

  events
    .command('follow')
    .summary('print each event as it happens, from a position on')
    .description(
      'Prints a line per event: first what was missed since --from, then live, each once, in order per key. Connects again by itself. Ends on Ctrl-C and says on standard error where to go on from.',
    )
    .addOption(workspaceOption())
    .addOption(new Option('--from <position>', 'what was missed since then first; absent: live from now'))
    .addOption(
      new Option('--types <types>', 'only these, such as KEY_CREATED,KEY_REVOKED').argParser(args.some(KeyEventTypes)),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  keyfold events follow\n  keyfold events follow --types KEY_REVOKED,KEY_DELETED --json | jq .subject',
    )
    .action((options: FollowOptions) => followEvents(io, options));
  addEventsExport(events, io);
}
