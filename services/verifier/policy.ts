// Policies: what a key may do, compiled once per (content, profile version) and shared by all keys that are alike.
// A key's row holds its policy's number; the policy compiles anew, when it is next asked for, after its profile has changed.
import { previewOf } from '../../events/key/preview.ts';
import type { KeyState } from '../../events/key/state.ts';
import { grantsOf, isGranted } from '../../events/keyspaces/permissions.ts';
import { typeOf } from '../../events/keyspaces/profile.ts';
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import { formatAt } from '../../events/keyspaces/token-format.ts';
import { secret } from '../../events/secret.ts';
import { compileNetworks } from '../shared/networks.ts';
import type { InternedImage } from './interned.ts';
import { inOnePiece } from './one-piece.ts';
import { compileOrigins } from './origins.ts';
import { asciiJson } from './responses.ts';

/** The part of a key's state that few keys have alone. */
export type PolicyContent = Pick<
  KeyState,
  'type' | 'scopes' | 'unrestricted' | 'resources' | 'flags' | 'origins' | 'ipRanges' | 'rateLimit'
>;

/** A compiled policy; every question is answered without I/O. */
export interface Policy {
  readonly content: PolicyContent;
  /** The profile version that it was compiled under; `null` while the view knows no profile of that name. */
  readonly keyspaceVersion: number | null;
  /** The share of calls that the request log keeps. */
  readonly requestLogSample: number;
  /** The members `scopes` … `flags` of an answer, as JSON in ASCII. */
  readonly json: string;
  readonly grants: (scope: string) => boolean;
  readonly hasFlag: (flag: string) => boolean;
  /** `null`: from everywhere. */
  readonly fromAddress: ((address: string) => boolean) | null;
  /** `null`: from everywhere. */
  readonly fromOrigin: ((origin: string) => boolean) | null;
  /** The scope under which resources of a type are reached; `null`: any; `undefined`: the product has no such type. */
  readonly neededScope: (resourceType: string) => string | null | undefined;
  readonly reaches: (resourceId: string) => boolean;
}

export function compilePolicy(content: PolicyContent, keyspace: KeyspaceEntry | undefined): Policy {
  const { type, scopes, unrestricted, resources, flags, origins, ipRanges } = content;
  const grants = grantsOf(content, keyspace?.profile.permissions);
  const flagSet = new Set(flags);
  const ids = new Set(resources.ids);
  const types = keyspace?.profile.resources?.types ?? [];
  const neededScopes = new Map(types.map(({ id, scope }) => [id, scope]));
  return {
    content,
    keyspaceVersion: keyspace?.version ?? null,
    requestLogSample: keyspace?.profile.requestLogSample ?? 1,
    json: asciiJson({ scopes, unrestricted, resources: { all: resources.all, ids: resources.ids }, flags }).slice(
      1,
      -1,
    ),
    grants: (scope) => isGranted(grants, scope),
    hasFlag: (flag) => flagSet.has(flag),
    fromAddress: ipRanges.length === 0 ? null : compileNetworks(ipRanges),
    fromOrigin: origins.length === 0 ? anywhere(type, keyspace) : compileOrigins(origins),
    neededScope: neededScopes.size === 0 ? () => null : (type) => neededScopes.get(type),
    reaches: resources.all ? () => true : (id) => ids.has(id),
  };
}

const nowhere = (): boolean => false;

/** A key without origins works from everywhere, unless its type needs some. */
function anywhere(type: string, keyspace: KeyspaceEntry | undefined): Policy['fromOrigin'] {
  return keyspace && typeOf(keyspace.profile, type)?.originsRequired === true ? nowhere : null;
}

/** A policy as keys have it: of a keyspace, for an environment. */
export interface KeyPolicy extends Policy {
  readonly keyspace: string;
  readonly environment: string | null;
  /** What stands in an answer between the workspace's id and the owner, as JSON in ASCII, beginning with the quote that ends the id. */
  readonly described: string;
  /** What the keyspace shows of a key's secret; `null` where the view knows no profile of that name. */
  readonly preview: (text: string, keyId: string) => string | null;
}

/** What a key shares with the keys that are alike. */
export type Shared = PolicyContent & Pick<KeyState, 'keyspace' | 'keyspaceVersion' | 'environment'>;

