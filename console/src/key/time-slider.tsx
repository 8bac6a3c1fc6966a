// Which time the page is shown of: a slider from the key's making until now, and the exact day and time beside it.
import { useEffect, useId, useState } from 'react';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { formatExact, localTime } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import type { KeyAddressState } from './key-address.ts';
import styles from './key-page.module.css';

const words = keyTexts.past;
const SETTLE_MS = 250;
/** Of the slider, whose two ends are steps of it. */
const STEPS = 1000;

export interface TimeSliderProps extends Pick<KeyAddressState, 'change'> {
  /** RFC 3339; as is `at`, which is `null` for now. */
  readonly created: string;
  readonly at: string | null;
}

export function TimeSlider({ created, at, change }: TimeSliderProps) {
  const slider = useId();
  const start = Date.parse(created);
  const [now] = useState(() => Math.max(Date.now(), start + 1000));
  const shown = at === null ? now : Date.parse(at);
  /** Where it is held, until it rests. */
  const [held, setHeld] = useState<number | null>(null);
  const value = held ?? shown;
  useEffect(() => {
    if (held === null) return undefined;
    const timer = setTimeout(() => {
      setHeld(null);
      change({ at: held >= now ? null : new Date(held).toISOString(), action: null }, true);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [held, now, change]);
  const to = (time: number): void => setHeld(Math.min(now, Math.max(start, time)));
  return (
    <div className={styles.slider}>
      <div className={styles.range}>
        <label htmlFor={slider}>{words.slider}</label>
        <input
          id={slider}
          type="range"
          min={0}
          max={STEPS}
          value={Math.round(((value - start) / (now - start)) * STEPS)}
          aria-valuetext={value >= now ? words.now : formatExact(new Date(value).toISOString())}
          onChange={({ target }) => to(start + Math.round(((now - start) * Number(target.value)) / STEPS))}
        />
        <span className={styles.ends} aria-hidden="true">
          <span>{words.created}</span>
          <span>{words.now}</span>
        </span>
      </div>
      <TextField
        label={words.exact}
        type="datetime-local"
        value={localTime(value)}
        onChange={(text) => {
          const time = new Date(text).getTime();
          if (!Number.isNaN(time)) to(time);
        }}
        control={{ step: 1 }}
      />
    </div>
  );
}

export interface PastBannerProps {
  readonly at: string | null;
  /** It was not made yet. */
  readonly missing: boolean;
  readonly onBack: () => void;
}

export function PastBanner({ at, missing, onBack }: PastBannerProps) {
  return (
    <div className={`${styles.notice ?? ''} ${styles.banner ?? ''}`} role="status">
      {missing ? words.none : words.banner(at === null ? '' : formatExact(at))}
      <Button onClick={onBack}>{words.back}</Button>
    </div>
  );
}
