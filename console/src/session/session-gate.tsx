// Between the page and whoever opened it: the link's code is used at once, unless somebody else is signed in, who is asked;
// without a session stands the page to sign in; where one ends in mid-work a dialog lies over the page, which keeps
// everything that was typed into it, for the same person alone.
import { Suspense, useEffect, useState, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { AlertDialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { later } from '../components/later.tsx';
import { LoadingPage } from '../components/spinner.tsx';
import { texts } from '../texts/texts.ts';
import type { SignInLink } from './link.ts';
import type { Session } from './session.ts';
import { useSession, useSessionState } from './session-context.ts';
import { SignInPage } from './sign-in-page.tsx';

const SessionOver = later(() => import('./session-over.tsx'));

export interface SessionGateProps {
  /** That opened the page. */
  readonly link: SignInLink | null;
  readonly children: ReactNode;
}

export function SessionGate({ link, children }: SessionGateProps) {
  const session = useSession();
  const state = useSessionState();
  const [problem, setProblem] = useState<string | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  SessionOver.usePreloaded();

  useEffect(() => {
    const mayReplace = (person: string): Promise<boolean> =>
      new Promise((resolve) =>
        setQuestion({
          person,
          answer: (may) => {
            setQuestion(null);
            resolve(may);
          },
        }),
      );
    void begin(session, link, mayReplace).then((problem) => {
      if (problem !== null) setProblem(problem);
    });
  }, [session, link]);

  if (question) return <Replace {...question} />;
  if (state === 'unknown' && problem === null) return <LoadingPage label={texts.session.signingIn} />;
  if (state === 'unknown' || state === 'out') return <SignInPage problem={problem} />;
  if (state === 'other') return <SomebodyElse person={session.person() ?? ''} />;
  return (
    <>
      {children}
      <Suspense fallback={null}>{state === 'over' && <SessionOver.Component />}</Suspense>
    </>
  );
}

interface Question {
  /** Who is signed in. */
  readonly person: string;
  readonly answer: (may: boolean) => void;
}

/** Whoever has led them to the link may have meant them to be somebody else unawares. */
function Replace({ person, answer }: Question) {
  return (
    <AlertDialog
      open
      title={texts.session.replaceTitle(person)}
      description={texts.session.replaceText}
      cancel={texts.session.stay(person)}
      onClose={() => answer(false)}
      confirm={texts.session.replace}
      onConfirm={() => answer(true)}
    />
  );
}

/** The page goes, with all that was typed into it and shown on it: it was another person's. */
function SomebodyElse({ person }: { readonly person: string }) {
  return (
    <main>
      <div role="alert">
        <EmptyState title={texts.session.otherTitle(person)} text={texts.session.otherText}>
          <Button kind="primary" onClick={() => window.location.reload()}>
            {texts.session.goOn(person)}
          </Button>
        </EmptyState>
      </div>
    </main>
  );
}

type MayReplace = (person: string) => Promise<boolean>;

/** Of a page that is loaded: once, though its components may be mounted twice. */
let begun: Promise<string | null> | undefined;

function begin(session: Session, link: SignInLink | null, mayReplace: MayReplace): Promise<string | null> {
  begun ??= (async () => {
    const refused = await follow(session, link, mayReplace);
    try {
      await session.look();
    } catch {
      return refused ?? texts.failure.network;
    }
    return refused === '' ? texts.session.failed : refused;
  })();
  return begun;
}

/** Why nobody is signed in by it. */
function follow(session: Session, link: SignInLink | null, mayReplace: MayReplace): Promise<string | null> {
  if (link?.kind === 'code') return session.signIn(link.code, mayReplace);
  const reasons: Readonly<Record<string, string>> = texts.session.provided;
  return Promise.resolve(
    link === null
      ? null
      : ((Object.hasOwn(reasons, link.error) ? reasons[link.error] : undefined) ?? texts.session.failed),
  );
}
