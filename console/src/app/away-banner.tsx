// Over every page while the server cannot be reached. It goes by itself; what is on the page stays as it is.
import { useEffect, useState } from 'react';
import { useAway, useReach } from '../api/reach-context.ts';
import { Button } from '../components/button.tsx';
import { WarningIcon } from '../components/icons.tsx';
import { texts } from '../texts/texts.ts';
import styles from './away-banner.module.css';

const words = texts.away;

export function AwayBanner() {
  const reach = useReach();
  const away = useAway();
  const [looking, setLooking] = useState(false);
  useEffect(() => {
    // What the browser says of the network is a hint to look, not an answer.
    const look = (): void => void reach.look();
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, [reach]);
  const again = async (): Promise<void> => {
    setLooking(true);
    await reach.look();
    setLooking(false);
  };
  return (
    <div role="status" className={styles.place}>
      {away && (
        <div className={styles.banner}>
          <WarningIcon />
          <span className={styles.text}>{words.text}</span>
          <Button busy={looking} onClick={() => void again()}>
            {words.again}
          </Button>
        </div>
      )}
    </div>
  );
}
