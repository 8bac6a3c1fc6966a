// How projections and verifiers stand, for operators: renewed every few seconds, with a dot while it is not.
import { LoadFailure } from '../app/load-failure.tsx';
import { NotFound } from '../app/not-found.tsx';
import { Page } from '../app/page.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { formatRelative } from '../texts/format.ts';
import { healthTexts } from '../texts/health-texts.ts';
import { useNow } from '../texts/now.ts';
import { texts } from '../texts/texts.ts';
import styles from './health-page.module.css';
import { Parked } from './parked.tsx';
import { Projections } from './projections.tsx';
import { RebuildButton } from './rebuild-button.tsx';
import { RENEWED_MS, useHealth } from './use-health.ts';
import { Verifiers } from './verifiers.tsx';

export default function HealthPage() {
  const { health, askedAt, at, error, refresh } = useHealth();
  const now = useNow();
  if (health === undefined) return error ? <LoadFailure error={error} onRetry={refresh} /> : <LoadingPage />;
  if (health === null) return <NotFound />;
  const { projections, verifiers } = health;
  return (
    <Page
      title={texts.navigation.health}
      subtitle={
        <span role="status" className={error ? styles.down : undefined}>
          {error
            ? healthTexts.down(formatRelative(new Date(at).toISOString(), Math.max(now, at)))
            : healthTexts.renewed(RENEWED_MS / 1000)}
        </span>
      }
      buttons={<RebuildButton projections={projections} askedAt={askedAt} onStarted={refresh} />}
    >
      <Projections projections={projections} />
      <Parked records={projections.flatMap(({ parked }) => parked)} onDone={refresh} />
      <Verifiers verifiers={verifiers} at={at} />
    </Page>
  );
}
