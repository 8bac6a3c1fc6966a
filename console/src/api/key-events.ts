// What happens to the keys of a workspace, as it happens: a stream that is opened again where it ends, behind the last
// event that came, so that nothing is missed.
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useClients } from './clients-context.tsx';
import { watchedStream } from './event-stream.ts';
import { KeyEventsDocument, type KeyEventsSubscription } from './generated/graphql.ts';
import { useReach } from './reach-context.ts';

export type LiveEvent = KeyEventsSubscription['keyEvents'];

export interface KeyEventsOptions {
  readonly workspace: string;
  /** Whether this person may see what happens. */
  readonly enabled: boolean;
  /** What is shown is as of this position: what happened since comes first. Absent: live from now. */
  readonly from?: string | null;
  readonly onEvent: (event: LiveEvent) => void;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;
/** A stream that lasted so long was no failed attempt. */
const LASTED_MS = 5000;

/** Whether the stream is down: what is shown may be out of date. */
export function useKeyEvents({ workspace, enabled, from = null, onEvent }: KeyEventsOptions): boolean {
  const { uncached, fetch } = useClients();
  const reach = useReach();
  const [down, setDown] = useState(false);
  const take = useEffectEvent(onEvent);
  /** Behind the last event, whatever becomes of the stream. */
  const after = useRef<string | null>(null);
  const begin = useEffectEvent((): string | null => after.current ?? from);
  useEffect(() => {
    if (!enabled) return undefined;
    let pause = FIRST_PAUSE_MS;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = (): void => undefined;
    let end = (): void => undefined;
    const open = (): void => {
      let over = false;
      let opened = Infinity;
      timer = undefined;
      const ended = (): void => {
        if (over) return;
        over = true;
        setDown(true);
        if (performance.now() - opened > LASTED_MS) pause = FIRST_PAUSE_MS;
        stop();
        timer = setTimeout(open, pause);
        pause = Math.min(MAX_PAUSE_MS, pause * 2);
      };
      end = ended;
      const watched = watchedStream(fetch, {
        onOpen: () => {
          opened = performance.now();
          setDown(false);
        },
        onEnd: ended,
      });
      const stream = uncached
        .subscription(KeyEventsDocument, { workspaceId: workspace, after: begin() }, { fetch: watched })
        .subscribe(({ data, error, extensions, hasNext }) => {
          if (over) return;
          if (typeof extensions?.position === 'string') after.current = extensions.position;
          if (data) take(data.keyEvents);
          if (error || !hasNext) ended();
        });
      stop = () => {
        over = true;
        stream.unsubscribe();
      };
    };
    open();
    const unsubscribe = reach.subscribe(() => {
      if (reach.away()) {
        // A stream over a network that is gone may stay open for long, and silent.
        end();
      } else if (timer !== undefined) {
        clearTimeout(timer);
        open();
      }
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
      stop();
      setDown(false);
    };
  }, [uncached, fetch, reach, workspace, enabled]);
  return down;
}
