// How projections and verifiers stand, as the commands read and show it.
import { z } from 'zod';
import { graphql } from './api-client.ts';
import { PROJECTION_STATUS } from './documents.ts';
import { tableLines } from './format.ts';
import { CliError, type Io } from './io.ts';

export const parkedRecord = z.looseObject({
  aggregateId: z.string().nullable(),
  position: z.string(),
  reason: z.string(),
  time: z.string(),
});
const health = z.object({
  projections: z.array(
    z.looseObject({
      name: z.string(),
      lag: z.number(),
      generation: z.string(),
      rebuild: z.looseObject({ progress: z.number() }).nullable(),
      parked: z.array(parkedRecord),
    }),
  ),
  verifiers: z.array(z.looseObject({ id: z.string(), asOf: z.string().nullable(), position: z.string() })),
});
export type Health = z.infer<typeof health>;

const NO_VERIFIER = 'No verifier holds a lease: each tells by /readyz what it waits for.';

/** @throws {@link CliError} */
export async function readHealth(io: Io, workspace: string): Promise<Health> {
  const data = await graphql(io, workspace, PROJECTION_STATUS, {});
  const found = health.nullable().parse(data.health);
  if (found === null) throw new CliError('NOT_ALLOWED', 'this is for operators of the installation');
  return found;
}

export function healthLines({ projections, verifiers }: Health): string[] {
  return [
    ...tableLines(
      ['PROJECTION', 'GENERATION', 'LAG', 'PARKED', 'REBUILD'],
      projections.map(({ name, generation, lag, parked: records, rebuild: progress }) => [
        name,
        generation,
        String(lag),
        String(records.length),
        progress === null ? '—' : `${Math.floor(progress.progress * 100)} %`,
      ]),
    ),
    ...parkedLines(projections.flatMap((projection) => projection.parked)),
    '',
    ...(verifiers.length === 0
      ? [NO_VERIFIER]
      : tableLines(
          ['VERIFIER', 'AS OF', 'POSITION'],
          verifiers.map(({ id, asOf, position }) => [id, asOf ?? '—', position]),
        )),
  ];
}

export function parkedLines(records: readonly z.infer<typeof parkedRecord>[]): string[] {
  if (records.length === 0) return [];
  const rows = records.map(({ position, aggregateId, time, reason }) => [position, aggregateId ?? '—', time, reason]);
  return ['', ...tableLines(['PARKED AT', 'KEY', 'SINCE', 'REASON'], rows)];
}
