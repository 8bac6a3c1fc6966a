// `keyfold keys list|show|history`: the commands that look at keys.
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { graphql } from './api-client.ts';
import * as args from './arguments.ts';
import { KEY_HISTORY, LIST_KEYS, SHOW_KEY } from './documents.ts';
import { tableLines, visible } from './format.ts';
import { CliError, print, printJson, remark, type Io } from './io.ts';
import { atLeastOption, jsonOption, KEY_ARGUMENT, workspaceOption } from './key-commands.ts';
import { keyLines, keyTable, keyView } from './key-view.ts';

const PAGE = 100;
const STATUSES = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED', 'DELETED'];
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
const asOfOption = (what: string): Option =>
  new Option('--as-of <time>', `${what} as it was then; for who may see history`).argParser(args.instant);
const keyPage = z.object({
  workspace: z.object({ keys: z.object({ totalCount: z.number(), pageInfo, nodes: z.array(keyView) }) }).nullable(),
});
const event = z.looseObject({
  type: z.string(),
  version: z.number().nullable(),
  time: z.string(),
  actor: z.looseObject({ kind: z.string(), id: z.string() }).nullable(),
  data: z.unknown(),
  position: z.string(),
});
const historyPage = z.object({
  key: z.object({ keyId: z.string(), history: z.object({ pageInfo, nodes: z.array(event) }) }).nullable(),
});

interface ListOptions {
  readonly workspace: string;
  readonly limit: number;
  readonly text?: string;
  readonly status?: string[];
  readonly keyspace?: string;
  readonly scope?: string;
  readonly owner?: string;
  readonly tags?: string[];
  readonly asOf?: string;
  readonly atLeast?: string;
  readonly json?: boolean;
}

interface KeyOptions {
  readonly workspace: string;
  readonly asOf?: string;
  readonly atLeast?: string;
  readonly json?: boolean;
}

export function addKeyQueries(keys: Command, io: Io): void {
  keys
    .command('list')
    .summary('the keys of a workspace, newest first')
    .description('The keys of a workspace, newest first.')
    .addOption(workspaceOption())
    .addOption(new Option('--text <words>', 'beginnings of words of name, preview, key id and owner'))
    .addOption(new Option('--status <a,b>', STATUSES.join(', ')).argParser(args.some(STATUSES)))
    .addOption(new Option('--keyspace <slug>', 'only of this keyspace'))
    .addOption(new Option('--scope <scope>', 'only keys with this scope'))
    .addOption(new Option('--owner <id>', "only this owner's"))
    .addOption(new Option('--tags <a,b>', 'only keys with all of these').argParser(args.list))
    .addOption(new Option('--limit <n>', 'at most so many').argParser(args.count).default(PAGE))
    .addOption(asOfOption('the list'))
    .addOption(atLeastOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  keyfold keys list --status ACTIVE,DISABLED --text deploy\n  keyfold keys list --scope billing:write --as-of 2030-01-31T00:00:00Z',
    )
    .action(async (options: ListOptions) => listKeys(io, options));

  keys
    .command('show')
    .summary('everything about a key, but its secret')
    .description('Everything about a key, but its secret.')
    .addArgument(KEY_ARGUMENT())
    .addOption(workspaceOption())
    .addOption(asOfOption('the key'))
    .addOption(atLeastOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold keys show key_…')
    .action(async (keyId: string, options: KeyOptions) => {
      const { workspace, asOf, atLeast, json } = options;
      const data = await graphql(io, workspace, SHOW_KEY, { id: encodeGlobalId('ApiKey', keyId), asOf, atLeast });
      const { key } = z.object({ key: keyView.nullable() }).parse(data);
      if (key === null) throw noSuchKey();
      if (json) printJson(io, key);
      else print(io, ...keyLines(key));
    });

  keys
    .command('history')
    .summary('every event of a key: what, who, when')
    .description('Every event of a key, oldest first: what, who, when.')
    .addArgument(KEY_ARGUMENT())
    .addOption(workspaceOption())
    .addOption(atLeastOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold keys history key_…')
    .action(async (keyId: string, options: KeyOptions) => showHistory(io, keyId, options));
}

async function listKeys(io: Io, options: ListOptions): Promise<void> {
  const { workspace, limit, asOf, atLeast, json, text, status, keyspace, scope, owner, tags } = options;
  const filter = { text, status, keyspace, scope, owner, tags };
  const found: z.infer<typeof keyView>[] = [];
  let total: number;
  let after: string | null = null;
  do {
    const first = Math.min(PAGE, limit - found.length);
    const data = await graphql(io, workspace, LIST_KEYS, { workspace, first, after, filter, asOf, atLeast });
    const page = keyPage.parse(data).workspace?.keys;
    if (!page) throw new CliError('NOT_FOUND', 'there is no such workspace, or not for this caller');
    found.push(...page.nodes);
    total = page.totalCount;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null && found.length < limit);
  if (json) {
    printJson(io, { totalCount: total, keys: found });
    return;
  }
  if (total === 0) {
    remark(io, asOf === undefined ? await whyEmpty(io, workspace) : `No keys as of ${asOf}, or not for this caller.`);
    return;
  }
  if (found.length > 0) print(io, ...keyTable(found));
  remark(io, found.length < total ? `${found.length} of ${total} keys; --limit shows more.` : `${total} keys.`);
}

/** No list of workspaces exists: one is there from its first key on, so a mistyped name looks like a new one. */
async function whyEmpty(io: Io, workspace: string): Promise<string> {
  const data = await graphql(io, workspace, LIST_KEYS, { workspace, first: 1, filter: { status: STATUSES } });
  const all = keyPage.parse(data).workspace?.keys.totalCount ?? 0;
  const name = visible(workspace);
  return all === 0
    ? `No keys in workspace ${name}.\n  Is it the right one? Its first key makes it: keyfold keys create --workspace ${name} --name …`
    : `No keys of workspace ${name} match; it has ${all}, deleted ones included: --status ${STATUSES.join(',')}`;
}

async function showHistory(io: Io, keyId: string, { workspace, atLeast, json }: KeyOptions): Promise<void> {
  const events: z.infer<typeof event>[] = [];
  let after: string | null = null;
  do {
    const id = encodeGlobalId('ApiKey', keyId);
    const data = await graphql(io, workspace, KEY_HISTORY, { id, first: PAGE, after, atLeast });
    const { key } = historyPage.parse(data);
    if (key === null) throw noSuchKey();
    events.push(...key.history.nodes);
    after = key.history.pageInfo.hasNextPage ? key.history.pageInfo.endCursor : null;
  } while (after !== null);
  if (json) {
    printJson(io, events);
    return;
  }
  const rows = events.map(({ version, time, type, actor, data }) => [
    String(version ?? '—'),
    time,
    type,
    actor === null ? '—' : `${actor.kind.toLowerCase()}:${actor.id}`,
    JSON.stringify(data),
  ]);
  print(io, ...tableLines(['VERSION', 'TIME', 'EVENT', 'WHO', 'WHAT'], rows));
}

function noSuchKey(): CliError {
  return new CliError('NOT_FOUND', 'there is no such key, or not for this caller', {
    advice: 'see: keyfold keys list; --workspace names another workspace',
  });
}
