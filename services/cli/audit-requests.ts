// `keyfold audit requests`: every check in the request log, decided again from history; those that were answered otherwise are
// named. The request log is the verifiers' word, history is the event log's: here one is held against the other.
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { graphql } from './api-client.ts';
import * as args from './arguments.ts';
import { AUDIT_REQUESTS } from './documents.ts';
import { tableLines, visible } from './format.ts';
import { CliError, Ended, EXIT, print, printJson, remark, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';

const PAGE = 100;

const check = z.object({
  requestId: z.string(),
  time: z.string(),
  code: z.string(),
  recomputed: z.string().nullable(),
  key: z.object({ keyId: z.string() }).nullable(),
  keyVersion: z.number().nullable(),
  keyspaceVersion: z.number().nullable(),
});
type Check = z.infer<typeof check>;

const page = z.object({
  workspace: z
    .object({
      requests: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
        nodes: z.array(check),
      }),
    })
    .nullable(),
});

interface Options {
  readonly workspace: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

export function addAuditRequests(audit: Command, io: Io): void {
  audit
    .command('requests')
    .summary('decide every logged check again, and name those that were answered otherwise')
    .description(
      'Decides every check in the request log of a workspace again, from the history of its key and of its keyspace, and ' +
        'names those that were answered otherwise. Needs a role that sees usage and history; being read is recorded.',
    )
    .addOption(workspaceOption())
    .addOption(new Option('--from <time>', 'only checks from then on').argParser(args.instant))
    .addOption(new Option('--to <time>', 'only checks before').argParser(args.instant))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 all are what history bears, 1 some are not, 2 could not tell.\n\nExample:\n  keyfold audit requests --workspace acme --from 2030-01-01T00:00:00Z',
    )
    .action(async (options: Options) => auditRequests(io, options));
}

async function auditRequests(io: Io, { workspace, from, to, json }: Options): Promise<void> {
  const different: Check[] = [];
  let [equal, untold, limited] = [0, 0, 0];
  for await (const found of logged(io, workspace, { from, to })) {
    if (found.code === 'RATE_LIMITED') limited += 1;
    else if (found.recomputed === null) untold += 1;
    else if (found.recomputed === found.code) equal += 1;
    else different.push(found);
  }
  const checked = equal + untold + limited + different.length;
  if (json) printJson(io, { checked, equal, different, untold: untold + limited });
  else {
    if (different.length > 0) print(io, ...differences(different));
    remark(io, summary(checked, equal, different.length, untold + limited));
  }
  if (different.length > 0) throw new Ended(EXIT.refused);
  if (untold > 0 && equal === 0) {
    throw new CliError('COULD_NOT_TELL', 'not one verdict could be decided again', {
      exitCode: EXIT.unknown,
      advice: 'ask with a role that may see the history of these keys: admin or auditor, as their keyspaces have it',
    });
  }
}

async function* logged(
  io: Io,
  workspace: string,
  filter: { readonly from: string | undefined; readonly to: string | undefined },
): AsyncGenerator<Check> {
  let after: string | null = null;
  do {
    const data = await graphql(io, workspace, AUDIT_REQUESTS, { workspace, first: PAGE, after, filter });
    const requests = page.parse(data).workspace?.requests;
    if (!requests) throw new CliError('NOT_FOUND', 'there is no such workspace, or not for this caller');
    yield* requests.nodes;
    after = requests.pageInfo.hasNextPage ? requests.pageInfo.endCursor : null;
  } while (after !== null);
}

const differences = (checks: readonly Check[]): string[] =>
  tableLines(
    ['REQUEST', 'TIME', 'KEY', 'VERSION', 'PROFILE', 'ANSWERED', 'HISTORY SAYS'],
    checks.map(({ requestId, time, key, keyVersion, keyspaceVersion, code, recomputed }) => [
      ...[visible(requestId), time, key?.keyId ?? '—', String(keyVersion ?? '—'), String(keyspaceVersion ?? '—')],
      ...[code, recomputed ?? '—'],
    ]),
  );

function summary(checked: number, equal: number, different: number, untold: number): string {
  const rest = untold === 0 ? '' : `, ${untold} that history does not tell`;
  return `${checked} checks: ${equal} as history has it, ${different} otherwise${rest}.`;
}
