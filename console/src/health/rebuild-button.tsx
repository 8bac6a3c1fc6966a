// Starts a rebuild, once it is confirmed, and tells when its generation is live or was given up.
import { useState } from 'react';
import { useClients } from '../api/clients-context.tsx';
import { newCommandId } from '../api/command-id.ts';
import { StartRebuildDocument } from '../api/generated/graphql.ts';
import { outcomeOf } from '../api/outcome.ts';
import { tellOutcome } from '../app/tell-outcome.ts';
import { Button } from '../components/button.tsx';
import { AlertDialog } from '../components/dialog.tsx';
import { snackbar } from '../components/snackbar.tsx';
import { healthTexts } from '../texts/health-texts.ts';
import { useEnded } from './use-ended.ts';
import type { Health } from './use-health.ts';

const words = healthTexts.rebuild;

export interface RebuildButtonProps extends Pick<Health, 'projections'> {
  /** When the projections were asked for, in milliseconds since 1970. */
  readonly askedAt: number;
  readonly onStarted: () => void;
}

export function RebuildButton({ projections, askedAt, onStarted }: RebuildButtonProps) {
  const { uncached } = useClients();
  const [asking, setAsking] = useState(false);
  const [sending, setSending] = useState(false);
  const follow = useEnded({ projections, askedAt, onEnd: tellEnd });
  const running = projections.some(({ rebuild }) => rebuild != null);

  const start = async (): Promise<void> => {
    setSending(true);
    const commandId = newCommandId();
    const send = async () => {
      const outcome = outcomeOf(await uncached.mutation(StartRebuildDocument, { input: { commandId } }).toPromise());
      if (outcome.kind === 'done') {
        follow(outcome.payload.generation);
        snackbar.success(words.started(outcome.payload.generation));
        onStarted();
      }
      return outcome;
    };
    await tellOutcome(send, '');
    setSending(false);
    setAsking(false);
  };

  return (
    <>
      <Button onClick={() => setAsking(true)} busy={running}>
        {running ? words.running : words.start}
      </Button>
      <AlertDialog
        open={asking}
        onClose={() => {
          if (!sending) setAsking(false);
        }}
        title={words.title}
        description={words.text}
        confirm={words.confirm}
        busy={sending}
        onConfirm={() => void start()}
      />
    </>
  );
}

function tellEnd(generation: string, live: boolean): void {
  if (live) snackbar.success(words.live(generation));
  else snackbar.failure(words.failed(generation));
}
