// The page of a key that was found: its head with what can be done with it, the time that it is shown of, and its parts.
import { useState, type ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { Link } from 'wouter';
import type { KeyAction } from '../api/generated/graphql.ts';
import { failureText } from '../app/load-failure.tsx';
import { Page } from '../app/page.tsx';
import { paths } from '../app/paths.ts';
import { Button } from '../components/button.tsx';
import { ClockIcon } from '../components/icons.tsx';
import { Status } from '../components/status.tsx';
import { Tabs, type Tab } from '../components/tabs.tsx';
import { isDoneInPlace, KeyActions } from '../keys/key-actions.tsx';
import { menuActions } from '../keys/key-menu.tsx';
import { nameOf, operationOf, statusLabel } from '../keys/keyspace-words.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';
import type { KeyAddressState, KeyTab } from './key-address.ts';
import { KeyHistory } from './key-history.tsx';
import type { ShownKey } from './key-page.tsx';
import styles from './key-page.module.css';
import { KeyRequests } from './key-requests.tsx';
import { KeySecrets } from './key-secrets.tsx';
import { Overview } from './overview.tsx';
import { PastBanner, TimeSlider } from './time-slider.tsx';

const words = keyTexts;

export interface KeyViewProps extends KeyAddressState {
  readonly workspace: string;
  readonly shown: ShownKey;
  /** It is not there any more, or was not yet. */
  readonly gone: boolean;
  readonly error: CombinedError | null;
  readonly loading: boolean;
  /** What happens elsewhere is not seen now. */
  readonly down: boolean;
  /** How many events were seen of it since the page was opened. */
  readonly events: number;
  readonly again: () => void;
}

interface Doing {
  readonly action: KeyAction;
  readonly byAddress: boolean;
}

/** Actions that are a part of the page. */
const PARTS: Partial<Readonly<Record<string, KeyTab>>> = {
  VIEW: 'overview',
  SEE_USAGE: 'requests',
  SEE_HISTORY: 'history',
};

export function KeyView(props: KeyViewProps) {
  const { workspace, shown, address, change, gone, events, again } = props;
  const view = shown.keyspace;
  const past = address.at !== null;
  const sees = (action: KeyAction): boolean => past || shown.actions.includes(action);
  const [travelling, setTravelling] = useState(past);
  /** It stays until it is done, though what it does ends its own permission. */
  const [doing, setDoing] = useState<Doing | null>(null);
  const asked = shown.actions.find((action) => action === address.action && isDoneInPlace(action)) ?? null;
  if (doing === null && asked !== null && !past) setDoing({ action: asked, byAddress: true });
  const act = (action: KeyAction): void => {
    if (isDoneInPlace(action)) setDoing({ action, byAddress: false });
    change({ action });
  };
  const part = PARTS[address.action ?? ''];
  const wanted = part ?? address.tab;
  const overlap = shown.previousSecret ?? null;

  const tabs: Tab<KeyTab>[] = [
    { id: 'overview', label: words.tabs.overview, content: <Overview {...props} past={past} /> },
    ...(!past && sees('SEE_USAGE')
      ? [
          {
            id: 'requests' as const,
            label: words.tabs.requests,
            content: <KeyRequests id={shown.id} days={view.requestLogDays} address={address} change={change} />,
          },
        ]
      : []),
    ...(sees('SEE_HISTORY')
      ? [
          {
            id: 'history' as const,
            label: words.tabs.history,
            content: <KeyHistory id={shown.id} view={view} events={events} address={address} change={change} />,
          },
        ]
      : []),
    ...(!past && (overlap !== null || shown.lastRotatedAt != null)
      ? [
          {
            id: 'secrets' as const,
            label: words.tabs.secrets,
            content: <KeySecrets shown={shown} view={view} onAct={act} />,
          },
        ]
      : []),
  ];
  const tab = tabs.some(({ id }) => id === wanted) ? wanted : 'overview';

  return (
    <Page
      title={nameOf(shown)}
      subtitle={
        <span className={styles.subtitle}>
          <code>{shown.preview}</code>
          <Status status={shown.status} label={statusLabel(view, shown.status)} />
          <Link href={paths.keys(workspace, view.slug)}>{words.back(view.labels.title)}</Link>
          {!past && props.down && <span className={styles.down}>{words.down}</span>}
        </span>
      }
      buttons={
        <>
          {sees('SEE_HISTORY') && (
            <Button kind="quiet" aria-expanded={travelling} onClick={() => setTravelling(!travelling)}>
              <ClockIcon /> {words.past.open}
            </Button>
          )}
          {!past && !gone && <Actions shown={shown} onAct={act} />}
        </>
      }
    >
      {(travelling || past) && <TimeSlider created={shown.createdAt} at={address.at} change={change} />}
      {past && <PastBanner at={address.at} missing={gone} onBack={() => change({ at: null })} />}
      {!past && gone && (
        <Notice>
          <p role="status">{words.gone}</p>
        </Notice>
      )}
      {props.error && (
        <Notice>
          <p role="alert">
            {failureText(props.error)} <Button onClick={again}>{texts.retry}</Button>
          </p>
        </Notice>
      )}
      <Tabs
        label={nameOf(shown)}
        tabs={tabs}
        value={tab}
        onChange={(next) => change({ tab: next === 'overview' ? null : next, action: null })}
      />
      {doing !== null && (
        <KeyActions
          key={doing.action}
          {...doing}
          row={shown}
          view={view}
          workspace={workspace}
          onDone={() => {
            change({ action: null }, true);
            setDoing(null);
            again();
          }}
        />
      )}
    </Page>
  );
}

function Notice({ children }: { readonly children: ReactNode }) {
  return <div className={styles.notice}>{children}</div>;
}

interface ActionsProps {
  readonly shown: ShownKey;
  readonly onAct: (action: KeyAction) => void;
}

const FINAL: ReadonlySet<KeyAction> = new Set<KeyAction>(['REVOKE', 'DELETE']);

/** What the menu of the list offers as well, if there is a dialog for it. */
function Actions({ shown, onAct }: ActionsProps) {
  const view = shown.keyspace;
  return menuActions(shown, view)
    .filter(({ action }) => isDoneInPlace(action))
    .map(({ action, label }) => (
      <Button
        key={action}
        kind={FINAL.has(action) ? 'danger' : 'plain'}
        title={operationOf(view, action)?.description ?? undefined}
        onClick={() => onAct(action)}
      >
        {label}
      </Button>
    ));
}
