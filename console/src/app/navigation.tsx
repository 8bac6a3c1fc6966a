// The sections at the side; on a narrow screen behind a button.
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../components/button.tsx';
import { Foreign } from '../components/foreign.tsx';
import { MenuIcon } from '../components/icons.tsx';
import { useSession } from '../session/session-context.ts';
import { texts } from '../texts/texts.ts';
import { maySeeAudit, type Sections, type WorkspaceSections } from './frame.tsx';
import { leave } from './leaving.ts';
import styles from './navigation.module.css';
import { paths } from './paths.ts';

const words = texts.navigation;

export function Navigation({ sections }: { readonly sections: Sections }) {
  const session = useSession();
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <header className={styles.bar}>
      <div className={styles.top}>
        <Link href={paths.home} className={styles.product}>
          {texts.product}
        </Link>
        <span className={styles.opener}>
          <Button
            icon
            kind="quiet"
            aria-label={words.open}
            aria-expanded={open}
            aria-controls="sections"
            onClick={() => setOpen(!open)}
          >
            <MenuIcon />
          </Button>
        </span>
      </div>
      <nav id="sections" aria-label={words.label} className={styles.sections} data-open={open || undefined}>
        {sections.workspaces.map((workspace) => (
          <WorkspaceEntries key={workspace.workspaceId} workspace={workspace} onFollow={close} />
        ))}
        {sections.operator && (
          <section className={styles.group}>
            <h2 className={styles.heading}>{words.installation}</h2>
            <ul>
              <Entry href={paths.health} label={words.health} onFollow={close} />
              {sections.keyspaces.map(({ slug, name }) => (
                <Entry key={slug} href={paths.keyspace(slug)} label={words.keyspace(name)} onFollow={close} />
              ))}
            </ul>
          </section>
        )}
        <div className={styles.person}>
          <span className={styles.name}>
            <Foreign text={sections.person} />
          </span>
          <ul className={styles.roles} aria-label={words.roles}>
            {sections.operator && <li>{words.operator}</li>}
            {sections.workspaces.map(({ workspaceId, role }) => (
              <li key={workspaceId}>{words.role(role, workspaceId)}</li>
            ))}
          </ul>
          <Button kind="quiet" onClick={() => leave(() => void session.signOut())}>
            {texts.session.signOut}
          </Button>
        </div>
      </nav>
    </header>
  );
}

interface EntriesProps {
  readonly workspace: WorkspaceSections;
  readonly onFollow: () => void;
}

function WorkspaceEntries({ workspace, onFollow }: EntriesProps) {
  const { workspaceId, keyspaces } = workspace;
  return (
    <section className={styles.group}>
      <h2 className={styles.heading}>{workspaceId}</h2>
      <ul>
        {keyspaces.map(({ slug, name }) => (
          <Entry key={slug} href={paths.keys(workspaceId, slug)} label={name} onFollow={onFollow} />
        ))}
        {maySeeAudit(workspace) && <Entry href={paths.audit(workspaceId)} label={words.audit} onFollow={onFollow} />}
      </ul>
    </section>
  );
}

interface EntryProps {
  readonly href: string;
  readonly label: string;
  readonly onFollow: () => void;
}

function Entry({ href, label, onFollow }: EntryProps) {
  const [location] = useLocation();
  return (
    <li>
      <Link
        href={href}
        className={styles.entry}
        aria-current={location === decodeURI(href) || location === href ? 'page' : undefined}
        onClick={onFollow}
      >
        {label}
      </Link>
    </li>
  );
}
