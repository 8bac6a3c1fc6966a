// A line to a server that a test can cut, freeze and mend.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Listens on a free port and passes everything on; frozen, it keeps connections open and passes nothing. */
export async function startProxy(upstream: URL) {
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const drop = () => sockets.forEach((socket) => socket.destroy());
  const listener = createServer((near) => {
    if (state === 'cut') return near.destroy();
    const far = connect(Number(upstream.port), upstream.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => state === 'open' && to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => (sockets.delete(from), to.destroy()));
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cut: () => {
      state = 'cut';
      drop();
    },
    /** Ends all connections, and takes new ones. */
    hangUp: drop,
    freeze: () => (state = 'frozen'),
    mend: () => {
      state = 'open';
      drop(); // what was swallowed meanwhile does not come back
    },
    close: async () => {
      drop();
      listener.close();
      await once(listener, 'close');
    },
  };
}
