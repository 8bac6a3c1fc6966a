// Facts: all that one attempt at a command is decided from, read from one generation in one session (W2).
import { keyIdFor } from '../../events/ids.ts';
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
  /** The event that an earlier attempt under this commandId made. */
  readonly prior: HistoryRow | null;
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
): Promise<Facts> {
  const { command, commandId } = request;
  const discarded = command.name === 'discardRecord' ? await parkedRecord(store, command.input.position) : null;
  const keyId = command.name === 'discardRecord' ? (discarded?.aggregateId ?? null) : request.keyId;

  return store.read(async (view) => {
    const [keyspaces, row] = await Promise.all([view.keyspaces(), keyId === null ? null : view.key(keyId)]);
    const workspaceId = command.name === 'createKey' ? command.input.workspaceId : (row?.state.workspaceId ?? null);
    const newKeyId = workspaceId !== null && MAKES_KEYS.has(command.name) ? keyIdFor(workspaceId, commandId) : null;
    // A record of no key that exists is discarded in the aggregate `keyspaces`.
    const aggregate = command.name === 'discardRecord' && row === null ? 'keyspaces' : 'key';
    const priors =
      command.name === 'discardRecord'
        ? [await view.historyByOperatorCommand(commandId)]
        : await Promise.all(
            [keyId, newKeyId].filter((id) => id !== null).map((scope) => view.historyByCommand(scope, commandId)),
          );
    return {
      checkpoint: view.checkpoint,
      aggregate,
      keyspaces,
      row,
      workspaceId,
      newKeyId,
      prior: priors.find((prior) => prior !== null) ?? null,
      parked: discarded?.status === 'OPEN' ? [encodeRecordPosition(discarded.position)] : [],
    };
  });
}

async function parkedRecord(store: ReadStore, token: string): Promise<ParkedRow | null> {
  const position = decodeRecordPosition(token);
  return position && store.parked.at(position);
}
