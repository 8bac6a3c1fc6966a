// Reminders: at which days before their expiry the keys of a keyspace are spoken of, by the profile that was in force at the
// moment (E6). Answered from the profiles' history, so that whoever asks, whenever, is told the same.
import { KEYSPACES } from '../events/ids.ts';
import type { RemindersAt } from '../events/key/moments.ts';
import { remindersOf } from '../events/keyspaces/form.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { GenerationView } from './read-store.ts';
import type { HistoryCursor } from './rows.ts';

const PAGE = 100;

interface Dated {
  readonly since: string;
  readonly days: readonly number[];
}

/** Reads the profiles' history again only when they have changed. */
export function createReminders(): (view: GenerationView) => Promise<RemindersAt> {
  let known: { readonly keyspaces: KeyspacesState; readonly at: RemindersAt } | null = null;
  return async (view) => {
    const keyspaces = await view.keyspaces();
    if (known?.keyspaces.head !== keyspaces.head) known = { keyspaces, at: inForce(await definitions(view)) };
    return known.at;
  };
}

async function definitions(view: GenerationView): Promise<ReadonlyMap<string, readonly Dated[]>> {
  const found = new Map<string, Dated[]>();
  for (let after: HistoryCursor | null = null; ;) {
    const window = { limit: PAGE, backward: false, after, before: null };
    const { rows, more } = await view.listHistory({ scope: { aggregateId: KEYSPACES } }, window);
    for (const { data, time } of rows) {
      if (!('profile' in data)) continue;
      const { slug } = data.profile;
      found.set(slug, [...(found.get(slug) ?? []), { since: time, days: remindersOf(data.profile) }]);
    }
    const last = rows.at(-1);
    if (!more || !last) return found;
    after = last;
  }
}

/** Before a keyspace was defined, which keys of other clocks may say: as it was first. */
function inForce(definitions: ReadonlyMap<string, readonly Dated[]>): RemindersAt {
  return (keyspace, moment) => {
    const dated = definitions.get(keyspace) ?? [];
    return (dated.findLast(({ since }) => since <= moment) ?? dated[0])?.days ?? [];
  };
}
