// Per verifier: whether it may answer, how old what it knows is, and until when its lease lasts.
import { Section, SmallTable } from '../app/section.tsx';
import { BanIcon, CheckIcon, ClockIcon } from '../components/icons.tsx';
import { Tooltip } from '../components/tooltip.tsx';
import { formatExact, formatInstant } from '../texts/format.ts';
import { healthTexts } from '../texts/health-texts.ts';
import styles from './health-page.module.css';
import type { Health } from './use-health.ts';

const words = healthTexts.verifiers;

export interface VerifiersProps extends Pick<Health, 'verifiers'> {
  /** When that was so, in milliseconds since 1970. */
  readonly at: number;
}

export function Verifiers({ verifiers, at }: VerifiersProps) {
  return (
    <Section heading={words.heading} text={words.text}>
      {verifiers.length === 0 ? (
        <p className={styles.bad}>{words.none}</p>
      ) : (
        <SmallTable
          label={words.heading}
          headings={[words.id, words.state, words.asOf, words.lease, words.position]}
          rows={verifiers.map(({ id, asOf, leaseUntil, position }) => ({
            id,
            cells: [
              <code key="id">{id}</code>,
              <State key="state" asOf={asOf ?? null} leaseUntil={leaseUntil} at={at} />,
              asOf == null ? null : (
                <Tooltip key="asOf" text={formatExact(asOf)}>
                  <time dateTime={asOf}>
                    {formatInstant(asOf, at)} ({words.staleness(secondsBetween(asOf, at))})
                  </time>
                </Tooltip>
              ),
              <Tooltip key="lease" text={formatExact(leaseUntil)}>
                <time dateTime={leaseUntil}>{formatInstant(leaseUntil, at)}</time>
              </Tooltip>,
              <code key="position">{position}</code>,
            ],
          }))}
        />
      )}
    </Section>
  );
}

/** None where the reader's clock is behind. */
const secondsBetween = (time: string, at: number): number => Math.max(0, Math.round((at - Date.parse(time)) / 1000));

interface StateProps {
  readonly asOf: string | null;
  readonly leaseUntil: string;
  readonly at: number;
}

function State({ asOf, leaseUntil, at }: StateProps) {
  if (Date.parse(leaseUntil) <= at)
    return (
      <span className={styles.bad}>
        <BanIcon /> {words.over}
      </span>
    );
  if (asOf === null)
    return (
      <span className={styles.wait}>
        <ClockIcon /> {words.starting}
      </span>
    );
  return (
    <span className={styles.good}>
      <CheckIcon /> {words.answering}
    </span>
  );
}
