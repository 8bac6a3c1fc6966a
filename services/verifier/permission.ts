// Permission queries: `a:read and (b:write or c)`. `and` binds tighter than `or`; a word is a scope. Parsed once, then
// held in a bounded cache; nothing of the text is quoted in an error.
import { scope } from '../../events/fields.ts';
import { createMemo } from '../shared/memo.ts';

/** Asks whether a scope is granted. */
export type Grants = (scope: string) => boolean;
/** A compiled query. */
export type Permission = (grants: Grants) => boolean;

export const MAX_PERMISSION_LENGTH = 1024;
const MAX_DEPTH = 32;
const MAX_CACHED = 1000;
const TOKEN = /\s*([()]|[^\s()]+)\s*/y;

/** Why a query cannot be read; `message` says what is wrong and where, and quotes nothing. */
export class PermissionSyntaxError extends Error {
  readonly code = 'PERMISSION_SYNTAX';
}

interface Token {
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [whole, token = ''] = match;
    tokens.push({ text: token, column: match.index + whole.indexOf(token) + 1 });
  }
  return tokens;
}

/** @throws {@link PermissionSyntaxError} */
export function parsePermission(text: string): Permission {
  if (text.length > MAX_PERMISSION_LENGTH) {
    throw new PermissionSyntaxError(`must have at most ${MAX_PERMISSION_LENGTH} characters`);
  }
  const tokens = tokenize(text);
  let at = 0;
  const fail = (what: string): never => {
    const where = tokens[at] ? `at character ${tokens[at]?.column ?? 0}` : 'at the end';
    throw new PermissionSyntaxError(`${what} ${where}`);
  };
  const took = (word: string): boolean => {
    if (tokens[at]?.text !== word) return false;
    at++;
    return true;
  };

  function operand(depth: number): Permission {
    const token = tokens[at];
    if (depth > MAX_DEPTH) return fail(`must nest at most ${MAX_DEPTH} deep: too deep`);
    if (took('(')) {
      const inner = disjunction(depth + 1);
      return took(')') ? inner : fail('must have a closing parenthesis');
    }
    if (!token || token.text === 'and' || token.text === 'or' || !scope.safeParse(token.text).success) {
      return fail('must have a scope');
    }
    at++;
    return (grants) => grants(token.text);
  }

  function list(word: 'and' | 'or', item: () => Permission): readonly [Permission, ...Permission[]] {
    const items: [Permission, ...Permission[]] = [item()];
    while (took(word)) items.push(item());
    return items;
  }

  function conjunction(depth: number): Permission {
    const items = list('and', () => operand(depth));
    return items.length === 1 ? items[0] : (grants) => items.every((item) => item(grants));
  }

  function disjunction(depth: number): Permission {
    const items = list('or', () => conjunction(depth));
    return items.length === 1 ? items[0] : (grants) => items.some((item) => item(grants));
  }

  const permission = disjunction(0);
  return at === tokens.length ? permission : fail('must have and, or or the end');
}

/** {@link parsePermission} behind a cache of the last {@link MAX_CACHED} distinct queries. */
export const createPermissionCache = (limit = MAX_CACHED): ((text: string) => Permission) =>
  createMemo(parsePermission, limit);

/** The cache of this process: queries are few and the same ones come again. */
export const compilePermission = createPermissionCache();
