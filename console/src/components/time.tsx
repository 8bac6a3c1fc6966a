// Times: a day or how long ago, in the reader's words; exactly on hover and on focus.
import { formatDate, formatExact, formatRelative } from '../texts/format.ts';
import { useNow } from '../texts/now.ts';
import { Tooltip } from './tooltip.tsx';

export interface TimeProps {
  /** RFC 3339. */
  readonly time: string;
}

export interface DateTextProps extends TimeProps {
  /** Of whoever counts its days; absent: the reader's. The exact time is always the reader's. */
  readonly zone?: string;
}

export function DateText({ time, zone }: DateTextProps) {
  return (
    <Tooltip text={formatExact(time)}>
      <time dateTime={time}>{formatDate(time, zone)}</time>
    </Tooltip>
  );
}

export function RelativeTime({ time }: TimeProps) {
  const now = useNow();
  return (
    <Tooltip text={formatExact(time)}>
      <time dateTime={time}>{formatRelative(time, now)}</time>
    </Tooltip>
  );
}
