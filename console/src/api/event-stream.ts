// A stream of server-sent events as a `fetch` that tells how it does: when it is open, and when nothing comes any more, not
// even the server's heartbeat.

export interface StreamWatch {
  /** It is open, though nothing may happen for long. */
  readonly onOpen: () => void;
  /** It has ended, or has fallen silent. */
  readonly onEnd: () => void;
}

/** More than two heartbeats of the server. */
export const SILENCE_MS = 30_000;

export function watchedStream(send: typeof fetch, { onOpen, onEnd }: StreamWatch): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
    const type = response.headers.get('content-type') ?? '';
    if (response.body === null || !type.startsWith('text/event-stream')) return response;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const beat = (): void => {
      clearTimeout(timer);
      timer = setTimeout(onEnd, SILENCE_MS);
    };
    beat();
    onOpen();
    init?.signal?.addEventListener('abort', () => clearTimeout(timer));
    const reader = response.body.getReader();
    const watched = new ReadableStream<Uint8Array>({
      async pull(controller) {
        // A body that breaks, or is given up, ends: its reader would throw what nobody catches.
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
        if (done) {
          clearTimeout(timer);
          controller.close();
          onEnd();
        } else {
          beat();
          controller.enqueue(value);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
    return new Response(watched, response);
  };
}
