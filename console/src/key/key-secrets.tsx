// The two secrets of a key while both work: when the old one stops, whether the new one has arrived, and who still uses
// the old one.
import type { KeyAction } from '../api/generated/graphql.ts';
import { Button } from '../components/button.tsx';
import { DateText, RelativeTime } from '../components/time.tsx';
import { operationOf, type KeyspaceView } from '../keys/keyspace-words.ts';
import { formatExact } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { Callers } from './callers.tsx';
import type { ShownKey } from './key-page.tsx';
import styles from './key-page.module.css';

const words = keyTexts.secrets;

export interface KeySecretsProps {
  readonly shown: ShownKey;
  readonly view: KeyspaceView;
  readonly onAct: (action: KeyAction) => void;
}

export function KeySecrets({ shown, view, onAct }: KeySecretsProps) {
  const old = shown.previousSecret ?? null;
  const retire = operationOf(view, 'RETIRE_PREVIOUS_SECRET');
  const sees = shown.actions.includes('SEE_USAGE');
  return (
    <section className={styles.section} aria-label={keyTexts.tabs.secrets}>
      {old === null && <p>{words.one}</p>}
      <dl className={styles.facts}>
        {old && (
          <div>
            <dt>{words.stops}</dt>
            <dd>
              <RelativeTime time={old.retiresAt} /> <span className={styles.muted}>{formatExact(old.retiresAt)}</span>
            </dd>
          </div>
        )}
        {shown.lastRotatedAt != null && (
          <div>
            <dt>{keyTexts.facts.rotated}</dt>
            <dd>
              <DateText time={shown.lastRotatedAt} />
            </dd>
          </div>
        )}
        {sees && (
          <div>
            <dt>{words.firstUsed}</dt>
            <dd>
              {shown.secretFirstUsedAt == null ? (
                words.notYet
              ) : (
                <>
                  {words.first} <RelativeTime time={shown.secretFirstUsedAt} />
                </>
              )}
            </dd>
          </div>
        )}
        {sees && old && (
          <div>
            <dt>{words.old}</dt>
            <dd>
              {old.lastUsedAt == null ? (
                words.unused
              ) : (
                <>
                  {words.calls(old.requestCount)} <RelativeTime time={old.lastUsedAt} />
                </>
              )}
            </dd>
          </div>
        )}
      </dl>
      {sees && old && old.requestCount > 0 && shown.lastRotatedAt != null && (
        <Callers id={shown.id} secret="PREVIOUS" since={shown.lastRotatedAt} heading={words.from} />
      )}
      {old && retire && shown.actions.includes('RETIRE_PREVIOUS_SECRET') && (
        <div>
          <Button title={retire.description ?? undefined} onClick={() => onAct('RETIRE_PREVIOUS_SECRET')}>
            {retire.label}
          </Button>
        </div>
      )}
    </section>
  );
}
