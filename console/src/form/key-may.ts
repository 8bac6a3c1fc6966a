// What a key may do by what is entered, in one line.
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { texts } from '../texts/texts.ts';
import type { Draft, KeyField } from './draft.ts';
import { isUnrestricted } from './draft-values.ts';
import { levelOf, scopeOf } from './scopes.ts';

const words = texts.form;

export function keyMay(view: KeyspaceView, fields: readonly KeyField[], draft: Draft): string {
  const { permissions, types, resourceAll, resourceNoun } = view;
  const shown = new Set(fields.map(({ kind }) => kind));
  const everything = isUnrestricted(view, draft);
  const rights = (): string[] => {
    if (everything) return [view.texts.unrestricted];
    if (!shown.has('SCOPES')) return [];
    return [draft.scopes.length === 0 ? words.mayNothing : words.mayUse(scopeNames(permissions, draft.scopes))];
  };
  const noun = resourceNoun ?? words.resources.noun;
  const { all, ids } = draft.resources;
  const reach = all ? words.reachesAll(resourceAll ?? texts.keys.allResources) : words.reaches(ids.length, noun);
  return [
    ...rights(),
    ...(shown.has('RESOURCES') ? [reach] : []),
    ...(types.find(({ id }) => id === draft.type)?.public === true ? [words.isPublic] : []),
  ].join(' ');
}

function scopeNames({ scopes, matrix }: KeyspaceView['permissions'], chosen: readonly string[]): string[] {
  const levels = new Map(
    matrix?.resources.flatMap(({ id, label }) => {
      const level = matrix.levels.find((each) => each.id === levelOf(matrix, chosen, id));
      return level ? [[scopeOf(id, level.id), words.levelOf(label, level.label)] as const] : [];
    }) ?? [],
  );
  return chosen.map((scope) => levels.get(scope) ?? scopes.find(({ id }) => id === scope)?.label ?? scope);
}
