// The frame around every page: which sections there are for this person, and the page itself.
import { useEffect, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { useLocation } from 'wouter';
import { LoadingPage } from '../components/spinner.tsx';
import { FrameDocument, type FrameQuery } from '../api/generated/graphql.ts';
import { useSessionState } from '../session/session-context.ts';
import { texts } from '../texts/texts.ts';
import { AwayBanner } from './away-banner.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import styles from './frame.module.css';
import { LoadFailure } from './load-failure.tsx';
import { Navigation } from './navigation.tsx';
import { Routes } from './routes.tsx';
import { ShortcutsHelp } from './shortcuts-help.tsx';

/** What the person may see: what is not in here has no entry and no page. */
export interface Sections {
  /** As events name the person. */
  readonly person: string;
  readonly operator: boolean;
  readonly workspaces: readonly WorkspaceSections[];
  /** Of the installation; for operators. */
  readonly keyspaces: readonly { readonly slug: string; readonly name: string }[];
}

export interface WorkspaceSections {
  readonly workspaceId: string;
  readonly role: string;
  readonly keyspaces: readonly { readonly slug: string; readonly name: string; readonly title: string }[];
}

/** Who may read a workspace's history, which is what its audit page shows. */
const AUDITING = new Set(['ADMIN', 'AUDITOR']);

export const maySeeAudit = ({ role }: WorkspaceSections): boolean => AUDITING.has(role);

function sectionsOf({ viewer, keyspaces }: FrameQuery): Sections {
  return {
    person: viewer.actor.id,
    operator: viewer.operator,
    workspaces: viewer.workspaces.map(({ role, workspace }) => ({
      workspaceId: workspace.workspaceId,
      role,
      keyspaces: workspace.keyspaces
        .filter(({ actions }) => actions.includes('VIEW'))
        .map(({ slug, name, labels }) => ({ slug, name, title: labels.title })),
    })),
    keyspaces: viewer.operator ? keyspaces : [],
  };
}

export function Frame() {
  const [{ data, error }, again] = useQuery({ query: FrameDocument });
  const [place] = useLocation();
  const sections = useMemo(() => (data ? sectionsOf(data) : null), [data]);
  useSameRoles(again);
  if (error && !sections) return <LoadFailure error={error} onRetry={() => again({ requestPolicy: 'network-only' })} />;
  if (!sections) return <LoadingPage />;
  return (
    <div className={styles.frame}>
      <a href="#content" className={styles.skip}>
        {texts.skipToContent}
      </a>
      <Navigation sections={sections} />
      <main id="content" className={styles.content} tabIndex={-1}>
        <AwayBanner />
        <ErrorBoundary place={place}>
          <Routes sections={sections} />
          <ShortcutsHelp />
        </ErrorBoundary>
      </main>
    </div>
  );
}

/** Who comes back after their session ended may have other roles by then. */
function useSameRoles(again: (options: { readonly requestPolicy: 'network-only' }) => void): void {
  const state = useSessionState();
  const [wasOver, setWasOver] = useState(false);
  if (state === 'over' && !wasOver) setWasOver(true);
  useEffect(() => {
    if (state === 'in' && wasOver) again({ requestPolicy: 'network-only' });
  }, [state, wasOver, again]);
}
