// The quick start and the advice above a list of keys, each closed until it is opened. Whether the examples are open, and
// at which tab, the address holds.
import { useSearchParams } from 'wouter';
import { part } from '../app/part.tsx';
import { texts } from '../texts/texts.ts';
import type { KeyspaceView } from './keyspace-words.ts';
import styles from './quick-start.module.css';

const Examples = part(() => import('./quick-start-examples.tsx'));
const words = texts.keys;

/** Of the address: the tab of the examples. */
export const EXAMPLES = 'examples';

export function QuickStart({ view }: { readonly view: KeyspaceView }) {
  const [params, setParams] = useSearchParams();
  const open = params.has(EXAMPLES);
  return (
    <details
      className={styles.panel}
      open={open}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open === open) return;
        setParams(
          (before) => {
            if (open) before.delete(EXAMPLES);
            else before.set(EXAMPLES, '1');
            return before;
          },
          { replace: true },
        );
      }}
    >
      <summary>{words.quickStart}</summary>
      {open && <Examples view={view} />}
    </details>
  );
}

/** Advice on keys at large. */
export function GoodPractice({ view }: { readonly view: KeyspaceView }) {
  const { guidance } = view.texts;
  if (guidance.length === 0) return null;
  return (
    <details className={styles.panel}>
      <summary>{words.guidance}</summary>
      <dl className={styles.content}>
        {guidance.map(({ title, text }) => (
          <div key={title}>
            <dt>{title}</dt>
            {text != null && <dd className={styles.advice}>{text}</dd>}
          </div>
        ))}
      </dl>
    </details>
  );
}
