// The console's entry.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createReach, probeApi } from './api/reach.ts';
import { App } from './app/app.tsx';
import { takeLink } from './session/link.ts';
import { createSession } from './session/session.ts';
import './theme/theme.css';

const link = takeLink();
const reach = createReach({ fetch: (input, init) => fetch(input, init), probe: probeApi });
const session = createSession({
  fetch: reach.fetch,
  channel: new BroadcastChannel('keyfold-session'),
  reload: () => window.location.reload(),
});
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App session={session} reach={reach} link={link} />
    </StrictMode>,
  );
