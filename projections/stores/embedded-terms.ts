// The terms of keys on the embedded store: an index of full texts (FTS5), which writes what comes in as runs and merges them
// as they grow. In a tree nearly every word of a key would be written to a page of its own, the more so the more keys there are.
import type { SqlValue } from '../../events/logs/sqlite-bind.ts';
import type { Fragment } from './embedded-conditions.ts';
import type { TableNames } from './embedded-schema.ts';

/** The index holds no texts of its own: a key's words are in its row, from which they come, and by which they go. */
export const termsSchema = ({ terms }: Pick<TableNames, 'terms'>): readonly string[] => [
  `CREATE VIRTUAL TABLE IF NOT EXISTS ${terms}
    USING fts5 (words, content = '', columnsize = 0, detail = none, tokenize = 'ascii')`,
  // Words that are taken out leave their run at once, not only when it is merged.
  `INSERT INTO ${terms} (${terms}, rank) VALUES ('secure-delete', 1)`,
];

/** Statements that index the terms of keys, as their rows have them at the moment, or no longer do. One parameter: ids, as JSON. */
export function termStatements({ keys, terms }: TableNames) {
  const words = `(SELECT group_concat(hex(workspaceId || ' ' || value), ' ') FROM json_each(${keys}.terms))`;
  // In the order of their numbers: out of it, each would become a run of its own.
  const ofIds = `FROM ${keys} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY number`;
  return {
    insert: `INSERT INTO ${terms} (rowid, words) SELECT number, ${words} ${ofIds}`,
    delete: `INSERT INTO ${terms} (${terms}, rowid, words) SELECT 'delete', number, ${words} ${ofIds}`,
  };
}

/** Rows that have one of these terms. */
export const haveTerm = (terms: string, workspaceId: string, values: readonly string[]): Fragment =>
  found(terms, values.map((value) => `"${wordOf(workspaceId, value)}"`).join(' OR '));

/** Rows that have a term which begins so. */
export const haveTermBeginning = (terms: string, workspaceId: string, prefix: string): Fragment =>
  found(terms, `"${wordOf(workspaceId, prefix)}" *`);

function found(terms: string, query: string): Fragment {
  if (query === '') return { sql: '0', params: [] };
  const params: readonly SqlValue[] = [query];
  return { sql: `number IN (SELECT rowid FROM ${terms} WHERE ${terms} MATCH ?)`, params };
}

/**
 * A term as the index has it: behind its workspace, which has no space in it, and in hexadecimal digits, of which no
 * tokenizer changes any, and by which texts that begin alike still do.
 */
const wordOf = (workspaceId: string, term: string): string => Buffer.from(`${workspaceId} ${term}`).toString('hex');
