// The console: the session around everything, what is shared by all pages, and the page that the address names.
import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { ClientsProvider } from '../api/clients-context.tsx';
import { ReachContext } from '../api/reach-context.ts';
import type { Reach } from '../api/reach.ts';
import { SnackbarHost } from '../components/snackbar.tsx';
import { TooltipHost } from '../components/tooltip.tsx';
import { RevealHost } from '../reveal/reveal-host.tsx';
import { SessionContext } from '../session/session-context.ts';
import { SessionGate } from '../session/session-gate.tsx';
import type { SignInLink } from '../session/link.ts';
import type { Session } from '../session/session.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { Frame } from './frame.tsx';

export interface AppProps {
  readonly session: Session;
  readonly reach: Reach;
  /** That opened the page. */
  readonly link: SignInLink | null;
}

export function App({ session, reach, link }: AppProps) {
  return (
    <CSPProvider disableStyleElements>
      <ErrorBoundary>
        <SessionContext value={session}>
          <Tooltip.Provider>
            <SessionGate link={link}>
              <ReachContext value={reach}>
                <ClientsProvider fetch={session.fetch}>
                  <RevealHost>
                    <Frame />
                  </RevealHost>
                </ClientsProvider>
              </ReachContext>
            </SessionGate>
            <TooltipHost />
          </Tooltip.Provider>
          <SnackbarHost />
        </SessionContext>
      </ErrorBoundary>
    </CSPProvider>
  );
}
