// What a profile's permissions mean: the whole catalogue of scopes, a matrix written out, and what a set of scopes grants.
import type { Profile } from './profile.ts';

type Permissions = Profile['permissions'];
type Implication = Permissions['implications'][number];

export interface ScopeCatalogue {
  readonly scopes: Permissions['scopes'];
  readonly implications: readonly Implication[];
  /** Those of them that the matrix makes: a level is given with the ones below it. */
  readonly levels: readonly Implication[];
}

const known = new WeakMap<Permissions, ScopeCatalogue>();

/** Every scope that keys may be given, and every implication, those of the matrix included. */
export function scopeCatalogue(permissions: Permissions): ScopeCatalogue {
  const before = known.get(permissions);
  if (before) return before;
  const levels = matrixImplications(permissions);
  const catalogue = {
    scopes: [...permissions.scopes, ...matrixScopes(permissions)],
    implications: [...permissions.implications, ...levels],
    levels,
  };
  known.set(permissions, catalogue);
  return catalogue;
}

function matrixScopes({ matrix }: Permissions): Permissions['scopes'] {
  if (matrix === null) return [];
  return matrix.resources.flatMap((resource) =>
    matrix.levels.map((level) => ({
      id: `${resource.id}:${level.id}`,
      label: `${resource.label}: ${level.label}`,
      tone: null,
      group: resource.group,
      ...(level.description !== undefined && { description: level.description }),
    })),
  );
}

function matrixImplications({ matrix }: Permissions): Implication[] {
  if (matrix === null) return [];
  return matrix.resources.flatMap(({ id }) =>
    matrix.levels.slice(1).map((level, lower) => ({
      scope: `${id}:${level.id}`,
      implies: matrix.levels.slice(0, lower + 1).map((each) => `${id}:${each.id}`),
    })),
  );
}

/** The scopes and all that they imply, one through the other. */
export function impliedBy(scopes: readonly string[], implications: readonly Implication[]): ReadonlySet<string> {
  const implied = new Map<string, readonly string[]>();
  for (const { scope, implies } of implications) implied.set(scope, [...(implied.get(scope) ?? []), ...implies]);
  const granted = new Set(scopes);
  // A set that grows while it is walked is walked to its new end.
  for (const scope of granted) for (const further of implied.get(scope) ?? []) granted.add(further);
  return granted;
}

/** What a key may do: `everything`, future scopes too, or just what is in the set. */
export interface Grants {
  readonly everything: boolean;
  readonly scopes: ReadonlySet<string>;
}

interface Granting {
  readonly scopes: readonly string[];
  readonly unrestricted: boolean;
}

const MAX_REMEMBERED = 500;
const remembered = new WeakMap<Permissions, Map<string, Grants>>();

/**
 * What these scopes grant. Remembered, since lists ask it of each key and action.
 *
 * @param permissions of the keyspace's profile; `undefined`: there is none, and scopes imply nothing.
 */
export function grantsOf(asked: Granting, permissions: Permissions | undefined): Grants {
  if (permissions === undefined) return grant(asked, permissions);
  const known = remembered.get(permissions) ?? new Map<string, Grants>();
  remembered.set(permissions, known);
  const id = `${asked.unrestricted} ${asked.scopes.join(' ')}`;
  const before = known.get(id);
  if (before) return before;
  if (known.size >= MAX_REMEMBERED) known.clear();
  const grants = grant(asked, permissions);
  known.set(id, grants);
  return grants;
}

function grant({ scopes, unrestricted }: Granting, permissions: Permissions | undefined): Grants {
  const granted = impliedBy(scopes, permissions === undefined ? [] : scopeCatalogue(permissions).implications);
  const everything = unrestricted || (permissions?.superScopes.some((scope) => granted.has(scope)) ?? false);
  return { everything, scopes: granted };
}

export function isGranted({ everything, scopes }: Grants, scope: string): boolean {
  return everything || scopes.has(scope);
}

/** The scopes that grant one: itself, and those that imply it or cover every scope. */
export function grantingScopes(scope: string, permissions: Permissions): readonly string[] {
  const further = [...permissions.superScopes, ...scopeCatalogue(permissions).implications.map((each) => each.scope)];
  const granting = further.filter((each) =>
    isGranted(grantsOf({ scopes: [each], unrestricted: false }, permissions), scope),
  );
  return [...new Set([scope, ...granting])];
}
