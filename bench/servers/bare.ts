// The floor: a bare node:http server, well written, that reads the body, if there is one, and answers what it was told:
// status, headers and bytes.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const { BENCH_STATUS = '200', BENCH_HEADERS = '[]', BENCH_ANSWER = '' } = process.env;
const status = Number(BENCH_STATUS);
const head = JSON.parse(BENCH_HEADERS) as string[];
const answer = Buffer.from(BENCH_ANSWER);

function respond(response: ServerResponse): void {
  response.writeHead(status, head);
  response.end(answer);
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    respond(response);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    respond(response);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once('SIGTERM', () => process.exit(0));
