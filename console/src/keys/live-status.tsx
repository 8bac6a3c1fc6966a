// Beside the list: keys that others made meanwhile, which come when they are asked for, and whether what others do is seen.
import { Button } from '../components/button.tsx';
import { texts } from '../texts/texts.ts';
import styles from './keys.module.css';
import type { LiveKeys } from './use-live-keys.ts';

const words = texts.keys;

export interface LiveStatusProps extends Pick<LiveKeys, 'down' | 'fresh' | 'more'> {
  readonly onTake: () => void;
}

export function LiveStatus({ down, fresh, more, onTake }: LiveStatusProps) {
  return (
    <span role="status" className={styles.live}>
      {fresh > 0 && (
        <Button title={words.freshHelp} onClick={onTake}>
          {words.fresh(fresh, more)}
        </Button>
      )}
      {down && <span className={styles.down}>{words.down}</span>}
    </span>
  );
}
