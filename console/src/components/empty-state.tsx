// What stands where there is nothing: why, and what to do about it.
import type { ReactNode } from 'react';
import styles from './empty-state.module.css';

export interface EmptyStateProps {
  readonly title?: string;
  readonly text: string;
  readonly children?: ReactNode;
}

export function EmptyState({ title, text, children }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      {title !== undefined && <h2 className={styles.title}>{title}</h2>}
      <p>{text}</p>
      {children != null && <div className={styles.buttons}>{children}</div>}
    </div>
  );
}
