// The person's session, which is a cookie that no script can read, and that all windows share. Here is what the page knows
// of it: whether requests are answered, and as whom. A page is one person's: its requests say whose, one that is refused
// because the session is over waits until that person is back, and is never sent for anybody else.

export type SessionState =
  /** Nobody has looked yet. */
  | 'unknown'
  | 'in'
  /** The page was loaded without one, or was left by signing out. */
  | 'out'
  /** It ended while the page was in use. */
  | 'over'
  /** Somebody else has signed in since, here or in another window. */
  | 'other';

/** `null`: the person is in. Else why not, in words; an empty text where nothing could be asked. */
export type SignInProblem = string | null;

export interface Session {
  readonly state: () => SessionState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Who is signed in, as far as the page knows. */
  readonly person: () => string | null;
  /** How one may sign in: `code`, `oidc`. Known once somebody has looked. */
  readonly methods: () => readonly string[];
  /** For requests of the API. */
  readonly fetch: typeof fetch;
  /** Whether somebody is signed in. Rejects where the server does not answer. */
  readonly look: () => Promise<void>;
  /**
   * @param code of a one-time link.
   * @param mayReplace asked whether it may end the session of somebody else, who is named. Absent: it may.
   */
  readonly signIn: (code: string, mayReplace?: (person: string) => Promise<boolean>) => Promise<SignInProblem>;
  readonly signOut: () => Promise<void>;
}

export interface SessionOptions {
  readonly fetch: typeof fetch;
  /** Between the windows of a browser: told when somebody signs in or out in one. */
  readonly channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
  /** Loads the page anew. */
  readonly reload: () => void;
}

interface Answer {
  readonly subject?: string | null;
  readonly methods?: readonly string[];
  readonly message?: string;
  readonly errors?: readonly { readonly message: string }[];
}

const PATH = '/session';
const UNAUTHENTICATED = 401;
const CONFLICT = 409;

export function createSession({ fetch: send, channel, reload }: SessionOptions): Session {
  const listeners = new Set<() => void>();
  let state: SessionState = 'unknown';
  let methods: readonly string[] = [];
  /** Whose the page is; never anybody else's. */
  let owner: string | null = null;
  let person: string | null = null;
  const enter = (next: SessionState): void => {
    if (next === state) return;
    state = next;
    for (const listener of [...listeners]) listener();
  };
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const ask = (method: string, body?: unknown): Promise<Response> =>
    send(PATH, {
      method,
      credentials: 'same-origin',
      headers: { 'X-Keyfold-CSRF': '1', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  /** Resolves when the person is back, never where anything else comes of it; rejects when the request is given up. */
  const back = (signal: AbortSignal | null | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      if (state !== 'over') return;
      const settle = (end?: () => void): void => {
        unsubscribe();
        signal?.removeEventListener('abort', aborted);
        end?.();
      };
      const aborted = (): void => settle(() => reject(new DOMException('given up', 'AbortError')));
      const unsubscribe = subscribe(() => settle(state === 'in' ? resolve : undefined));
      signal?.addEventListener('abort', aborted);
    });

  const guarded: typeof fetch = async (input, init) => {
    if (state !== 'in') await back(init?.signal);
    const headers = new Headers(init?.headers);
    headers.set('X-Keyfold-Person', encodeURIComponent(owner ?? ''));
    const response = await send(input, { ...init, headers });
    if (response.status === UNAUTHENTICATED) {
      if (state === 'in') enter('over');
    } else {
      if (response.status === CONFLICT) await look();
      // What was done is told, whatever the session is by now.
      if (response.status !== CONFLICT || state === 'in') return response;
    }
    return guarded(input, init);
  };

  const meet = (subject: string): void => {
    person = subject;
    owner ??= subject;
    if (subject === owner) enter('in');
    // Nothing is left of the page that they would have to be told of.
    else if (state === 'out') reload();
    else enter('other');
  };
  const look = async (): Promise<void> => {
    const { subject = null, ...answer } = await answerOf(await ask('GET'));
    methods = answer.methods ?? [];
    if (subject === null) {
      if (state === 'unknown') enter('out');
      return;
    }
    // Perhaps just back from the identity provider.
    if (state === 'unknown') channel.postMessage('in');
    meet(subject);
  };

  channel.addEventListener('message', ({ data }) => {
    if (state === 'unknown') return;
    if (data === 'out') enter('out');
    else void look().catch(() => undefined);
  });

  return {
    state: () => state,
    subscribe,
    person: () => person,
    methods: () => methods,
    fetch: guarded,
    look,
    async signIn(code, mayReplace) {
      const redeem = (replace: boolean): Promise<Response> => ask('POST', { code, replace });
      try {
        let response = await redeem(mayReplace === undefined);
        if (response.status === CONFLICT && mayReplace) {
          const { subject = null } = await answerOf(await ask('GET'));
          if (subject !== null && !(await mayReplace(subject))) return null;
          response = await redeem(true);
        }
        const { subject = null, message, errors } = await answerOf(response);
        if (subject === null) return message ?? errors?.[0]?.message ?? '';
        channel.postMessage('in');
        meet(subject);
        return null;
      } catch {
        return '';
      }
    },
    async signOut() {
      await ask('DELETE');
      channel.postMessage('out');
      enter('out');
    },
  };
}

const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;
