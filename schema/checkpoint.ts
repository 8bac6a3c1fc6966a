// Checkpoint: what all heads were at a position of the log, signed. The same for every workspace; it names none.
import { decodePosition } from '../events/position.ts';
import type { SignedCheckpoint } from '../events/proof/checkpoint.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { checkpointCursors } from './cursors.ts';
import { COUNTS } from './field-cost.ts';
import { emptyPage, pageOf, windowOf, type Page, type PageArguments } from './paging.ts';

export const Checkpoint = builder.objectRef<SignedCheckpoint>('Checkpoint').implement({
  description: 'What all keys of the installation were at a position of the log, as one signed root.',
  fields: (t) => ({
    id: t.id({ description: '`checkpoint@NUMBER`.', resolve: ({ checkpoint }) => checkpoint.id }),
    number: t.float({ description: 'From 1, without gaps.', resolve: ({ checkpoint }) => checkpoint.number }),
    time: t.field({ type: 'DateTime', resolve: ({ checkpoint }) => checkpoint.time }),
    count: t.float({
      description: 'Keys, and the one of all keyspaces.',
      resolve: ({ checkpoint }) => checkpoint.count,
    }),
    root: t.string({ description: 'Of the Merkle tree over them.', resolve: ({ checkpoint }) => checkpoint.root }),
    position: t.field({
      type: 'Position',
      description: 'Everything before it is in.',
      resolve: ({ checkpoint }) => decodePosition(checkpoint.position) ?? {},
    }),
    previous: t.string({
      nullable: true,
      description: 'SHA-256 of the checkpoint before; null for the first.',
      resolve: ({ checkpoint }) => checkpoint.previous,
    }),
    signature: t.string({
      description: 'A JWS without its payload, which is the checkpoint in canonical JSON (RFC 8785).',
      resolve: ({ signature }) => signature,
    }),
  }),
});

export const CheckpointConnection = builder.connectionObject(
  {
    type: Checkpoint,
    name: 'CheckpointConnection',
    fields: (t) => ({
      totalCount: t.int({ nullable: true, extensions: COUNTS, resolve: ({ totalCount }) => totalCount() }),
    }),
  },
  { name: 'CheckpointEdge' },
);

/** Numbers have no gaps, so that the newest is their count. */
export async function listCheckpoints(
  workspaceId: string,
  args: PageArguments,
  { caller, checkpoints }: Context,
): Promise<Page<SignedCheckpoint>> {
  const window = windowOf(args, checkpointCursors);
  const standing = caller.workspaces.get(workspaceId);
  if (standing !== 'admin' && standing !== 'auditor') return emptyPage();
  const { limit, backward, after, before } = window;
  // Newest first: what comes after a number is below it.
  const found = await checkpoints.list({
    ...(after ? { below: after.number } : {}),
    ...(before ? { above: before.number } : {}),
    newestFirst: !backward,
    limit: limit + 1,
  });
  const shown = found.slice(0, limit);
  const rows = { rows: backward ? shown.toReversed() : shown, more: found.length > limit };
  const count = async (): Promise<number> => (await checkpoints.newest())?.checkpoint.number ?? 0;
  return pageOf(rows, window, checkpointCursors, (row) => row, count);
}
