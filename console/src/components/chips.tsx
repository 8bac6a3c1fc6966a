// Chips: short words with a colour that says no more than they do.
import { texts } from '../texts/texts.ts';
import styles from './chips.module.css';
import { classes } from './classes.ts';
import { Foreign } from './foreign.tsx';
import { Tooltip } from './tooltip.tsx';

export interface ChipProps {
  readonly label: string;
  /** As a profile names it; one that is not known is grey. */
  readonly tone?: string | null;
}

export function Chip({ label, tone }: ChipProps) {
  const known = tone == null ? undefined : styles[tone];
  return (
    <span className={classes(styles.chip, known ?? styles.gray)} data-tone={tone ?? undefined}>
      <span className={styles.text}>
        <Foreign text={label} />
      </span>
    </span>
  );
}

export interface ChipsProps {
  readonly chips: readonly ChipProps[];
  /** How many to show in one line; the others are counted. Absent: all, in as many lines as they take. */
  readonly limit?: number;
}

export function Chips({ chips, limit }: ChipsProps) {
  const shown = limit === undefined ? chips : chips.slice(0, limit);
  const others = chips.slice(shown.length).map(({ label }) => label);
  return (
    <span className={classes(styles.chips, limit === undefined && styles.wrap)}>
      {shown.map((chip) => (
        <Chip key={chip.label} {...chip} />
      ))}
      {others.length > 0 && (
        <Tooltip text={texts.moreOf(others.join(', '))}>
          <span className={styles.chip}>{texts.more(others.length)}</span>
        </Tooltip>
      )}
    </span>
  );
}
