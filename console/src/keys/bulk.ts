// One thing that is done to many keys: a few at a time, each under a command id of its own until it is known what came of
// it. It can be stopped, and goes on with what was not done; where the server is away it stops by itself.

export type Result<Done> =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'done'; readonly done: Done }
  /** Somebody else was faster. */
  | { readonly kind: 'already' }
  | { readonly kind: 'refused'; readonly why: string }
  /** It may have been done: only asking again, under the same command id, tells. */
  | { readonly kind: 'unknown'; readonly why: string; readonly away: boolean };

export interface Item<Key, Done> {
  readonly key: Key;
  readonly result: Result<Done>;
}

export interface BulkState<Key, Done> {
  readonly items: readonly Item<Key, Done>[];
  /** `stopping`: nothing more is begun. */
  readonly phase: 'running' | 'stopping' | 'stopped';
}

export type Answer<Done> = Exclude<Result<Done>, { readonly kind: 'waiting' | 'sending' }>;

export interface BulkOptions<Key, Done> {
  readonly keys: readonly Key[];
  readonly send: (key: Key, commandId: string) => Promise<Answer<Done>>;
  readonly newId: () => string;
  readonly atOnce?: number;
}

export interface Bulk<Key, Done> {
  readonly state: () => BulkState<Key, Done>;
  readonly subscribe: (listener: () => void) => () => void;
  /** Begins, or goes on: with those that were not begun, and once more with those that were not done. */
  readonly run: () => void;
  readonly stop: () => void;
  /** More is known of one that was done. */
  readonly learn: (key: Key, done: Done) => void;
}

const AT_ONCE = 4;

export function createBulk<Key, Done>(options: BulkOptions<Key, Done>): Bulk<Key, Done> {
  const { keys, send, newId, atOnce = AT_ONCE } = options;
  const listeners = new Set<() => void>();
  const ids = new Map<Key, string>();
  let state: BulkState<Key, Done> = {
    items: keys.map((key) => ({ key, result: { kind: 'waiting' } })),
    phase: 'stopped',
  };
  let busy = 0;

  const enter = (next: Partial<BulkState<Key, Done>>): void => {
    state = { ...state, ...next };
    for (const listener of [...listeners]) listener();
  };
  const set = (at: number, key: Key, result: Result<Done>): void =>
    enter({ items: state.items.with(at, { key, result }) });

  const attempt = async (at: number, key: Key): Promise<void> => {
    const commandId = ids.get(key) ?? newId();
    ids.set(key, commandId);
    set(at, key, { kind: 'sending' });
    const answer = await send(key, commandId);
    // What was refused is decided: asked again it is another command.
    if (answer.kind === 'refused') ids.delete(key);
    set(at, key, answer);
    if (answer.kind === 'unknown' && answer.away) enter({ phase: 'stopping' });
  };
  const work = async (): Promise<void> => {
    busy += 1;
    while (state.phase === 'running') {
      const at = state.items.findIndex(({ result }) => result.kind === 'waiting');
      const item = state.items[at];
      if (!item) break;
      await attempt(at, item.key);
    }
    busy -= 1;
    if (busy === 0) enter({ phase: 'stopped' });
  };

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    run() {
      if (state.phase === 'running') return;
      const again = ({ kind }: Result<Done>): boolean => kind === 'refused' || kind === 'unknown';
      enter({
        phase: 'running',
        items: state.items.map((item) => (again(item.result) ? { ...item, result: { kind: 'waiting' } } : item)),
      });
      for (let begun = busy; begun < atOnce; begun += 1) void work();
    },
    stop() {
      if (state.phase === 'running') enter({ phase: 'stopping' });
    },
    learn(key, done) {
      const at = state.items.findIndex((item) => item.key === key);
      if (state.items[at]?.result.kind === 'done') set(at, key, { kind: 'done', done });
    },
  };
}

/** How many there are of each. */
export function countsOf<Key, Done>(items: readonly Item<Key, Done>[]): Readonly<Record<Result<Done>['kind'], number>> {
  const counts = { waiting: 0, sending: 0, done: 0, already: 0, refused: 0, unknown: 0 };
  for (const { result } of items) counts[result.kind] += 1;
  return counts;
}
