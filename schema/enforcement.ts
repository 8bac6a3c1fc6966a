// Enforcement: the receipt that verifiers have folded a mutation; `confirmedAt` is set once every one has that could still
// answer from what was before (L5, L10).
import { positionAfter, type Position } from '../events/position.ts';
import { lastDefinition } from '../projections/definitions.ts';
import { builder } from './builder.ts';
import type { Context, Enforcement as EnforcementShape } from './context.ts';

const Confirmation = builder.objectRef<EnforcementShape['verifiers'][number]>('VerifierConfirmation').implement({
  description: 'How far a verifier is that may answer.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'As health shows it.' }),
    position: t.expose('position', { type: 'Position', description: 'What it has folded.' }),
    confirmedAt: t.expose('confirmedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'A moment by which it had folded the change; null: it has not reported that yet.',
    }),
  }),
});

export const Enforcement = builder.objectRef<EnforcementShape>('Enforcement').implement({
  description: 'Which verifiers have folded a change. A verifier that vanished counts until its lease is over.',
  fields: (t) => ({
    confirmed: t.exposeInt('confirmed'),
    total: t.exposeInt('total', {
      description:
        'Verifiers that have to: those that could answer when the change was made, or, asked later, that can now.',
    }),
    confirmedAt: t.expose('confirmedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Set once all have: from then on nothing is answered from what was before. Null: not yet, or not known; ask `enforcement` of the key or keyspace again.',
    }),
    verifiers: t.field({ type: [Confirmation], resolve: ({ verifiers }) => verifiers }),
  }),
});

/** The `enforcement` member of a payload. */
export const enforcementField = {
  type: Enforcement,
  nullable: true,
  description: 'Of `waitFor: VERIFIERS`; incomplete where time ran out.',
} as const;

export const ENFORCED_VERSION = 'The one that the change made.';

/** What was reached when a mutation is done, with its receipt where one was asked for. */
export async function withEnforcement<T extends { readonly position: Position }>(
  context: Context,
  waitFor: unknown,
  payload: T,
): Promise<T & { readonly enforcement: EnforcementShape | null }> {
  const enforcement = waitFor === 'VERIFIERS' ? await context.whenEnforced(payload.position) : null;
  return { ...payload, enforcement };
}

/** Of the event that made this version; `null` where there is none. */
export async function enforcementOfKey(
  keyId: string,
  version: number,
  context: Context,
): Promise<EnforcementShape | null> {
  const row = await context.read((view) => view.historyAt(keyId, version));
  return row && context.enforcement(positionAfter(row.position));
}

export async function enforcementOfKeyspace(
  slug: string,
  version: number,
  context: Context,
): Promise<EnforcementShape | null> {
  const row = await context.read((view) =>
    lastDefinition(
      view,
      null,
      ({ data }) => 'profile' in data && data.profile.slug === slug && data.version === version,
    ),
  );
  return row ? context.enforcement(positionAfter(row.position)) : null;
}
