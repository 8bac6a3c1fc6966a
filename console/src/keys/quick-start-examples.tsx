// What the quick start shows: how a key is sent, calls to copy on the page's own origin, in the tabs that the profile has,
// and the questions to the verifier. A key's place in them is a word, never a key.
import { useRef } from 'react';
import { useSearchParams } from 'wouter';
import { CopyButton } from '../components/copy-button.tsx';
import { Tabs } from '../components/tabs.tsx';
import { quickStartTexts as words } from '../texts/quick-start-texts.ts';
import type { KeyspaceView } from './keyspace-words.ts';
import { callTabs, exampleKey, sentHeader, verifyTab, type Example } from './quick-start-code.ts';
import { EXAMPLES } from './quick-start.tsx';
import styles from './quick-start.module.css';

export default function QuickStartExamples({ view }: { readonly view: KeyspaceView }) {
  const [params, setParams] = useSearchParams();
  const tabs = [
    ...callTabs(view, window.location.origin).map((tab, at) => ({ ...tab, id: String(at + 1), text: null })),
    { ...verifyTab(view), id: 'verify', text: words.verify.text },
  ];
  const asked = params.get(EXAMPLES);
  return (
    <div className={styles.content}>
      {view.texts.quickStart != null && <p>{view.texts.quickStart}</p>}
      <p>
        {words.sentAs}{' '}
        {view.credential.headers.map((header, at) => (
          <span key={header.name}>
            {at > 0 && ` ${words.or} `}
            <code>{sentHeader(header, exampleKey(view))}</code>
          </span>
        ))}
      </p>
      <Tabs
        label={words.examples}
        value={tabs.find(({ id }) => id === asked)?.id ?? '1'}
        onChange={(id) =>
          setParams(
            (before) => {
              before.set(EXAMPLES, id);
              return before;
            },
            { replace: true },
          )
        }
        tabs={tabs.map(({ id, label, text, examples }) => ({
          id,
          label,
          content: (
            <>
              {text !== null && <p>{text}</p>}
              {examples.map((example) => (
                <ShownExample key={example.title} {...example} />
              ))}
            </>
          ),
        }))}
      />
    </div>
  );
}

function ShownExample({ title, text, code }: Example) {
  const source = useRef<HTMLPreElement>(null);
  return (
    <figure className={styles.example}>
      <figcaption className={styles.caption}>
        <strong>{title}</strong>
        <CopyButton text={() => code} source={source} kind="quiet" name={words.copy(title)} />
      </figcaption>
      {text !== undefined && <p>{text}</p>}
      <pre ref={source} tabIndex={0} role="group" aria-label={title}>
        {code}
      </pre>
    </figure>
  );
}
