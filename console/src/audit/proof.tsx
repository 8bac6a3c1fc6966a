// Whether the loaded events join, and how everything else about them is proved.
import { useRef } from 'react';
import { CopyButton } from '../components/copy-button.tsx';
import { CheckIcon, WarningIcon } from '../components/icons.tsx';
import keyStyles from '../key/key-page.module.css';
import { auditTexts } from '../texts/audit-texts.ts';
import styles from './audit.module.css';
import { countLinks, type Link } from './links.ts';

const words = auditTexts.proof;

export interface ProofProps {
  readonly workspace: string;
  readonly links: ReadonlyMap<string, Link>;
}

export function Proof({ workspace, links }: ProofProps) {
  const commands = useRef<HTMLElement>(null);
  const { joins, broken, untold } = countLinks(links);
  const told = joins + broken;
  const lines = [words.export(workspace), words.verify(workspace)].join('\n');
  return (
    <section
      className={styles.proof}
      aria-label={words.heading}
      data-broken={broken > 0 ? '' : undefined}
      data-untold={told === 0 ? '' : undefined}
    >
      <div role="status">
        <p className={styles.verdict}>
          {broken > 0 ? <WarningIcon /> : told > 0 && <CheckIcon />}
          {told === 0 ? words.nothing : words.joined(joins, told)}
        </p>
        {broken > 0 && <p className={styles.broken}>{words.broken(broken)}</p>}
        {untold > 0 && <p className={keyStyles.muted}>{words.untold(untold)}</p>}
      </div>
      <p>{words.meaning}</p>
      <pre className={styles.commands}>
        <code ref={commands}>{lines}</code>
      </pre>
      <div>
        <CopyButton text={() => lines} source={commands} label={words.copy} name={words.copyName} />
      </div>
    </section>
  );
}
