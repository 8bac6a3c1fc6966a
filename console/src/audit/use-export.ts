// The history of a workspace as a bundle. The server refuses in words, or cuts a connection that it cannot end well: a file
// is given only once all of it came.
import { useEffect, useRef, useState } from 'react';
import { download } from '../components/download.ts';
import { useSession } from '../session/session-context.ts';

export type ExportState =
  | { readonly kind: 'idle' | 'done' | 'cut' }
  | { readonly kind: 'running'; readonly bytes: number }
  /** `message`: the server's. */
  | { readonly kind: 'refused'; readonly message: string };

export interface Export {
  readonly state: ExportState;
  readonly start: () => void;
  readonly stop: () => void;
}

interface Refusal {
  readonly errors?: readonly { readonly message: string }[];
  readonly message?: string;
}

export function useExport(workspace: string, onDone: () => void): Export {
  const session = useSession();
  const [state, setState] = useState<ExportState>({ kind: 'idle' });
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);

  const run = async (): Promise<void> => {
    const controller = new AbortController();
    const { signal } = controller;
    running.current = controller;
    setState({ kind: 'running', bytes: 0 });
    try {
      const response = await session.fetch(`/v1/events/export?workspace=${encodeURIComponent(workspace)}`, {
        credentials: 'same-origin',
        headers: { 'X-Keyfold-CSRF': '1' },
        signal,
      });
      if (!response.ok) {
        const { errors, message } = (await response.json()) as Refusal;
        setState({ kind: 'refused', message: errors?.[0]?.message ?? message ?? response.statusText });
        return;
      }
      const parts: BlobPart[] = [];
      let bytes = 0;
      for await (const part of response.body ?? []) {
        parts.push(part);
        bytes += part.byteLength;
        setState({ kind: 'running', bytes });
      }
      const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      download(name ?? `${workspace}.ndjson`, new Blob(parts, { type: 'application/x-ndjson' }));
      setState({ kind: 'done' });
      onDone();
    } catch {
      if (!signal.aborted) setState({ kind: 'cut' });
    }
  };
  return {
    state,
    start: () => void run(),
    stop: () => {
      running.current?.abort();
      setState({ kind: 'idle' });
    },
  };
}
