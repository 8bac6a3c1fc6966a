// Keeps a consumer's session alive while it waits for something slower than the session's time-out.

export interface KeepAliveOptions {
  readonly everyMs: number;
  /** How long to go on waiting once the session is lost: what is waited for may still be done in time. */
  readonly graceMs: number;
}

/** Waits for `promise`, calling `heartbeat` meanwhile. Once a heartbeat failed its error is thrown, after the wait. */
export async function keepAlive(
  promise: Promise<void>,
  heartbeat: () => Promise<void>,
  { everyMs, graceMs }: KeepAliveOptions,
): Promise<void> {
  let lost: { readonly error: unknown } | undefined;
  let graceTimer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => undefined;
  const grace = new Promise<void>((resolve) => (giveUp = resolve));
  const timer = setInterval(() => {
    if (lost) return;
    heartbeat().catch((error: unknown) => {
      lost ??= { error };
      graceTimer ??= setTimeout(giveUp, graceMs);
    });
  }, everyMs);
  try {
    await Promise.race([promise, grace]);
  } finally {
    clearInterval(timer);
    clearTimeout(graceTimer);
  }
  if (lost) throw lost.error;
}
