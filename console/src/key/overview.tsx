// What there is to know of a key at one look: whether it is refused everywhere, its facts, and how it is used.
import type { KeyViewProps } from './key-view.tsx';
import { KeyFacts } from './key-facts.tsx';
import { Receipt } from './receipt.tsx';
import { UsageChart } from './usage-chart.tsx';

/** While it is so, no verifier may let it in. */
const REMOVED: ReadonlySet<string> = new Set(['DISABLED', 'REVOKED', 'DELETED']);

export function Overview({ shown, workspace, past }: KeyViewProps & { readonly past: boolean }) {
  const removal = shown.removals?.nodes.at(-1)?.version ?? null;
  return (
    <>
      {!past && REMOVED.has(shown.status) && removal !== null && (
        <Receipt key={removal} shown={shown} change={shown.status} version={removal} first={null} />
      )}
      <KeyFacts shown={shown} workspace={workspace} past={past} />
      {!past && shown.actions.includes('SEE_USAGE') && <UsageChart id={shown.id} />}
    </>
  );
}
