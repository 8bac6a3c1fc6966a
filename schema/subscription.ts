// Subscriptions: what happens to the keys of a workspace, as far as the caller may see it now. First what was missed since a
// position, then live: nothing left out, nothing twice, in order per key; each event with the position to go on from.
import { covers, encodePosition, isBeyond, positionAfter, type Position } from '../events/position.ts';
import type { GenerationView } from '../projections/read-store.ts';
import { isFact, type EntryType, type HistoryRow, type LogEntry } from '../projections/rows.ts';
import { builder } from './builder.ts';
import type { Caller, Context, Subscribing } from './context.ts';
import { KeyEventType } from './enums.ts';
import { badInput, badUserInput, forbidden } from './graphql-errors.ts';
import { workspaceSight } from './history.ts';
import { KeyEvent, type VisibleEvent } from './key-event.ts';

/** An event as it is handed out. */
export interface Followed {
  readonly event: VisibleEvent;
  /** Of all partitions, behind it: going on from here leaves nothing out and repeats nothing. */
  readonly position: Position;
}

interface Arguments {
  readonly workspaceId: string;
  readonly after?: Position | null | undefined;
  readonly types?: readonly EntryType[] | null | undefined;
}

builder.subscriptionType({
  description: 'What is sent as it happens, over server-sent events.',
  fields: (t) => ({
    keyEvents: t.field({
      type: KeyEvent,
      description:
        'What happens to the keys of a workspace, as far as this caller may see it: each event once, in order per key.',
      args: {
        workspaceId: t.arg.string({ required: true, description: 'A workspace whose history this caller may see.' }),
        after: t.arg({
          type: 'Position',
          description:
            'First what was missed since then: `Workspace.position`, or the `id` of the last event. Absent: live from now.',
        }),
        types: t.arg({ type: [KeyEventType], description: 'Any of these; absent: every event.' }),
      },
      subscribe: (_, args, context) => keyEvents(args, context),
      resolve: ({ event }: Followed) => event,
    }),
  }),
});

/** Whoever subscribes reads history: recorded once, as the stream begins. */
const NOTED = { kind: 'HISTORY', keyId: null, field: 'Subscription.keyEvents' } as const;

async function keyEvents(args: Arguments, context: Context): Promise<AsyncIterable<Followed>> {
  const { subscription } = context;
  if (!subscription) throw badUserInput('Subscriptions are answered as event streams only.');
  const { workspaceId } = args;
  await context.read((view) => sightOf(workspaceId, context.caller, view));
  const begin = await beginning(args, context, subscription);
  const { after, types } = args;
  context.noteRead({ ...NOTED, workspaceId, arguments: { ...(after ? { after: encodePosition(after) } : {}), types } });
  await context.recordReads();
  subscription.whileOpen(async () => {
    const caller = await subscription.caller();
    await context.read((view) => sightOf(workspaceId, caller, view));
  });
  subscription.reached(begin.from);
  return eventsFrom(begin, args, context, subscription);
}

/** What a caller may see of a workspace; another's is refused like one that does not exist. */
async function sightOf(workspaceId: string, caller: Caller, view: GenerationView) {
  const sight = await workspaceSight(workspaceId, caller, view);
  if (sight === null) throw forbidden('There is no such workspace, or its history is not for this caller.');
  return sight;
}

interface Beginning {
  readonly from: Position;
  /** Whether there is something to catch up with. */
  readonly behind: boolean;
}

/** A position that is not of this log would leave events out without a word. */
async function beginning({ after }: Arguments, context: Context, subscription: Subscribing): Promise<Beginning> {
  const asked = after ?? subscription.lastSeen;
  const projected = await context.position();
  if (!asked) return { from: projected, behind: false };
  const path = [after ? 'after' : 'Last-Event-ID'];
  const all = Object.keys(projected);
  if (Object.keys(asked).length !== all.length || all.some((partition) => !(partition in asked)))
    throw badInput({ path, message: 'must name all partitions of the log, as Workspace.position does' });
  if (!covers(projected, asked) && !covers(await subscription.logEnd(), asked))
    throw badInput({ path, message: 'lies beyond the end of the log' });
  return { from: asked, behind: isBeyond(projected, asked) };
}

async function* eventsFrom(
  { from, behind }: Beginning,
  { workspaceId, types }: Arguments,
  context: Context,
  subscription: Subscribing,
): AsyncGenerator<Followed, void, undefined> {
  const isAsked = ({ type }: LogEntry): boolean => !types || types.length === 0 || types.some((one) => one === type);
  const pick = async (view: GenerationView, entries: readonly LogEntry[]): Promise<readonly LogEntry[]> => {
    const sight = await sightOf(workspaceId, await subscription.caller(), view);
    const asked = entries.filter(isAsked);
    return sight.all ? asked : sight.pick(asked);
  };
  let position = from;
  for await (const page of subscription.follow({ from, behind, workspaceId, pick })) {
    const events = eventsOf(context, page.entries);
    for (const [index, entry] of page.entries.entries()) {
      position = { ...position, ...positionAfter(entry.position) };
      const event = events[index];
      if (event) yield { event, position };
    }
    position = page.position;
    subscription.reached(position);
  }
}

/** The personal parts of a page are opened at once, when the first one is asked for; facts have none. */
function eventsOf(context: Context, entries: readonly LogEntry[]): readonly VisibleEvent[] {
  const rows = entries.filter((entry): entry is HistoryRow => !isFact(entry));
  let opening: ReturnType<Context['openPersonal']> | undefined;
  const open = (): ReturnType<Context['openPersonal']> =>
    (opening ??= context.openPersonal(rows).catch((error: unknown) => {
      opening = undefined; // asked again once the store is back
      throw error;
    }));
  return entries.map((entry) => ({
    row: entry,
    personal: async () => (isFact(entry) ? null : ((await open())[rows.indexOf(entry)] ?? null)),
  }));
}
