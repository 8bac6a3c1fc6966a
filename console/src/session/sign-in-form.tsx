// Signing in: at the identity provider, or with the code of a one-time link. Which of them there are the server says.
import { useRef, useState, type SubmitEvent } from 'react';
import { Button } from '../components/button.tsx';
import buttonStyles from '../components/button.module.css';
import { classes } from '../components/classes.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { TextField } from '../components/field.tsx';
import { texts } from '../texts/texts.ts';
import { useSession } from './session-context.ts';
import styles from './sign-in.module.css';

/** Where signing in at the identity provider begins, and the page that it leads back to. */
const providerPath = (returnTo: string): string => `/session/start?returnTo=${encodeURIComponent(returnTo)}`;

export interface SignInFormProps {
  /** Why the link that opened the page was of no use. */
  readonly problem?: string | null;
  /** In a window of its own, so that this page stays as it is. */
  readonly aside?: boolean;
}

const words = texts.session;

/** The code in what was pasted: the code itself, or the whole link. */
const codeIn = (text: string): string => {
  const trimmed = text.trim();
  return /[#&]code=([^&\s]+)/.exec(trimmed)?.[1] ?? trimmed;
};

export function SignInForm({ problem: initial = null, aside = false }: SignInFormProps) {
  const session = useSession();
  const methods = session.methods();
  const byCode = methods.includes('code') || methods.length === 0;
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const byProvider = methods.includes('oidc');
  // Why the page was opened is said of the code only where there is no other way.
  const above = byProvider || !byCode;
  const [problem, setProblem] = useState(above ? null : initial);
  const command = useRef<HTMLElement>(null);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const refused = await session.signIn(codeIn(code));
    setBusy(false);
    if (refused !== null) setProblem(refused === '' ? words.failed : refused);
  };

  return (
    <div className={styles.ways}>
      {initial !== null && above && (
        <p role="alert" className={styles.problem}>
          {initial}
        </p>
      )}
      {byProvider && (
        <a
          href={providerPath(window.location.pathname + window.location.search)}
          className={classes(buttonStyles.button, buttonStyles.primary)}
          {...(aside ? { target: '_blank', rel: 'noreferrer' } : {})}
        >
          {words.provider}
        </a>
      )}
      {byCode && (
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          <TextField
            label={words.code}
            description={words.codeHelp}
            value={code}
            onChange={setCode}
            error={problem}
            mono
            control={{ autoComplete: 'one-time-code', spellCheck: false, autoCapitalize: 'none' }}
          />
          <div className={styles.command}>
            <span>{words.newLink}</span> <code ref={command}>{words.newLinkCommand}</code>
            <CopyButton text={() => words.newLinkCommand} source={command} kind="quiet" name={words.copyCommand} />
          </div>
          <Button type="submit" kind={byProvider ? 'plain' : 'primary'} busy={busy} disabled={code.trim() === ''}>
            {words.submit}
          </Button>
        </form>
      )}
    </div>
  );
}
