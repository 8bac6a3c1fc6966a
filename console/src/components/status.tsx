// A key's status: a mark, a colour and a word, of which the word is enough.
import type { ReactNode } from 'react';
import type { KeyStatus } from '../api/generated/graphql.ts';
import { classes } from './classes.ts';
import { BanIcon, CheckIcon, ClockIcon, PauseIcon, TrashIcon } from './icons.tsx';
import styles from './status.module.css';

const MARKS: Readonly<Record<KeyStatus, ReactNode>> = {
  ACTIVE: <CheckIcon />,
  DISABLED: <PauseIcon />,
  EXPIRED: <ClockIcon />,
  REVOKED: <BanIcon />,
  DELETED: <TrashIcon />,
};

export interface StatusProps {
  readonly status: KeyStatus;
  /** What the keyspace calls it. */
  readonly label: string;
}

export function Status({ status, label }: StatusProps) {
  return (
    <span className={classes(styles.status, styles[status])}>
      {MARKS[status]}
      {label}
    </span>
  );
}
