// The keys of a keyspace, drawn from its profile. The address holds what is searched, filtered and ordered by.
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSearchParams } from 'wouter';
import { KeyspacePageDocument } from '../api/generated/graphql.ts';
import { LoadFailure } from '../app/load-failure.tsx';
import { NotFound } from '../app/not-found.tsx';
import { Page } from '../app/page.tsx';
import { part } from '../app/part.tsx';
import { useShortcut } from '../app/shortcuts.ts';
import { Button } from '../components/button.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { KeyList } from './key-list.tsx';
import styles from './keys.module.css';
import { GoodPractice, QuickStart } from './quick-start.tsx';

const CreateKey = part(() => import('../create/create-key.tsx'));

export interface KeysPageProps {
  readonly workspace: string;
  /** Its slug. */
  readonly keyspace: string;
  /** Whether this person may see the history of the workspace. */
  readonly audits: boolean;
}

export function KeysPage({ workspace, keyspace: slug, audits }: KeysPageProps) {
  const [{ data, error }, again] = useQuery({ query: KeyspacePageDocument, variables: { workspace, slug } });
  const view = data?.workspace?.keyspace;
  const [params] = useSearchParams();
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState(0);
  if (error && !data) return <LoadFailure error={error} onRetry={() => again({ requestPolicy: 'network-only' })} />;
  if (!data) return <LoadingPage />;
  if (!view?.actions.includes('VIEW')) return <NotFound />;
  // Where the past is shown, nothing is made.
  const create = view.actions.includes('CREATE') && !params.has('at') ? () => setCreating(true) : null;
  return (
    <Page
      title={view.labels.title}
      subtitle={view.texts.subtitle}
      buttons={create && <CreateButton label={view.labels.create} onCreate={create} />}
    >
      <div className={styles.panels}>
        <QuickStart view={view} />
        <GoodPractice view={view} />
      </div>
      <KeyList workspace={workspace} view={view} audits={audits} made={made} onCreate={create} />
      {creating && (
        <CreateKey
          view={view}
          workspace={workspace}
          onDone={() => setCreating(false)}
          onMade={() => setMade((count) => count + 1)}
        />
      )}
    </Page>
  );
}

interface CreateButtonProps {
  readonly label: string;
  readonly onCreate: () => void;
}

function CreateButton({ label, onCreate }: CreateButtonProps) {
  useShortcut('c', onCreate);
  return (
    <Button kind="primary" onClick={onCreate}>
      {label}
    </Button>
  );
}
