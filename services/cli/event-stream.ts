// An event stream as it comes (server-sent events): bytes in, messages out. A message is told once it is whole; what is cut
// off in the midst of one is dropped, since it will be sent again.

export interface StreamMessage {
  readonly event: string;
  /** The last id so far: where to go on from. */
  readonly id: string | null;
  /** Empty where there was none, as in a heartbeat. */
  readonly data: string;
}

/** The messages of a stream, heartbeats included: whoever reads sees that it lives. */
export async function* readMessages(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamMessage, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | null = null;
  let event = 'message';
  let data: string[] = [];
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + decoder.decode(read.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          yield { event, id, data: data.join('\n') };
          event = 'message';
          data = [];
          continue;
        }
        const at = line.indexOf(':');
        const [field, value] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')];
        if (field === 'id') id = value;
        else if (field === 'event') event = value;
        else if (field === 'data') data.push(value);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it may have failed already
  }
}
