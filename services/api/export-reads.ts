// The record of exports: whoever takes a workspace's history away is on record in that workspace, an operator who takes
// everything in each.
import { INSTALLATION, type CheckpointReads } from '../../projections/checkpoints.ts';
import type { ReadNote } from '../../schema/context.ts';
import type { ExportReading } from './export-http.ts';
import type { ReadRecorder } from './reads.ts';

export interface ExportReadsOptions {
  readonly recorder: ReadRecorder;
  readonly checkpoints: Pick<CheckpointReads, 'subtrees'>;
}

export function createExportReads({ recorder, checkpoints }: ExportReadsOptions) {
  return async ({ caller, requestId, workspaceId, from, to }: ExportReading): Promise<void> => {
    const given = { workspace: workspaceId, from, to };
    const note = (id: string): ReadNote => ({
      ...{ kind: 'EXPORT', workspaceId: id, keyId: null, field: '/v1/events/export', arguments: given },
    });
    const all = workspaceId === null ? (await checkpoints.subtrees(to)).map(({ id }) => id) : [workspaceId];
    const notes = all.filter((id) => id !== INSTALLATION).map(note);
    await recorder.record({ caller, requestId, notes });
  };
}
