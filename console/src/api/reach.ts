// Whether the server can be reached: every request tells, and while it cannot be, it is asked again and again, so that the
// page knows by itself when it is back.

export interface Reach {
  /** Whether the server is away. */
  readonly away: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  /** The same as it was given, watched. */
  readonly fetch: typeof fetch;
  /** Asks at once. Resolves when it has answered or failed. */
  readonly look: () => Promise<void>;
}

export interface ReachOptions {
  readonly fetch: typeof fetch;
  /** Rejects, or answers with a status of {@link GATEWAY}, where the server is away. */
  readonly probe: (send: typeof fetch, signal: AbortSignal) => Promise<Response>;
  readonly setTimer?: (work: () => void, ms: number) => unknown;
}

/** What proxies answer for a server that does not. */
const GATEWAY: ReadonlySet<number> = new Set([502, 504]);
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 15_000;
const PATIENCE_MS = 10_000;

export function createReach({ fetch: send, probe, setTimer = setTimeout }: ReachOptions): Reach {
  const listeners = new Set<() => void>();
  let away = false;
  let pause = FIRST_PAUSE_MS;
  let looking: Promise<void> | null = null;

  const enter = (next: boolean): void => {
    if (next === away) return;
    away = next;
    if (away) later();
    else pause = FIRST_PAUSE_MS;
    for (const listener of [...listeners]) listener();
  };
  const told = (response: Response): Response => {
    enter(GATEWAY.has(response.status));
    return response;
  };
  const later = (): void => {
    setTimer(() => {
      if (!away) return;
      void look().then(() => {
        if (away) later();
      });
    }, pause);
    pause = Math.min(MAX_PAUSE_MS, pause * 2);
  };
  const look = (): Promise<void> => {
    looking ??= probe(send, AbortSignal.timeout(PATIENCE_MS))
      .then(
        (response) => void told(response),
        () => enter(true),
      )
      .finally(() => (looking = null));
    return looking;
  };

  return {
    away: () => away,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    fetch: async (input, init) => {
      try {
        return told(await send(input, init));
      } catch (error) {
        // What the page gave up itself tells nothing.
        if (init?.signal?.aborted !== true) enter(true);
        throw error;
      }
    },
    look,
  };
}

/** The smallest question to the API; any answer will do. */
export const probeApi: ReachOptions['probe'] = (send, signal) =>
  send('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-Keyfold-CSRF': '1' },
    body: '{"query":"{__typename}"}',
    signal,
  });
