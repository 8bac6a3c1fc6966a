// The terms of keys on the embedded store: an index of full texts (FTS5), which writes what comes in as runs and merges them
// as they grow. In a tree nearly every word of a key would be written to a page of its own, the more so the more keys there are.
import type { Condition } from './conditions.ts';
import type { Fragment } from './embedded-conditions.ts';
import type { TableNames } from './embedded-schema.ts';

/** Fewer rows than a list is often walked by until a page of it is found. */
const FEW = 1000;
/** Characters, with the two that say of what kind a term is. */
const LONG = 6;

/** The index holds no texts of its own: a key's words are in its row, from which they come, and by which they go. */
export const termsSchema = ({ terms }: Pick<TableNames, 'terms'>): string =>
  `CREATE VIRTUAL TABLE IF NOT EXISTS ${terms}
    USING fts5 (words, content = '', columnsize = 0, detail = none, tokenize = 'ascii')`;

/**
 * A statement that makes one run of all. Words that were taken out lie in the older ones until then: FTS5's `secure-delete`
 * would take them out at once, but loses others with them (SQLite 3.45.1).
 */
export const mergeTerms = ({ terms }: Pick<TableNames, 'terms'>): string =>
  `INSERT INTO ${terms} (${terms}) VALUES ('optimize')`;

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

export type TermCondition = Condition & { readonly op: 'terms' | 'term beginning' };

/** Rows with such a term. */
export function haveTerm(terms: string, condition: TermCondition): Fragment {
  const { sql, params } = rowsWith(terms, condition);
  return { sql: `number IN (${sql})`, params };
}

/** Whether {@link isRare} is worth asking: short beginnings are those of many terms, all of which would have to be read. */
export const mayBeRare = (condition: TermCondition): boolean =>
  condition.op === 'terms' || condition.prefix.length >= LONG;

/** Whether so few rows have such a term that it is less work to look at each than to walk a list. */
export function isRare(terms: string, condition: TermCondition): Fragment {
  const { sql, params } = rowsWith(terms, condition);
  return { sql: `SELECT count(*) <= ${FEW} AS rare FROM (${sql} LIMIT ${FEW + 1})`, params };
}

function rowsWith(terms: string, condition: TermCondition): Fragment {
  const query = queryOf(condition);
  if (query === '') return { sql: 'SELECT 0 WHERE 0', params: [] };
  return { sql: `SELECT rowid FROM ${terms} WHERE ${terms} MATCH ?`, params: [query] };
}

/** In the language of FTS5. */
function queryOf(condition: TermCondition): string {
  const { workspaceId } = condition;
  return condition.op === 'terms'
    ? condition.values.map((value) => `"${wordOf(workspaceId, value)}"`).join(' OR ')
    : `"${wordOf(workspaceId, condition.prefix)}" *`;
}

/**
 * A term as the index has it: behind its workspace, which has no space in it, and in hexadecimal digits, of which no
 * tokenizer changes any, and by which texts that begin alike still do.
 */
const wordOf = (workspaceId: string, term: string): string => Buffer.from(`${workspaceId} ${term}`).toString('hex');
