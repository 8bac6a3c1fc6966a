// Facts: all that one attempt at a command is decided from, read from one generation in one session (W2).
import { keyIdFor } from '../../events/ids.ts';
import { operationOf } from '../../events/key/access.ts';
import type { KeyState } from '../../events/key/state.ts';
import type { KeyspacesState } from '../../events/keyspaces/state.ts';
import { decodeRecordPosition, encodeRecordPosition, type Position } from '../../events/position.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { HistoryRow, KeyRow, ParkedRow } from '../../projections/rows.ts';
import type { CommandRequest } from '../../schema/context.ts';

export interface Facts {
  /** What the generation held at least when it was read. */
  readonly checkpoint: Position;
  /** Whose event the command would be. */
  readonly aggregate: 'key' | 'keyspaces';
  readonly keyspaces: KeyspacesState;
  readonly row: KeyRow | null;
  /** The workspace that the command is about; `null` for an unknown key and for the installation's commands. */
  readonly workspaceId: string | null;
  /** Of the key that the command would make (E3); `null` where it makes none. */
  readonly newKeyId: string | null;
  /** The event that an earlier attempt under this commandId made, in the scope that the command has whatever is decided. */
  readonly prior: HistoryRow | null;
  /** The event under this commandId of the key that the command would make: it stands only in the way of making it. */
  readonly taken: HistoryRow | null;
  /** The key that calls; `null`: there is none, or the caller is no key. */
  readonly acting: KeyState | null;
  /** The e-mail address of that key's owner. */
  readonly actingEmail: string | null;
  /** Tokens of open parked records, where the command is about one. */
  readonly parked: readonly string[];
}

const MAKES_KEYS: ReadonlySet<string> = new Set([
  'createKey',
  'updateKey',
  'changeScopes',
  'changeRestrictions',
  'changeExpiry',
]);

export async function readFacts(
  store: ReadStore,
  request: CommandRequest & { readonly commandId: string },
  actingKeyId: string | null,
): Promise<Facts> {
  const { command, commandId } = request;
  const discarded = command.name === 'discardRecord' ? await parkedRecord(store, command.input.position) : null;
  const keyId = command.name === 'discardRecord' ? (discarded?.aggregateId ?? null) : request.keyId;

  return store.read(async (view) => {
    const [keyspaces, row, acting] = await Promise.all([
      view.keyspaces(),
      keyId === null ? null : view.key(keyId),
      actingKeyId === null ? null : view.key(actingKeyId),
    ]);
    const workspaceId = command.name === 'createKey' ? command.input.workspaceId : (row?.state.workspaceId ?? null);
    const newKeyId = workspaceId !== null && MAKES_KEYS.has(command.name) ? keyIdFor(workspaceId, commandId) : null;
    // A record of no key that exists is discarded in the aggregate `keyspaces`.
    const ofKeyspaces = command.name === 'defineKeyspace' || (command.name === 'discardRecord' && row === null);
    const aggregate = ofKeyspaces ? 'keyspaces' : 'key';
    const under = (scope: string | null) => (scope === null ? null : view.historyByCommand(scope, commandId));
    const [prior, made] =
      operationOf(command.name) === null
        ? [await view.historyByOperatorCommand(commandId), null]
        : await Promise.all([under(keyId), under(newKeyId)]);
    // W2: an edit shares the workspace's scope only where it makes a successor, or has made one of this very key.
    const counts = command.name === 'createKey' || (made !== null && succeeds(made, keyId));
    return {
      checkpoint: view.checkpoint,
      aggregate,
      keyspaces,
      row,
      workspaceId,
      newKeyId,
      prior: prior ?? (counts ? made : null),
      taken: made,
      acting: acting?.state ?? null,
      actingEmail: acting?.details.email ?? null,
      parked: discarded?.status === 'OPEN' ? [encodeRecordPosition(discarded.position)] : [],
    };
  });
}

function succeeds({ data }: HistoryRow, keyId: string | null): boolean {
  return 'predecessor' in data && data.predecessor === keyId;
}

async function parkedRecord(store: ReadStore, token: string): Promise<ParkedRow | null> {
  const position = decodeRecordPosition(token);
  return position && store.parked.at(position);
}
