// A stream of events as the page reads it: it ends, whatever becomes of the network, and tells so.
import { expect, test } from 'vitest';
import { watchedStream } from '../../console/src/api/event-stream.ts';

/** A stream that has sent something, and what the network does to it. */
async function opened() {
  let network!: ReadableStreamDefaultController<Uint8Array>;
  const told: string[] = [];
  const given = new AbortController();
  const send: typeof fetch = (_, init) => {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (network = controller) });
    init?.signal?.addEventListener('abort', () => network.error(new DOMException('given up', 'AbortError')));
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  };
  const watched = watchedStream(send, { onOpen: () => told.push('open'), onEnd: () => told.push('end') });
  const response = await watched('/graphql', { signal: given.signal });
  const reader = response.body!.getReader();
  network.enqueue(new TextEncoder().encode('event'));
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('event');
  return { network, told, given, reader };
}

test('what comes is handed on, and its end is told', async () => {
  const { network, told, reader } = await opened();
  network.close();
  expect(await reader.read()).toEqual({ done: true, value: undefined });
  expect(told).toEqual(['open', 'end']);
});

test('a stream that breaks ends for its reader, who would throw what nobody catches', async () => {
  const { network, told, reader } = await opened();
  network.error(new TypeError('network error'));
  expect(await reader.read()).toEqual({ done: true, value: undefined });
  expect(told).toEqual(['open', 'end']);
});

test('a stream that is given up ends for its reader', async () => {
  const { given, reader } = await opened();
  const next = reader.read();
  given.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
