// `keyfold audit access-review`: every key at two times, and what happened between; a table, JSON, or CSV for a spreadsheet.
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { graphql } from './api-client.ts';
import * as args from './arguments.ts';
import { ACCESS_REVIEW } from './documents.ts';
import { csvLine, listText, tableLines } from './format.ts';
import { CliError, print, printJson, remark, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';

const PAGE = 100;
const access = z.looseObject({
  name: z.string(),
  owner: z.looseObject({ id: z.string(), email: z.string().nullable() }).nullable(),
  status: z.string(),
  scopes: z.array(z.string()),
  unrestricted: z.boolean(),
  resources: z.looseObject({ all: z.boolean(), ids: z.array(z.string()) }),
  expiresAt: z.string().nullable(),
});
const change = z.looseObject({
  type: z.string(),
  time: z.string(),
  actor: z.looseObject({ kind: z.string(), id: z.string() }).nullable(),
});
const row = z.looseObject({
  key: z.looseObject({
    keyId: z.string(),
    name: z.string(),
    keyspace: z.looseObject({ slug: z.string() }),
    lastUsedAt: z.string().nullable(),
  }),
  before: access.nullable(),
  after: access.nullable(),
  changeCount: z.number(),
  changes: z.array(change),
});
const page = z.object({
  workspace: z
    .object({
      accessReview: z.object({
        totalCount: z.number(),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
        rows: z.array(row),
      }),
    })
    .nullable(),
});
type Row = z.infer<typeof row>;
type Access = z.infer<typeof access>;

interface ReviewOptions {
  readonly workspace: string;
  readonly from: string;
  readonly to: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export function addAccessReviewCommand(audit: Command, io: Io): void {
  const time = (name: string, what: string): Option =>
    new Option(`--${name} <time>`, what).argParser(args.instant).makeOptionMandatory();
  audit
    .command('access-review')
    .summary('what each key might do at two times, and what changed')
    .description('What each key might do at two times, who owns it, when it was used last, and what changed between.')
    .addOption(workspaceOption())
    .addOption(time('from', 'the first of the times'))
    .addOption(time('to', 'the other'))
    .addOption(jsonOption())
    .addOption(new Option('--csv', 'as CSV, for a spreadsheet').conflicts('json'))
    .addHelpText(
      'after',
      '\nExample:\n  keyfold audit access-review --from 2030-01-01T00:00:00Z --to 2030-04-01T00:00:00Z --csv > review.csv',
    )
    .action(async (options: ReviewOptions) => review(io, options));
}

async function review(io: Io, { workspace, from, to, json, csv }: ReviewOptions): Promise<void> {
  const rows: Row[] = [];
  let after: string | null = null;
  do {
    const data = await graphql(io, workspace, ACCESS_REVIEW, { workspace, from, to, first: PAGE, after });
    const found = page.parse(data).workspace?.accessReview;
    if (!found) throw new CliError('NOT_FOUND', 'there is no such workspace, or not for this caller');
    rows.push(...found.rows);
    after = found.pageInfo.hasNextPage ? found.pageInfo.endCursor : null;
  } while (after !== null);
  if (json) printJson(io, { from, to, rows });
  else if (csv) print(io, ...csvLines(rows));
  else {
    if (rows.length > 0)
      print(io, ...tableLines(['KEY', 'NAME', 'OWNER', 'BEFORE', 'AFTER', 'CHANGES', 'LAST USED'], rows.map(cells)));
    remark(io, rows.length === 0 ? 'No keys, or not for this caller.' : `${rows.length} keys.`);
  }
}

const ownerOf = ({ before, after }: Row): Access['owner'] => (after ?? before)?.owner ?? null;
const scopesOf = ({ unrestricted, scopes }: Access): string => (unrestricted ? 'unrestricted' : listText(scopes));

function cells(row: Row): string[] {
  const { key, before, after, changeCount } = row;
  const brief = (end: Access | null): string => (end === null ? '—' : `${end.status}: ${scopesOf(end)}`);
  const same = brief(before) === brief(after);
  return [
    ...[key.keyId, key.name, ownerOf(row)?.id ?? '—', brief(before), same ? 'the same' : brief(after)],
    ...[String(changeCount), key.lastUsedAt ?? '—'],
  ];
}

const ENDS = ['status', 'scopes', 'resources', 'expires'] as const;

function csvLines(rows: readonly Row[]): string[] {
  const end = (of: Access | null): string[] =>
    of === null
      ? ENDS.map(() => '')
      : [
          ...[of.status, of.unrestricted ? '*' : of.scopes.join(' ')],
          ...[of.resources.all ? '*' : of.resources.ids.join(' '), of.expiresAt ?? ''],
        ];
  const titles = ['key', 'name', 'keyspace', 'owner', 'ownerEmail', 'lastUsedAt'];
  const pairs = [...ENDS.map((name) => `${name}Before`), ...ENDS.map((name) => `${name}After`)];
  return [
    csvLine([...titles, ...pairs, 'changes']),
    ...rows.map((each) => {
      const { key, before, after, changes } = each;
      const owner = ownerOf(each);
      const told = changes.map(({ time, type, actor }) =>
        [time, type, ...(actor ? [`${actor.kind.toLowerCase()}:${actor.id}`] : [])].join(' '),
      );
      return csvLine([
        ...[key.keyId, key.name, key.keyspace.slug, owner?.id ?? '', owner?.email ?? '', key.lastUsedAt ?? ''],
        ...[...end(before), ...end(after), told.join('; ')],
      ]);
    }),
  ];
}
