// What a choice of scopes comes to: what others include, and levels of a matrix.
import type { KeyspaceView } from '../keys/keyspace-words.ts';

export type Permissions = KeyspaceView['permissions'];
type Matrix = NonNullable<Permissions['matrix']>;

/** The scope among the chosen ones that brings another along; `null`: none does. */
export function includedBy(
  { implications, superScopes }: Permissions,
  chosen: readonly string[],
  scope: string,
): string | null {
  const supreme = chosen.find((each) => superScopes.includes(each));
  if (supreme !== undefined) return supreme;
  return chosen.find((each) => each !== scope && reaches(implications, each, scope)) ?? null;
}

function reaches(implications: Permissions['implications'], from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    if (seen.has(scope)) continue;
    seen.add(scope);
    open.push(...implications.filter((each) => each.scope === scope).flatMap(({ implies }) => implies));
  }
  return seen.has(to) && from !== to;
}

export const scopeOf = (resource: string, level: string): string => `${resource}:${level}`;

/** The highest level of a resource; empty: none. */
export const levelOf = ({ levels }: Matrix, chosen: readonly string[], resource: string): string =>
  levels.findLast(({ id }) => chosen.includes(scopeOf(resource, id)))?.id ?? '';

/** The scopes once resources have a level; empty: none. */
export function withLevel(
  { levels }: Matrix,
  chosen: readonly string[],
  resources: readonly string[],
  level: string,
): string[] {
  const theirs = new Set(resources.flatMap((resource) => levels.map(({ id }) => scopeOf(resource, id))));
  const others = chosen.filter((scope) => !theirs.has(scope));
  return level === '' ? others : [...others, ...resources.map((resource) => scopeOf(resource, level))];
}

/** Items under their groups, in the order in which those come first. */
export function grouped<Item extends { readonly group?: string | null }>(
  items: readonly Item[],
): readonly (readonly [group: string | null, items: readonly Item[]])[] {
  const groups = [...new Set(items.map(({ group }) => group ?? null))];
  return groups.map((group) => [group, items.filter((item) => (item.group ?? null) === group)] as const);
}