export interface Policies {
  /** The number of a key's policy; to be given back by {@link Policies.release} when the key has another one. */
  acquire(state: Shared): number;
  release(policy: number): void;
  /** As it was acquired. */
  shared(policy: number): Shared;
  /** Compiled under the keyspace's current profile. */
  compiled(policy: number): KeyPolicy;
  setKeyspaces(profiles: Readonly<Record<string, KeyspaceEntry>>): void;
  /** Distinct policies in use. */
  size(): number;
  /** As they are now: what keys share, as JSON. */
  image(): InternedImage;
}

interface Cell {
  readonly id: string;
  readonly shared: Shared;
  users: number;
  /** `null` until a key of it is asked for. */
  policy: KeyPolicy | null;
  compiledFor: KeyspaceEntry | undefined;
  /** The profiles that it was last compared with. */
  epoch: number;
}

/** The policy of a key, under its keyspace's profile; `undefined`: there is none of that name. */
export function compileShared(shared: Shared, entry: KeyspaceEntry | undefined): KeyPolicy {
  const { keyspace, environment, type } = shared;
  const policy = compilePolicy(shared, entry);
  const keyspaceVersion = policy.keyspaceVersion ?? shared.keyspaceVersion;
  const own = asciiJson({ keyspace, keyspaceVersion, type, environment }).slice(1, -1);
  const described = inOnePiece(`",${own},${policy.json},"owner":`);
  const format = entry && formatAt(entry.formats, shared.keyspaceVersion);
  const preview = (text: string, keyId: string) => (format ? previewOf(format, secret(text), keyId) : null);
  // Not spread, which gives each a shape of its own: V8 would look each member up anew in each.
  return Object.assign(policy, { keyspace, environment, described, preview });
}

/** @param image to go on from. */
export function createPolicies(image: InternedImage = { texts: [], users: [] }): Policies {
  const numbers = new Map<string, number>();
  const cells: (Cell | undefined)[] = [];
  const free: number[] = [];
  let keyspaces = new Map<string, KeyspaceEntry>();
  let epoch = 0;

  function cellOf(policy: number): Cell {
    const cell = cells[policy];
    if (cell === undefined) throw new RangeError(`there is no policy ${policy}`);
    return cell;
  }

  function put(policy: number, id: string, shared: Shared, users: number): void {
    cells[policy] = { id, shared, users, policy: null, compiledFor: undefined, epoch: -1 };
    numbers.set(id, policy);
  }

  function create(id: string, shared: Shared): number {
    const policy = free.pop() ?? cells.length;
    put(policy, id, shared, 0);
    return policy;
  }

  for (const [policy, id] of image.texts.entries()) {
    const users = image.users[policy] ?? 0;
    cells.push(undefined);
    if (users === 0) free.push(policy);
    else put(policy, id, JSON.parse(id) as Shared, users);
  }

  return {
    acquire: (state) => {
      const { keyspace, keyspaceVersion, environment, type, scopes, unrestricted, resources, flags } = state;
      const { origins, ipRanges, rateLimit } = state;
      const shared: Shared = {
        keyspace,
        keyspaceVersion,
        environment,
        type,
        scopes,
        unrestricted,
        resources,
        flags,
        origins,
        ipRanges,
        rateLimit,
      };
      const id = JSON.stringify(shared);
      const policy = numbers.get(id) ?? create(id, shared);
      cellOf(policy).users++;
      return policy;
    },
    release: (policy) => {
      const cell = cellOf(policy);
      if (--cell.users > 0) return;
      numbers.delete(cell.id);
      cells[policy] = undefined;
      free.push(policy);
    },
    shared: (policy) => cellOf(policy).shared,
    compiled: (policy) => {
      const cell = cellOf(policy);
      if (cell.policy !== null && cell.epoch === epoch) return cell.policy;
      const keyspace = keyspaces.get(cell.shared.keyspace);
      if (cell.policy === null || cell.compiledFor !== keyspace) cell.policy = compileShared(cell.shared, keyspace);
      cell.compiledFor = keyspace;
      cell.epoch = epoch;
      return cell.policy;
    },
    setKeyspaces: (profiles) => {
      keyspaces = new Map(Object.entries(profiles));
      epoch++;
    },
    size: () => numbers.size,
    image: () => ({ texts: cells.map((cell) => cell?.id ?? ''), users: cells.map((cell) => cell?.users ?? 0) }),
  };
}
