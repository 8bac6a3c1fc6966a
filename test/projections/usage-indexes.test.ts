// The indexes of the request log in the embedded store: few, as each is written with every check, and one for each question.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlite, type Sqlite } from '../../events/logs/sqlite.ts';
import { embeddedErrors } from '../../projections/stores/embedded-errors.ts';
import { embeddedUsage, USAGE_SCHEMA } from '../../projections/stores/embedded-usage.ts';
import type { RequestFilter } from '../../projections/usage.ts';
import { NOW, iso } from '../verifier/support.ts';

let folder = '';
let sqlite: Sqlite;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-indexes-'));
  sqlite = await openSqlite({ file: join(folder, 'counts.db'), schema: USAGE_SCHEMA });
});
afterAll(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true });
});

/** How SQLite reads what a list asks for. */
async function plansOf(filter: RequestFilter, keyId?: string): Promise<string> {
  const plans: string[] = [];
  const all: Sqlite['all'] = async (sql, params) => {
    const steps = await sqlite.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    plans.push(...steps.map(({ detail }) => detail));
    return sqlite.all(sql, params);
  };
  const counts = { ...embeddedErrors(sqlite), all };
  const usage = embeddedUsage({ counts, db: counts });
  const query = { workspaceId: 'acme', now: iso(NOW), filter, ...(keyId === undefined ? {} : { keyId }) };
  await usage.listRequests(query, { limit: 20, after: { time: iso(NOW), id: 'v.1.1' }, before: null, backward: false });
  await usage.countRequests(query);
  return plans.join('\n');
}

const scans = /^SCAN requests/m;

test.each<[string, RequestFilter, RegExp]>([
  ['nothing', {}, /requests_by_workspace \(workspaceId=\? AND time<\?\)/],
  ['a time', { from: iso(NOW - 1) }, /requests_by_workspace \(workspaceId=\? AND time>\? AND time<\?\)/],
  ['a request id', { requestId: 'r' }, /requests_by_requestId \(requestId=\?\)/],
  ['a rare outcome', { codes: ['RATE_LIMITED'] }, /requests_by_code \(workspaceId=\? AND code=\? AND time<\?\)/],
  ['rare outcomes', { codes: ['EXPIRED', 'REVOKED'] }, /requests_by_/],
  ['the usual outcome', { codes: ['VALID'] }, /requests_by_workspace \(workspaceId=\? AND time<\?\)/],
  ['outcomes with the usual one', { codes: ['VALID', 'REVOKED'] }, /requests_by_workspace \(workspaceId=\?/],
  ['a rare secret', { secret: 'PREVIOUS' }, /requests_by_secret \(workspaceId=\? AND secret=\? AND time<\?\)/],
  ['the usual secret', { secret: 'CURRENT' }, /requests_by_workspace \(workspaceId=\? AND time<\?\)/],
  ['an address', { ip: '192.0.2.1' }, /requests_by_ip \(workspaceId=\? AND ip=\? AND time<\?\)/],
])('a list by %s reads an index, and no more rows than it shows', async (_by, filter, index) => {
  const plans = await plansOf(filter);
  expect(plans).toMatch(index);
  expect(plans).not.toMatch(scans);
});

test('a list by the beginning of a path reads an index', async () => {
  const plans = await plansOf({ path: '/orders' });
  expect(plans).toMatch(/requests_by_(path|workspace) /);
  expect(plans).not.toMatch(scans);
});

test('a list of one key reads that key’s', async () => {
  for (const filter of [{}, { codes: ['VALID'] }, { from: iso(NOW - 1) }] satisfies RequestFilter[])
    expect(await plansOf(filter, 'key_1')).toMatch(/requests_by_key \(keyId=\? AND time/);
});

test('indexes of an earlier build go when the file is opened', async () => {
  const file = join(folder, 'earlier.db');
  const earlier = await openSqlite({
    file,
    schema: `${USAGE_SCHEMA} CREATE INDEX requests_3 ON requests (expiresAt); CREATE INDEX requests_8 ON requests (secret);`,
  });
  await earlier.close();
  const opened = await openSqlite({ file, schema: USAGE_SCHEMA });
  const found = await opened.all<{ name: string }>(
    `SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'requests' AND sql IS NOT NULL ORDER BY name`,
  );
  await opened.close();
  const names = ['code', 'expiry', 'ip', 'key', 'path', 'requestId', 'secret', 'workspace'];
  expect(found.map(({ name }) => name)).toEqual(names.map((name) => `requests_by_${name}`));
});
