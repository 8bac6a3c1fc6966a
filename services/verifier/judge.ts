// The judge: one check from its question to its verdict, whoever asks. First what the view says, then what the key's rate
// limit leaves; what was decided is handed to whoever records it. Has answered at once wherever nothing is waited for.
import type { Checked, Checker } from './checker.ts';
import type { KeyRecord } from './found-key.ts';
import { INVALID_KEYS, type InvalidKeys } from './invalid-keys.ts';
import type { VerifyRequest } from './request.ts';
import { tellsOfKey, type ToldVerdict, type Verdict } from './verify.ts';

/** What a key's rate limit has left after a check; what an address has left that sends invalid keys. */
export interface Allowance {
  /** Tokens in any window of that length. */
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Epoch milliseconds: from when on more is left; for a refusal, when the same check passes at the earliest. */
  readonly resetAt: number;
  /** Granted from this verifier's own share while the store is away. */
  readonly degraded: boolean;
}

export interface Taken extends Allowance {
  readonly ok: boolean;
}

export interface Limiter {
  /**
   * Takes tokens for a check that is valid otherwise. At once where it knows enough. Never rejects.
   *
   * @param now effective now (L11), epoch milliseconds.
   */
  take(record: KeyRecord, cost: number, now: number): Taken | Promise<Taken>;
}

/** A verdict with what goes into its answer. */
export interface Judged {
  readonly verdict: Verdict;
  /** See {@link Freshness.asOf}. */
  readonly asOf: string;
  /** Effective now (L11) of the verdict, epoch milliseconds. */
  readonly now: number;
  /** `null`: there is no limit, or the verdict was known without it. */
  readonly allowance: Allowance | null;
}

export interface Recorder {
  /** Told of every verdict once, in the tick of its answer. Must be quick, and must not throw. */
  record(asked: VerifyRequest, judged: Judged, requestId: string): void;
}

export interface JudgeOptions {
  readonly checker: Pick<Checker, 'check' | 'prepare' | 'ready' | 'holdBack'>;
  readonly limiter: Limiter | null;
  /** Of each address that checks are made for. */
  readonly invalidKeys: InvalidKeys | null;
  readonly recorder: Recorder | null;
}

export interface Judge {
  /**
   * Has a key that is not held be read; `null`: there is nothing to wait for. What guesses at keys is looked for last, so
   * that nobody's key waits for it.
   */
  prepare(asked: VerifyRequest): Promise<boolean> | null;
  /** `null`: nothing can be proven now (STALE). L4: answer before the next await. */
  judge(asked: VerifyRequest, requestId: string): Judged | null | Promise<Judged | null>;
  /** The same for many, all of one tick, in their order. */
  judgeAll(all: readonly Asked[]): readonly (Judged | null)[] | Promise<readonly (Judged | null)[]>;
}

/** A check and the id of its request. */
export interface Asked {
  readonly asked: VerifyRequest;
  readonly requestId: string;
}

