// The profile as YAML.
import { useRef } from 'react';
import type { ProfileViewFragment } from '../api/generated/graphql.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import styles from './keyspace-page.module.css';

const words = keyspaceTexts.source;

export interface ProfileSourceProps {
  readonly profile: ProfileViewFragment;
  readonly onEdit: () => void;
}

export function ProfileSource({ profile, onEdit }: ProfileSourceProps) {
  const source = useRef<HTMLPreElement>(null);
  return (
    <>
      <div className={styles.buttons}>
        {profile.actions.includes('DEFINE') && <Button onClick={onEdit}>{words.edit}</Button>}
        <CopyButton text={() => profile.source} source={source} name={words.copy} />
      </div>
      <pre ref={source} className={styles.source} tabIndex={0} role="region" aria-label={keyspaceTexts.tabs.source}>
        {profile.source}
      </pre>
    </>
  );
}
