// The profile as a form: a part for each member of it that has members of its own, and one for all others.
import { Button } from '../components/button.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import styles from './keyspace-page.module.css';
import { Fold, Members } from './profile-members.tsx';
import type { EditedProfile } from './use-edited-profile.ts';

const words = keyspaceTexts.form;
const PARTS: ReadonlySet<string> = new Set(['GROUP', 'ROWS']);

export interface ProfileFormProps {
  readonly edited: EditedProfile;
  readonly onSource: () => void;
}

export function ProfileForm({ edited, onSource }: ProfileFormProps) {
  const { profile, members, problems, unreadable, failure } = edited;
  if (unreadable)
    return (
      <div role="alert" className={styles.problem}>
        <p>{words.unreadable}</p>
        <ul>
          {problems.map(({ message }) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
        <Button onClick={onSource}>{words.toYaml}</Button>
      </div>
    );
  if (profile === null) return failure === null ? <LoadingPage /> : null;
  const top = members.filter(({ path }) => path.length === 1);
  const of = { edited, path: [], value: profile };
  return (
    <div className={styles.members}>
      <p>{words.help}</p>
      <Fold label={words.general} wrong={0} open>
        <Members {...of} members={top.filter(({ kind }) => !PARTS.has(kind))} problems={problems} />
      </Fold>
      <Members {...of} members={top.filter(({ kind }) => PARTS.has(kind))} problems={problems} />
    </div>
  );
}
