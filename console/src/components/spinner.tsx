// What stands where something is still to come: a spinner, in the middle of a page after 150 ms, and grey bars for cells.
import { texts } from '../texts/texts.ts';
import { classes } from './classes.ts';
import styles from './spinner.module.css';

export interface SpinnerProps {
  readonly label?: string;
  /** As high as the text beside it. */
  readonly small?: boolean;
}

export function Spinner({ label = texts.loading, small = false }: SpinnerProps) {
  return <span role="img" aria-label={label} className={classes(styles.spinner, small && styles.small)} />;
}

/** Of a page or section that has nothing to show yet. */
export function LoadingPage({ label = texts.loading }: { readonly label?: string }) {
  return (
    <div className={styles.centre} role="status">
      <Spinner label={label} />
    </div>
  );
}

export function Skeleton() {
  return <span className={styles.skeleton} aria-hidden="true" />;
}
