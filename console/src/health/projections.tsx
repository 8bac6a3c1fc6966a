// Per projection: how far behind the log it is, which generation is live, and how far a rebuild is.
import { Section, SmallTable } from '../app/section.tsx';
import { healthTexts } from '../texts/health-texts.ts';
import styles from './health-page.module.css';
import type { Health } from './use-health.ts';

const words = healthTexts.projections;

export function Projections({ projections }: Pick<Health, 'projections'>) {
  return (
    <Section heading={words.heading} text={words.text}>
      <SmallTable
        label={words.heading}
        headings={[words.name, words.generation, words.lag, words.rebuild, words.parked]}
        rows={projections.map(({ name, generation, lag, rebuild, parked }) => ({
          id: name,
          cells: [
            name,
            <code key="generation">{generation}</code>,
            lag === 0 ? words.upToDate : words.behind(lag),
            rebuild ? <Progress key="rebuild" name={name} progress={rebuild.progress} /> : words.none,
            parked.length === 0 ? (
              words.none
            ) : (
              <span key="parked" className={styles.bad}>
                {words.parkedCount(parked.length)}
              </span>
            ),
          ],
        }))}
      />
    </Section>
  );
}

function Progress({ name, progress }: { readonly name: string; readonly progress: number }) {
  return (
    <span className={styles.progress}>
      <progress value={progress} max={1} aria-label={words.progressOf(name)} />
      {words.progress(Math.floor(progress * 100))}
    </span>
  );
}
