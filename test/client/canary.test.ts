// A key that goes through the client and the guards is in no URL, header, error, outcome, answer or warning.
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createVerifierClient, type VerifierClientOptions } from '../../services/client/index.ts';
import { createCanaries } from '../support/canaries.ts';
import { start } from '../verifier/http-support.ts';
import { answering, ask, bearer, FRAMEWORKS, impostor, nowhere } from './support.ts';

const KEY = 'kf_Canary7Canary7Canary7Canary7CanX0mLq17';
const TOKEN = 'Token-of-the-verifier-0123456789';

const canaries = createCanaries();
canaries.add('the key', KEY);
canaries.add('the token', TOKEN);
const seen = (value: unknown): string =>
  `${inspect(value, { depth: 20, showHidden: true })} ${JSON.stringify(value)} ${String(value)}`;

/** What sends back whatever it was sent, in every place where that could be taken for something. */
const echo = (status: number, shape: (body: string) => object) =>
  impostor((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const headers = { 'retry-after': KEY, 'x-echo': text.slice(0, 500) };
      response.writeHead(status, headers).end(JSON.stringify(shape(text)));
    });
  });

it('nothing that can go wrong tells the key, nor the token', async () => {
  const stale = await start({}, { token: TOKEN }, { down: true });
  const real = await start({}, { token: TOKEN });
  const urls = [
    await nowhere(),
    stale.url,
    real.url,
    `${real.url}/elsewhere`,
    await impostor(() => undefined),
    await impostor((request) => void request.socket.destroy()),
    await answering(302, '', { location: 'http://127.0.0.1:1/' }),
    await answering(200, 'hello'),
    await answering(200, '\u0000', { 'content-encoding': 'gzip' }),
    await echo(200, (text) => JSON.parse(text) as object),
    await echo(200, (text) => ({ valid: false, code: text, requestId: KEY })),
    await echo(200, () => ({ valid: false, code: 'DISABLED', requestId: KEY })),
    await echo(400, (text) => ({ code: 'INVALID_INPUT', message: text.slice(0, 250), path: [KEY], requestId: KEY })),
    await echo(500, (text) => ({ message: text })),
  ];
  let scanned = 0;
  const scan = (where: string, value: unknown): void => {
    scanned++;
    expect(canaries.scan(where, seen(value)), where).toEqual([]);
  };
  const warnings: unknown[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const failing = () => {
    throw new Error('no database');
  };
  for (const [at, url] of urls.entries()) {
    const sentTo: string[] = [];
    const options: VerifierClientOptions = {
      ...{ url, token: TOKEN, timeoutMs: 300 },
      fetch: (input, init) => {
        sentTo.push(input as string);
        return fetch(input, init);
      },
    };
    const client = createVerifierClient(options);
    scan(`client of server ${at}`, client);
    scan(`outcome of server ${at}`, await client.verify({ key: KEY, scopes: ['a'] }));
    for (const [name, serve] of Object.entries(FRAMEWORKS)) {
      const port = await serve(client, {});
      const { headers, text } = await ask(port, { ...bearer(KEY), path: '/orders' });
      scan(`${name}, server ${at}`, { headers, text });
    }
    scan(`URLs of server ${at}`, sentTo);
  }
  for (const [name, serve] of Object.entries(FRAMEWORKS)) {
    const onError = name === 'node:http' ? {} : { onError: (error: Error) => scan(`${name}, its error`, error) };
    const port = await serve(createVerifierClient({ url: real.url, token: TOKEN }), { needs: failing, ...onError });
    const { headers, text } = await ask(port, bearer(KEY));
    scan(`${name}, 500`, { headers, text });
  }
  await expect.poll(() => warnings.length).toBeGreaterThan(0);
  process.off('warning', onWarning);
  scan('warnings', warnings);
  expect(scanned).toBeGreaterThan(urls.length * 7);
  expect(canaries.scan('itself', seen({ key: KEY })).length, 'the scan sees a key').toBeGreaterThan(0);
});

it('what the verifier is told of the request holds the key in its own member only', async () => {
  const bodies: string[] = [];
  const url = await impostor((request, response) => {
    let text = request.url ?? '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(text.replace(`"key":"${KEY}"`, ''));
      response.end('{}');
    });
  });
  for (const serve of Object.values(FRAMEWORKS)) {
    const port = await serve(createVerifierClient({ url }), {});
    const headers = { authorization: `Bearer ${KEY}`, 'user-agent': `agent ${KEY}` };
    await ask(port, { path: `/orders/${KEY}`, headers });
    await ask(port, { path: '/orders', headers });
  }
  expect(bodies.length).toBeGreaterThanOrEqual(4);
  for (const body of bodies) expect(canaries.scan('body', body)).toEqual([]);
});