export function createJudge({ checker, limiter, invalidKeys, recorder }: JudgeOptions): Judge {
  function decide(asked: VerifyRequest, checked: Checked, taken: Taken | null, requestId: string): Judged | null {
    if (checked === null) return null;
    const { asOf, now } = checked;
    let { verdict } = checked;
    if (taken !== null && !taken.ok && verdict.code === 'VALID') verdict = { ...verdict, code: 'RATE_LIMITED' };
    let allowance: Allowance | null = isDecidedByLimit(verdict) ? taken : null;
    if (invalidKeys !== null && asked.key !== '' && !tellsOfKey(verdict)) {
      const wait = invalidKeys.count(asked.ip);
      if (wait !== null) {
        const { record, secret } = verdict.code === 'NOT_FOUND' ? verdict : NOBODY;
        verdict = { code: 'RATE_LIMITED', record, secret, untold: true };
        allowance = { ...INVALID_KEYS, remaining: 0, resetAt: now + wait, degraded: false };
      }
    }
    const judged = { verdict, asOf, now, allowance };
    recorder?.record(asked, judged, requestId);
    return judged;
  }

  function prepare({ key, ip }: VerifyRequest): Promise<boolean> | null {
    return checker.prepare(key, invalidKeys?.isOver(ip) ?? false);
  }

  /** Of a key that has a limit and may call otherwise. */
  function take({ cost = 1 }: VerifyRequest, checked: Checked): ReturnType<Limiter['take']> | null {
    if (limiter === null || checked === null || !isLimited(checked.verdict)) return null;
    return limiter.take(checked.verdict.record, cost, checked.now);
  }

  /** Of a key that may not be held: read, as often as others push it out again. In the tick in which it resolves (L4). */
  async function checkHeld(asked: VerifyRequest): Promise<Checked> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      await prepare(asked);
      const checked = checker.check(asked);
      if (checked !== null || !checker.ready()) return checked;
    }
    return null;
  }

  async function judgeLater({ asked, requestId }: Asked): Promise<Judged | null> {
    const checked = await checkHeld(asked);
    const taken = take(asked, checked);
    if (!(taken instanceof Promise)) return decide(asked, checked, taken, requestId);
    const late = await taken;
    // L4: what was waited for may have changed everything.
    return decide(asked, await checkHeld(asked), late, requestId);
  }

  /**
   * All that are held are of one tick. What others of the same list push out is judged one by one, and until the last is
   * nothing is reported that was folded meanwhile: no receipt may be whole while an answer is on its way (L4, L5).
   */
  async function judgeAllLater(all: readonly Asked[]): Promise<readonly (Judged | null)[]> {
    await Promise.all(all.map(async ({ asked }) => prepare(asked)));
    let checks = all.map(({ asked }) => checker.check(asked));
    const takes = all.map(({ asked }, index) => take(asked, checks[index] ?? null));
    const taken = areThere(takes) ? takes : await Promise.all(takes.map((each) => Promise.resolve(each)));
    if (!areThere(takes)) checks = all.map(({ asked }) => checker.check(asked)); // L4
    const judged = all.map(({ asked, requestId }, i) => decide(asked, checks[i] ?? null, taken[i] ?? null, requestId));
    if (!judged.includes(null) || !checker.ready()) return judged;
    const settled = checker.holdBack();
    let isHeld: boolean;
    try {
      for (const [index, one] of all.entries()) if (judged[index] === null) judged[index] = await judgeLater(one);
    } finally {
      isHeld = settled();
    }
    return isHeld ? judged : all.map(() => null);
  }

  return {
    prepare,
    judge: (asked, requestId) => {
      if (prepare(asked) !== null) return judgeLater({ asked, requestId });
      const checked = checker.check(asked);
      const taken = take(asked, checked);
      if (!(taken instanceof Promise)) return decide(asked, checked, taken, requestId);
      return taken.then(async (late) => decide(asked, await checkHeld(asked), late, requestId)); // L4
    },
    judgeAll: (all) => {
      if (all.some(({ asked }) => prepare(asked) !== null)) return judgeAllLater(all);
      const checks = all.map(({ asked }) => checker.check(asked));
      if (checks.some((checked) => isToBeLimited(checked))) return judgeAllLater(all);
      return all.map(({ asked, requestId }, i) => decide(asked, checks[i] ?? null, null, requestId));
    },
  };
}

/** How often a key is read for one check. */
const MAX_TURNS = 3;

const isToBeLimited = (checked: Checked): boolean => checked !== null && isLimited(checked.verdict);

const NOBODY = { record: null, secret: null };

const areThere = (taken: readonly (Taken | null | Promise<Taken>)[]): taken is readonly (Taken | null)[] =>
  !taken.some((each) => each instanceof Promise);

const isLimited = (verdict: Verdict): verdict is ToldVerdict =>
  verdict.code === 'VALID' && verdict.record.policy.content.rateLimit !== null;

const isDecidedByLimit = ({ code }: Verdict): boolean => code === 'VALID' || code === 'RATE_LIMITED';
