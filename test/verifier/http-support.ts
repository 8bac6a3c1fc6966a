// A verifier on fakes, behind a real port, for the tests of its HTTP; stopped after each test.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect } from 'vitest';
import { encodePosition, positionAfter, type RecordPosition } from '../../events/position.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { systemClock } from '../../services/verifier/freshness.ts';
import { createVerifier, type Verifier, type VerifierOptions } from '../../services/verifier/verifier.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createWriter, PEPPER, project, silent, type Created } from './support.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

const running: Verifier[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((verifier) => verifier.stop(1000)));
});

/** A verifier on a log with the default keyspace and one key, started and, unless told otherwise, ready. */
export async function start(
  data: Partial<Created> = {},
  options: Partial<VerifierOptions> = {},
  { down = false } = {},
) {
  const log = createMemoryLog({ partitions: 3 });
  const store = createMemoryStore();
  // In the present: these tests run on the machine's clock.
  const writer = createWriter({ now: Date.now() - 86_400_000 });
  const keyId = writer.keyId('a');
  await log.append([writer.keyspace(), writer.create('a', data, { name: 'Ünïque name' })]);
  await project(log, store);
  log.setDown(down);
  store.setDown(down);
  const clock = { wall: 0, monotonic: 0 };
  const metrics = createMetrics({ defaults: false });
  const verifier = createVerifier({
    ...{ log, store, peppers: [PEPPER], maxStalenessMs: 60_000, logger: silent, metrics },
    ...{ host: '127.0.0.1', port: 0, token: null, trustedProxies: [], atLeastMs: 300 },
    clock: {
      wall: () => systemClock.wall() + clock.wall,
      monotonic: () => systemClock.monotonic() + clock.monotonic,
    },
    ...options,
  });
  running.push(verifier);
  const { port, url } = await verifier.start();
  if (!down) expect(await verifier.whenReady(AbortSignal.timeout(5000))).toBe(true);

  const send = (init: {
    method?: string;
    path?: string;
    headers?: Record<string, string | string[]>;
    body?: string | Buffer;
  }) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = httpRequest(
        {
          port,
          host: '127.0.0.1',
          method: init.method ?? 'POST',
          path: init.path ?? '/v1/verify',
          headers: init.headers,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const isJson = text !== '' && response.headers['content-type']?.startsWith('application/json') === true;
            const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body });
          });
        },
      );
      sent.on('error', reject);
      sent.end(init.body);
    });
  const verify = (body: object, headers: Record<string, string> = {}) =>
    send({ headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const key = () => writer.secretOf(keyId);
  return { log, store, writer, keyId, verifier, clock, metrics, port, url, send, verify, key };
}

export const tokenAfter = (position: RecordPosition): string => encodePosition(positionAfter(position));

/** Sends bytes as they are and answers what comes back. */
export function speak(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
