// What happened in a workspace, with the proof of it; who could do what at a time; what became different between two times;
// and what was signed of all that.
import type { ReactNode } from 'react';
import { useQuery } from 'urql';
import { AuditKeyspacesDocument, type AuditKeyspaceFragment } from '../api/generated/graphql.ts';
import { LoadFailure } from '../app/load-failure.tsx';
import { NotFound } from '../app/not-found.tsx';
import { Page } from '../app/page.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { Tabs } from '../components/tabs.tsx';
import { auditTexts } from '../texts/audit-texts.ts';
import { texts } from '../texts/texts.ts';
import { AccessReview } from './access-review.tsx';
import { TABS, useAuditAddress, type AuditTab } from './audit-address.ts';
import { Checkpoints } from './checkpoints.tsx';
import { WhoCould } from './who-could.tsx';
import { WorkspaceHistory } from './workspace-history.tsx';

const words = auditTexts;

export interface AuditPageProps {
  readonly workspace: string;
}

/** By global id. */
export type AuditKeyspaces = ReadonlyMap<string, AuditKeyspaceFragment>;

export default function AuditPage({ workspace }: AuditPageProps) {
  const { address, change } = useAuditAddress();
  const [{ data, error }, again] = useQuery({ query: AuditKeyspacesDocument, variables: { workspace } });
  if (error && !data) return <LoadFailure error={error} onRetry={() => again({ requestPolicy: 'network-only' })} />;
  if (!data) return <LoadingPage />;
  if (!data.workspace) return <NotFound />;
  const keyspaces: AuditKeyspaces = new Map(data.workspace.keyspaces.map((each) => [each.id, each]));
  const shared = { workspace, keyspaces, address, change };
  const content: Readonly<Record<AuditTab, ReactNode>> = {
    history: <WorkspaceHistory {...shared} />,
    access: <WhoCould {...shared} />,
    review: <AccessReview {...shared} />,
    checkpoints: <Checkpoints workspace={workspace} />,
  };
  return (
    <Page title={texts.navigation.audit} subtitle={words.subtitle(workspace)}>
      <Tabs
        label={texts.navigation.audit}
        tabs={TABS.map((id) => ({ id, label: words.tabs[id], content: content[id] }))}
        value={address.tab}
        onChange={(tab) => change({ tab: tab === 'history' ? null : tab })}
      />
    </Page>
  );
}
