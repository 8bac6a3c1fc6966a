// Slim requests: those of a server that reads raw headers only. Node makes an object of all headers for each request, since
// it looks for one of them; here it finds that one. Measured: a twelfth of what a bare request costs.
import { IncomingMessage } from 'node:http';

const EXPECT = 'expect';
const NONE: IncomingMessage['headers'] = Object.freeze({});

function expectOf(rawHeaders: readonly string[]): IncomingMessage['headers'] {
  let expect: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length !== EXPECT.length || name.toLowerCase() !== EXPECT) continue;
    const value = rawHeaders[i + 1] ?? '';
    expect = expect === undefined ? value : `${expect}, ${value}`; // RFC 9110, 5.2
  }
  return expect === undefined ? NONE : { expect };
}

/** Its `headers` hold `expect` alone, which node asks for. A class, as `createServer` takes no less. */
export class SlimRequest extends IncomingMessage {}
Object.defineProperty(SlimRequest.prototype, 'headers', {
  get(this: IncomingMessage) {
    return expectOf(this.rawHeaders);
  },
});
