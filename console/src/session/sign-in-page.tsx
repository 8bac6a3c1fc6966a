// The page of somebody who is not signed in, at whatever address: afterwards that page is shown.
import { useEffect } from 'react';
import { texts } from '../texts/texts.ts';
import { SignInForm } from './sign-in-form.tsx';
import styles from './sign-in.module.css';

const words = texts.session;

export function SignInPage({ problem }: { readonly problem: string | null }) {
  useEffect(() => {
    document.title = texts.pageTitle(words.title);
  }, []);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <p className={styles.product}>{texts.product}</p>
        <h1>{words.title}</h1>
        <p className={styles.subtitle}>{words.subtitle}</p>
        <SignInForm key={problem} problem={problem} />
      </div>
    </main>
  );
}
