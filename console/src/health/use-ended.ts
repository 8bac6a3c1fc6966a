// How a rebuild ends that was started here: readers are on its generation, or nobody builds it any more.
import { useEffect, useEffectEvent, useState } from 'react';
import type { Health } from './use-health.ts';

export interface EndedOptions extends Pick<Health, 'projections'> {
  readonly askedAt: number;
  readonly onEnd: (generation: string, live: boolean) => void;
}

const numberOf = (generation: string): number => Number(generation.replace(/\D/g, ''));

/** Follows the rebuild of a generation: what was asked before that says nothing of it. */
export function useEnded({ projections, askedAt, onEnd }: EndedOptions): (generation: string) => void {
  const [followed, setFollowed] = useState<{ readonly generation: string; readonly since: number } | null>(null);
  const tell = useEffectEvent(onEnd);
  useEffect(() => {
    if (followed === null || askedAt < followed.since) return;
    const live = projections.every(({ generation }) => numberOf(generation) >= numberOf(followed.generation));
    if (!live && projections.some(({ rebuild }) => rebuild != null)) return;
    setFollowed(null);
    tell(followed.generation, live);
  }, [followed, projections, askedAt]);
  return (generation) => setFollowed({ generation, since: Date.now() });
}
