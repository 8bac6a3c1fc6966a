// The profile of a keyspace, for operators: in sections that can be read, and edited as a form and as YAML.
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSearchParams } from 'wouter';
import { FrameDocument, KeyspaceProfileDocument, type ProfileViewFragment } from '../api/generated/graphql.ts';
import { failureText, LoadFailure } from '../app/load-failure.tsx';
import { NotFound } from '../app/not-found.tsx';
import { Page } from '../app/page.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { Tabs } from '../components/tabs.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import { texts } from '../texts/texts.ts';
import styles from './keyspace-page.module.css';
import { LeaveGuard } from './leave-guard.tsx';
import { isDirty, type Draft } from './profile-draft.ts';
import { ProfileEditor } from './profile-editor.tsx';
import { ProfileSource } from './profile-source.tsx';
import { ProfileView } from './profile-view.tsx';

export interface KeyspacePageProps {
  readonly slug: string;
}

const TABS = ['profile', 'form', 'source'] as const;

export default function KeyspacePage({ slug: wanted }: KeyspacePageProps) {
  const [{ data, error }, again] = useQuery({ query: FrameDocument });
  if (!data)
    return error ? (
      <LoadFailure error={error} onRetry={() => again({ requestPolicy: 'network-only' })} />
    ) : (
      <LoadingPage />
    );
  const id = data.viewer.operator ? data.keyspaces.find(({ slug: each }) => each === wanted)?.id : undefined;
  return id === undefined ? <NotFound /> : <LoadedProfile id={id} />;
}

function LoadedProfile({ id }: { readonly id: string }) {
  const [{ data, error, fetching, stale }, again] = useQuery({
    query: KeyspaceProfileDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const retry = (): void => again({ requestPolicy: 'network-only' });
  const node = data?.node;
  if (node?.__typename === 'Keyspace')
    return <ShownProfile profile={node} problem={error ? failureText(error) : null} />;
  if (error) return <LoadFailure error={error} onRetry={retry} />;
  return fetching || stale || !data ? <LoadingPage /> : <NotFound />;
}

interface ShownProps {
  readonly profile: ProfileViewFragment;
  /** Why it may be out of date. */
  readonly problem: string | null;
}

function ShownProfile({ profile, problem }: ShownProps) {
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((each) => each === params.get('tab')) ?? 'profile';
  /** What is edited stays while other parts of the page are looked at. */
  const [draft, setDraft] = useState<Draft | null>(null);
  const { name, version, source } = profile;
  const fresh: Draft = { text: source, source, version, changes: [] };
  const setTab = (next: (typeof TABS)[number]): void =>
    setParams(next === 'profile' ? {} : { tab: next }, { replace: true });
  const editor = (view: 'form' | 'source') => (
    <ProfileEditor
      {...{ profile, view }}
      draft={draft ?? fresh}
      onChange={(update) =>
        setDraft((now) => {
          const next = update(now ?? fresh);
          return next === fresh ? now : next;
        })
      }
      onStop={() => {
        // The guard's entry of the history goes, and with it the tab that it says.
        if (draft !== null && isDirty(draft)) window.addEventListener('popstate', () => setTab(view), { once: true });
        setDraft(null);
      }}
      onSource={() => {
        setDraft(draft ?? fresh);
        setTab('source');
      }}
    />
  );
  return (
    <Page
      title={texts.navigation.keyspace(name)}
      subtitle={
        <>
          <code>{profile.slug}</code> · {keyspaceTexts.version(version)}
        </>
      }
    >
      {problem !== null && (
        <p role="alert" className={styles.bad}>
          {problem}
        </p>
      )}
      <Tabs
        label={keyspaceTexts.views}
        value={tab}
        onChange={setTab}
        tabs={[
          { id: 'profile', label: keyspaceTexts.tabs.profile, content: <ProfileView profile={profile} /> },
          ...(profile.actions.includes('DEFINE')
            ? [{ id: 'form' as const, label: keyspaceTexts.tabs.form, content: editor('form') }]
            : []),
          {
            id: 'source',
            label: keyspaceTexts.tabs.source,
            content:
              draft === null ? <ProfileSource profile={profile} onEdit={() => setDraft(fresh)} /> : editor('source'),
          },
        ]}
      />
      {draft !== null && isDirty(draft) && <LeaveGuard onLeave={() => setDraft(null)} />}
    </Page>
  );
}
