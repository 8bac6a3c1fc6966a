// `keyfold keyspaces list|show|apply`: the profiles of the products.
import type { Command } from 'commander';
import { z } from 'zod';
import { graphql } from './api-client.ts';
import { LIST_KEYSPACES, SHOW_KEYSPACE } from './documents.ts';
import { listText, tableLines } from './format.ts';
import { CliError, print, printJson, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';
import { addApply } from './keyspace-apply.ts';
import { sourceLines } from './keyspace-source.ts';

const listed = z.object({
  keyspaces: z.array(
    z.looseObject({
      slug: z.string(),
      name: z.string(),
      version: z.number(),
      types: z.array(z.looseObject({ id: z.string() })),
      permissions: z.looseObject({ model: z.string() }),
    }),
  ),
});
const shown = z.object({
  keyspaces: z.array(z.looseObject({ slug: z.string(), version: z.number(), source: z.string() })),
});

interface Options {
  readonly workspace: string;
  readonly json?: boolean;
}

export function addKeyspaceCommands(program: Command, io: Io): void {
  const keyspaces = program
    .command('keyspaces')
    .summary('the profiles of the products')
    .description('The profiles of the products.');

  keyspaces
    .command('list')
    .summary('all keyspaces that the caller may see')
    .description('All keyspaces that the caller may see.')
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold keyspaces list')
    .action(async ({ workspace, json }: Options) => {
      const { keyspaces: found } = listed.parse(await graphql(io, workspace, LIST_KEYSPACES, {}));
      if (json) {
        printJson(io, found);
        return;
      }
      const rows = found.map(({ slug, name, version, types, permissions }) => [
        slug,
        name,
        String(version),
        permissions.model,
        listText(types.map(({ id }) => id)),
      ]);
      print(io, ...tableLines(['KEYSPACE', 'NAME', 'VERSION', 'PERMISSIONS', 'TYPES'], rows));
    });

  keyspaces
    .command('show')
    .summary('a profile as YAML')
    .description('A profile as YAML.')
    .argument('<slug>', 'its slug')
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold keyspaces show default')
    .action(async (slug: string, { workspace, json }: Options) => {
      const { keyspaces: all } = shown.parse(await graphql(io, workspace, SHOW_KEYSPACE, {}));
      const found = all.find((keyspace) => keyspace.slug === slug);
      if (found === undefined)
        throw new CliError('NOT_FOUND', 'there is no such keyspace, or not for this caller', {
          advice: 'keyfold keyspaces list shows those that are there',
        });
      if (json) printJson(io, found);
      else print(io, ...sourceLines(found.source));
    });

  addApply(keyspaces, io);
}
