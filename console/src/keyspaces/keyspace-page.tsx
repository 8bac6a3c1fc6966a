// The profile of a keyspace, for operators: in sections that can be read, and as YAML, which can be edited.
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
import { ProfileEditor, type Draft } from './profile-editor.tsx';
import { ProfileSource } from './profile-source.tsx';
import { ProfileView } from './profile-view.tsx';

export interface KeyspacePageProps {
  readonly slug: string;
}

const TABS = ['profile', 'source'] as const;

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
  const { name, version } = profile;
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
        onChange={(next) => setParams(next === 'profile' ? {} : { tab: next }, { replace: true })}
        tabs={[
          { id: 'profile', label: keyspaceTexts.tabs.profile, content: <ProfileView profile={profile} /> },
          {
            id: 'source',
            label: keyspaceTexts.tabs.source,
            content:
              draft === null ? (
                <ProfileSource
                  profile={profile}
                  onEdit={() => setDraft({ text: profile.source, source: profile.source, version })}
                />
              ) : (
                <ProfileEditor profile={profile} draft={draft} onChange={setDraft} />
              ),
          },
        ]}
      />
      {draft !== null && draft.text !== draft.source && <LeaveGuard onLeave={() => setDraft(null)} />}
    </Page>
  );
}
