// A signed checkpoint as the public topic has it (P7): a CloudEvent beside those of the log, all in one partition.
import { z } from 'zod';
import { schemaName } from '../catalogue.ts';
import { toCloudEvent } from '../cloud-event.ts';
import * as fields from '../fields.ts';
import type { NewRecord } from '../log.ts';
import { CHECKPOINT_SOURCE, type SignedCheckpoint } from './checkpoint.ts';

export const CHECKPOINT_TYPE = 'keyfold.Checkpoint.v1';

/** Its attributes, under their names on the wire; the data are the signed checkpoint. */
export const checkpointAttributes = z.strictObject({
  id: z.string().regex(/^checkpoint@[1-9]\d*$/, 'must be checkpoint@number'),
  source: z.literal(CHECKPOINT_SOURCE),
  type: z.literal(CHECKPOINT_TYPE),
  /** The key of its records; no aggregate has this id. */
  subject: z.literal('checkpoint'),
  time: fields.instant,
  dataschema: z.literal(schemaName(CHECKPOINT_TYPE)),
});
export type CheckpointAttributes = z.infer<typeof checkpointAttributes>;

export function attributesOf({ id, source, time }: SignedCheckpoint['checkpoint']): CheckpointAttributes {
  return { id, source, type: CHECKPOINT_TYPE, subject: 'checkpoint', time, dataschema: schemaName(CHECKPOINT_TYPE) };
}

export function checkpointEvent({ checkpoint, signature }: SignedCheckpoint): NewRecord {
  return toCloudEvent({ attributes: attributesOf(checkpoint), data: { checkpoint, signature } });
}
