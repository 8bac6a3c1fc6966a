// Which keys do what.
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { texts } from '../texts/texts.ts';
import styles from './shortcuts.module.css';

const words = texts.shortcuts;

export default function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={words.title} buttons={<Button onClick={onClose}>{texts.close}</Button>}>
      <dl className={styles.keys}>
        {words.keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
