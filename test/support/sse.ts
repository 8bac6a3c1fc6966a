// A raw reader of event streams, as small as tests need it: messages as they came.
import { readMessages, type StreamMessage } from '../../services/cli/event-stream.ts';

export interface Subscribe {
  readonly url: string;
  readonly token: string;
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export const KEY_EVENTS = `subscription ($workspaceId: String!, $after: Position, $types: [KeyEventType!]) {
  keyEvents(workspaceId: $workspaceId, after: $after, types: $types) { id subject version type position }
}`;

export interface Next {
  readonly data?: {
    readonly keyEvents: { readonly id: string; readonly subject: string; readonly version: number };
  } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
  readonly extensions?: { readonly position: string };
}

export function subscribe({
  url,
  token,
  query = KEY_EVENTS,
  variables = { workspaceId: 'acme' },
  headers = {},
  signal,
}: Subscribe) {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'x-keyfold-csrf': '1',
      authorization: `Bearer ${token}`,
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
    ...(signal ? { signal } : {}),
  });
}

export function messagesOf(response: Response): AsyncGenerator<StreamMessage, void, undefined> {
  if (response.status !== 200 || !response.body) throw new Error(`status ${response.status}`);
  return readMessages(response.body);
}

/** Every message to the end of the stream. */
export async function wholeOf(response: Response): Promise<readonly StreamMessage[]> {
  const all: StreamMessage[] = [];
  for await (const message of messagesOf(response)) all.push(message);
  return all;
}

export const nextOf = ({ data }: StreamMessage): Next => JSON.parse(data) as Next;
