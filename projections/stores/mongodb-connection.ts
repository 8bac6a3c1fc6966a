// Connections to MongoDB whose commands always come to an end. Node destroys a socket that the server has closed and says
// `close` a little later; a command that the driver sends in between is not written, and it then waits for `drain` alone:
// no time-out of the driver's ends that, and whoever waits for the command waits for ever. Here such a command fails as on
// any connection that is lost, and is tried again on another one.
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

type ConnectionType = new (socket: Socket, options: object) => object;

/** The driver takes another class of connection (`connectionType`), and exports its own to nobody. */
const { Connection } = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js') as {
  readonly Connection?: ConnectionType;
};
if (Connection === undefined)
  throw new TypeError('the MongoDB driver is another version than the one that this was written for');

class EndingConnection extends Connection {
  constructor(socket: Socket, options: object) {
    super(socket, options);
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]): boolean => {
      if (socket.destroyed) throw new Error('the server has closed the connection');
      return write(...args);
    };
    // After the driver's own listener, by which the connection knows that it is lost.
    socket.on('close', () => socket.emit('drain'));
  }
}

/** Options of a client whose commands always come to an end. */
export const ENDING_CONNECTIONS: object = { connectionType: EndingConnection };
