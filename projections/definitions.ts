// The events of keyspaces, looked for: all profiles share one history, which is read back page by page.
import { KEYSPACES } from '../events/ids.ts';
import type { GenerationView } from './read-store.ts';
import type { HistoryCursor, HistoryRow } from './rows.ts';

const PAGE = 100;

/** The last event before `from` that matches; `from` `null`: of all. `undefined`: there is none. */
export async function lastDefinition(
  view: GenerationView,
  from: HistoryCursor | null,
  matches: (row: HistoryRow) => boolean,
): Promise<HistoryRow | undefined> {
  for (let before = from; ;) {
    const window = { limit: PAGE, backward: true, after: null, before };
    const { rows, more } = await view.listHistory({ scope: { aggregateId: KEYSPACES } }, window);
    const found = rows.findLast(matches);
    const [earliest] = rows;
    if (found || !more || !earliest) return found;
    before = earliest;
  }
}
