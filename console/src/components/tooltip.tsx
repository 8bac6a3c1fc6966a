// Tooltips: one for the whole page. What it says is also the accessible description of what it belongs to; it shows on
// hover and on focus.
import { Tooltip as BaseTooltip } from '@base-ui/react/tooltip';
import type { ReactNode } from 'react';
import styles from './popup.module.css';

const handle = BaseTooltip.createHandle<ReactNode>();
const DELAY_MS = 300;

/** Once, in the frame. */
export function TooltipHost() {
  return (
    <BaseTooltip.Root handle={handle}>
      {({ payload }) => (
        <BaseTooltip.Portal>
          <BaseTooltip.Positioner className={styles.positioner} sideOffset={6} collisionPadding={8}>
            <BaseTooltip.Popup className={styles.tooltip}>{payload}</BaseTooltip.Popup>
          </BaseTooltip.Positioner>
        </BaseTooltip.Portal>
      )}
    </BaseTooltip.Root>
  );
}

export interface TooltipProps {
  readonly text: string;
  readonly children: ReactNode;
}

/** Text with more to say of it: an exact time, what an abbreviation stands for. */
export function Tooltip({ text, children }: TooltipProps) {
  return (
    <BaseTooltip.Trigger
      handle={handle}
      payload={text}
      className={styles.trigger}
      aria-description={text}
      delay={DELAY_MS}
    >
      {children}
    </BaseTooltip.Trigger>
  );
}
