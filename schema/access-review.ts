// The access review: every key of a workspace as it was at two times, and what happened between, a page at a time. Nothing of
// it is cut off unsaid: what does not fit into an answer is refused, with what to ask for instead.
import { countReview, reviewAccess, type Reviewed } from '../projections/access-review.ts';
import type { KeyRow } from '../projections/rows.ts';
import { historicKeyspaces, visibleKey, visiblePast, type VisibleKey } from './access.ts';
import { ApiKey } from './api-key.ts';
import { pastTime, readPast } from './as-of.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { reviewCursors } from './cursors.ts';
import { COUNTS } from './field-cost.ts';
import { badInput, badUserInput } from './graphql-errors.ts';
import { openedBy } from './history.ts';
import { KeyEvent, type VisibleEvent } from './key-event.ts';
import { emptyPage, MAX_PAGE, pageOf, windowOf, type Page } from './paging.ts';

/** Changes of a page: with more of them it ends early. And of one row: more are for the key's history, which has pages. */
const MAX_CHANGES = 1000;
/** What a review costs besides its rows, and how many changes a row is taken to have. */
export const REVIEW_COSTS = { cost: 5000, rows: MAX_PAGE };
const CHANGES = { entries: 5 };

interface ReviewRow {
  readonly key: VisibleKey;
  readonly before: VisibleKey | null;
  readonly after: VisibleKey | null;
  readonly changes: readonly VisibleEvent[];
}

const AccessReviewRow = builder.objectRef<ReviewRow>('AccessReviewRow').implement({
  description: 'One key: what it might do before and after.',
  fields: (t) => ({
    key: t.field({ type: ApiKey, description: 'As it is now, its last use included.', resolve: ({ key }) => key }),
    before: t.field({
      type: ApiKey,
      nullable: true,
      description: 'As it was at `from`; null: it was not made yet.',
      resolve: ({ before }) => before,
    }),
    after: t.field({ type: ApiKey, nullable: true, description: 'As it was at `to`.', resolve: ({ after }) => after }),
    changes: t.field({
      type: [KeyEvent],
      description: `What happened to it after \`from\`, up to and at \`to\`, oldest first: its events, and \`KEY_EXPIRED\` once that was noticed; reminders, which change nothing, are in its \`history\`. More than ${MAX_CHANGES} are refused: read that.`,
      extensions: CHANGES,
      resolve: ({ key, changes }) => {
        if (changes.length > MAX_CHANGES)
          throw badUserInput(
            `There are more than ${MAX_CHANGES} changes of ${key.row.state.keyId}: read its history from one time to the other.`,
          );
        return changes;
      },
    }),
    changeCount: t.int({ description: 'How many `changes` there are.', resolve: ({ changes }) => changes.length }),
  }),
});

export const AccessReview = builder.objectRef<Page<ReviewRow>>('AccessReview').implement({
  description: 'A table of the keys of a workspace at two times, in the order in which they were made.',
  fields: (t) => ({
    rows: t.field({ type: [AccessReviewRow], resolve: ({ edges }) => edges.map(({ node }) => node) }),
    totalCount: t.int({
      description: 'Of the whole review, whatever the page.',
      extensions: COUNTS,
      resolve: async ({ totalCount }) => (await totalCount()) ?? 0,
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'A page may be shorter than it was asked for: `hasNextPage` says whether there is more.',
      resolve: ({ pageInfo }) => pageInfo,
    }),
  }),
});

export interface ReviewArguments {
  readonly from: string;
  readonly to: string;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** Empty for callers who may not see the history of any keyspace; of those that they may not see, no keys are in it. */
export async function accessReview(
  workspaceId: string,
  args: ReviewArguments,
  context: Context,
): Promise<Page<ReviewRow>> {
  const from = pastTime(context, 'from', args.from);
  const to = pastTime(context, 'to', args.to);
  if (to <= from) throw badInput({ path: ['to'], message: 'must be after from' });
  const cursors = reviewCursors(workspaceId, from, to);
  const window = windowOf({ first: args.first ?? MAX_PAGE, after: args.after }, cursors);
  const { caller } = context;
  return readPast(context, async (view, past) => {
    const keyspaces = await view.keyspaces();
    const open = historicKeyspaces(keyspaces, caller.workspaces.get(workspaceId) ?? null);
    if (!open) return emptyPage();
    const query = { workspaceId, from, to, ...open };
    const found = await reviewAccess(past, query, window, MAX_CHANGES);
    if (found.more && args.first == null)
      throw badInput({
        path: ['first'],
        message: `must be given: the review does not fit into one page of ${MAX_PAGE}`,
      });
    const whole = !found.more && window.after === null;
    const count = () =>
      whole ? Promise.resolve(found.rows.length) : readPast(context, (_, later) => countReview(later, query));
    const event = openedBy(
      context,
      found.rows.flatMap(({ changes }) => changes),
    );
    const then = (row: KeyRow | null, asOf: string) => row && visiblePast(caller, keyspaces, row, asOf);
    const show = ({ key, before, after, changes }: Reviewed): ReviewRow | null => {
      const visible = visibleKey(caller, keyspaces, key);
      const events = changes.map(event).filter((change) => change !== null);
      return visible && { key: visible, before: then(before, from), after: then(after, to), changes: events };
    };
    const page = { encode: ({ key }: Reviewed) => cursors.encode(key) };
    return pageOf(found, window, page, show, count);
  });
}
