// Records that cannot be folded: each is retried after a fix, or discarded.
import { useState } from 'react';
import { useClients } from '../api/clients-context.tsx';
import { newCommandId } from '../api/command-id.ts';
import { RetryParkedDocument, type ParkedRowFragment } from '../api/generated/graphql.ts';
import { outcomeOf } from '../api/outcome.ts';
import { Section, SmallTable } from '../app/section.tsx';
import { tellOutcome } from '../app/tell-outcome.ts';
import { Button } from '../components/button.tsx';
import { snackbar } from '../components/snackbar.tsx';
import { RelativeTime } from '../components/time.tsx';
import { healthTexts } from '../texts/health-texts.ts';
import { DiscardRecord } from './discard-record.tsx';
import styles from './health-page.module.css';

const words = healthTexts.parked;

export interface ParkedProps {
  readonly records: readonly ParkedRowFragment[];
  readonly onDone: () => void;
}

export function Parked({ records, onDone }: ParkedProps) {
  const { uncached } = useClients();
  /** The position of the record that is retried; empty: all. */
  const [retrying, setRetrying] = useState<string | null>(null);
  const [discarding, setDiscarding] = useState<string | null>(null);

  const retry = async (position: string): Promise<void> => {
    setRetrying(position);
    const input = { commandId: newCommandId(), ...(position === '' ? {} : { position }) };
    const send = async () => {
      const outcome = outcomeOf(await uncached.mutation(RetryParkedDocument, { input }).toPromise());
      if (outcome.kind === 'done') {
        const { length } = outcome.payload.parked;
        if (length === 0) snackbar.success(words.retried);
        else snackbar.failure(words.stillParked(length));
        onDone();
      }
      return outcome;
    };
    await tellOutcome(send, '');
    setRetrying(null);
  };

  return (
    <Section
      heading={words.heading}
      text={records.length === 0 ? words.none : words.text}
      buttons={
        records.length > 1 && (
          <Button busy={retrying === ''} disabled={retrying !== null} onClick={() => void retry('')}>
            {words.retryAll}
          </Button>
        )
      }
    >
      {records.length > 0 && (
        <SmallTable
          label={words.heading}
          headings={[words.record, words.aggregate, words.since, words.reason, words.actions]}
          rows={records.map(({ position, aggregateId, time, reason }) => ({
            id: position,
            cells: [
              <code key="position">{position}</code>,
              aggregateId == null ? null : <code key="aggregate">{aggregateId}</code>,
              <RelativeTime key="time" time={time} />,
              <span key="reason" className={styles.bad}>
                {reason}
              </span>,
              <span key="actions" className={styles.actions}>
                <Button
                  aria-label={words.retryOf(position)}
                  busy={retrying === position}
                  disabled={retrying !== null}
                  onClick={() => void retry(position)}
                >
                  {words.retry}
                </Button>
                <Button kind="danger" aria-label={words.discardOf(position)} onClick={() => setDiscarding(position)}>
                  {words.discard}
                </Button>
              </span>,
            ],
          }))}
        />
      )}
      {discarding !== null && (
        <DiscardRecord key={discarding} position={discarding} onClose={() => setDiscarding(null)} onDone={onDone} />
      )}
    </Section>
  );
}
