// Many things that happen at once become one question: they are gathered until nothing has come for a moment, or for as
// long as one may wait, and while a question is under way the next ones wait for its end.

export interface GatheringOptions {
  /** Asks for all that was gathered. What it throws is its own to tell: the next question is asked all the same. */
  readonly take: (ids: ReadonlySet<string>) => Promise<void>;
  readonly quietMs?: number;
  readonly longestMs?: number;
  readonly now?: () => number;
}

export interface Gathering {
  readonly add: (id: string) => void;
  readonly stop: () => void;
}

const QUIET_MS = 150;
const LONGEST_MS = 1000;

export function createGathering(options: GatheringOptions): Gathering {
  const { take, quietMs = QUIET_MS, longestMs = LONGEST_MS, now = Date.now } = options;
  let gathered = new Set<string>();
  let first = 0;
  let asking = false;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const plan = (): void => {
    clearTimeout(timer);
    if (asking || stopped || gathered.size === 0) return;
    timer = setTimeout(() => void ask(), Math.max(0, Math.min(quietMs, first + longestMs - now())));
  };
  const ask = async (): Promise<void> => {
    const ids = gathered;
    gathered = new Set();
    asking = true;
    await take(ids).catch(() => undefined);
    asking = false;
    first = now();
    plan();
  };

  return {
    add(id) {
      if (gathered.size === 0) first = now();
      gathered.add(id);
      plan();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
