// decide for the aggregate `keyspaces`: profiles, and records to discard that are no existing key's (F1). Pure.
import { invalid, refused, versionConflict, type Decision } from '../decision.ts';
import type { KeyCommand } from '../key/commands.ts';
import type { DecideContext } from '../key/decide.ts';
import { decideDefinition } from './define.ts';
import type { Profile } from './profile.ts';
import { entryOf, type KeyspacesState } from './state.ts';

/** `seedKeyspace` is the installation's own, of a start: what is there already stays as it is. */
export type KeyspacesCommand =
  { readonly name: 'seedKeyspace'; readonly profile: Profile } | KeyCommand<'defineKeyspace' | 'discardRecord'>;

export interface KeyspacesFacts {
  readonly keyspaces: KeyspacesState;
  /** Tokens of open parked records of this aggregate and of none that exists. */
  readonly parked: readonly string[];
}

/** Decides a command; without a context nobody asks, and only the seed is decided. */
export function decideKeyspaces(
  command: KeyspacesCommand,
  { keyspaces, parked }: KeyspacesFacts,
  context?: Pick<DecideContext, 'caller' | 'ifVersion'>,
): Decision {
  if (command.name === 'seedKeyspace') return seed(command.profile, keyspaces);
  const { ifVersion } = context ?? {};
  if (context?.caller.operator !== true) return refused({ type: 'NotFound', message: 'there is no such thing' });
  if (command.name === 'defineKeyspace') return decideDefinition(command.input, keyspaces, ifVersion);
  if (ifVersion !== undefined && ifVersion !== keyspaces.version)
    return refused(versionConflict(ifVersion, keyspaces.version));
  const { position, reason } = command.input;
  if (!parked.includes(position)) return refused(invalid(['position'], 'must be the position of a parked record'));
  return { kind: 'event', event: { type: 'RecordDiscarded', data: { position, reason }, personal: {}, private: {} } };
}

function seed(profile: Profile, keyspaces: KeyspacesState): Decision {
  if (entryOf(keyspaces, profile.slug)) return { kind: 'unchanged' };
  return {
    kind: 'event',
    event: { type: 'KeyspaceDefined', data: { version: 1, profile }, personal: {}, private: {} },
  };
}
