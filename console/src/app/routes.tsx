// Address → page. Pages but the list of keys are loaded when they are first asked for. `keys` and `audit` are no slugs of
// keyspaces, so that no address has two meanings.
import { Redirect, Route, Switch } from 'wouter';
import { KeysPage } from '../keys/keys-page.tsx';
import { maySeeAudit, type Sections } from './frame.tsx';
import { NotFound } from './not-found.tsx';
import { part } from './part.tsx';
import { paths } from './paths.ts';
import { NothingToSee } from './nothing-to-see.tsx';

const KeyPage = part(() => import('../key/key-page.tsx'));
const AuditPage = part(() => import('../audit/audit-page.tsx'));
const HealthPage = part(() => import('../health/health-page.tsx'));
const KeyspacePage = part(() => import('../keyspaces/keyspace-page.tsx'));

export function Routes({ sections }: { readonly sections: Sections }) {
  return (
    <Switch>
      <Route path="/">
        <Home sections={sections} />
      </Route>
      <Route path="/sign-in">
        <Redirect to={paths.home} replace />
      </Route>
      <Route path="/w/:workspace">{({ workspace }) => <Home sections={sections} workspace={workspace} />}</Route>
      <Route path="/w/:workspace/audit">
        {({ workspace }) =>
          audits(sections, workspace) ? <AuditPage key={workspace} workspace={workspace} /> : <NotFound />
        }
      </Route>
      <Route path="/w/:workspace/keys/:id">
        {({ workspace, id }) => <KeyPage key={id} workspace={workspace} id={id} />}
      </Route>
      <Route path="/w/:workspace/:keyspace">
        {({ workspace, keyspace }) => (
          <KeysPage
            key={`${workspace}/${keyspace}`}
            workspace={workspace}
            keyspace={keyspace}
            audits={audits(sections, workspace)}
          />
        )}
      </Route>
      <Route path="/health" component={HealthPage} />
      <Route path="/keyspaces/:slug">{({ slug }) => <KeyspacePage key={slug} slug={slug} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
}

const audits = ({ workspaces }: Sections, workspace: string): boolean =>
  workspaces.some((each) => each.workspaceId === workspace && maySeeAudit(each));

/** The first section that there is for this person, of a workspace if it is named. */
function Home({ sections, workspace }: { readonly sections: Sections; readonly workspace?: string }) {
  const found = sections.workspaces.find((each) => workspace === undefined || each.workspaceId === workspace);
  const first = found?.keyspaces[0];
  if (found && first) return <Redirect to={paths.keys(found.workspaceId, first.slug)} replace />;
  if (workspace !== undefined) return <NotFound />;
  if (sections.operator) return <Redirect to={paths.health} replace />;
  return <NothingToSee />;
}
