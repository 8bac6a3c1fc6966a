// Health: how projections and verifiers stand, for operators.
import type { ParkedRow } from '../projections/rows.ts';
import { builder } from './builder.ts';
import type { ProjectionHealth as ProjectionShape, VerifierHealth as VerifierShape } from './context.ts';

export const ParkedRecord = builder.objectRef<ParkedRow>('ParkedRecord').implement({
  description:
    'A record that cannot be folded. Its aggregate is denied everywhere until it is retried with success or discarded.',
  fields: (t) => ({
    aggregateId: t.exposeString('aggregateId', { nullable: true }),
    position: t.field({
      type: 'Position',
      description: 'Of the record itself: what `retryParked` and `discardRecord` take.',
      resolve: ({ position: { partition, offset } }) => ({ [partition]: offset }),
    }),
    reason: t.exposeString('reason'),
    time: t.expose('time', { type: 'DateTime', description: 'When it was parked.' }),
  }),
});

const Rebuild = builder.objectRef<{ readonly progress: number }>('Rebuild').implement({
  fields: (t) => ({ progress: t.exposeFloat('progress', { description: '0 … 1' }) }),
});

const ProjectionHealth = builder.objectRef<ProjectionShape>('ProjectionHealth').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    lag: t.exposeFloat('lag', { description: 'Records between the read models and the log’s end.' }),
    generation: t.exposeString('generation'),
    rebuild: t.field({
      type: Rebuild,
      nullable: true,
      resolve: ({ rebuildProgress }) => (rebuildProgress === null ? null : { progress: rebuildProgress }),
    }),
    parked: t.field({ type: [ParkedRecord], resolve: ({ parked }) => parked }),
  }),
});

const VerifierHealth = builder.objectRef<VerifierShape>('VerifierHealth').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    asOf: t.expose('asOf', { type: 'DateTime', nullable: true }),
    position: t.expose('position', { type: 'Position' }),
    leaseUntil: t.expose('leaseUntil', {
      type: 'DateTime',
      description: 'By its own clock; one that renews no more is ended after it.',
    }),
  }),
});

export const Health = builder
  .objectRef<{ readonly projections: readonly ProjectionShape[]; readonly verifiers: readonly VerifierShape[] }>(
    'Health',
  )
  .implement({
    fields: (t) => ({
      projections: t.field({ type: [ProjectionHealth], resolve: ({ projections }) => projections }),
      verifiers: t.field({ type: [VerifierHealth], resolve: ({ verifiers }) => verifiers }),
    }),
  });
