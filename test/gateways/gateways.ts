// The gateways as docs/gateways/ configures them: its very files, in which only addresses and the token's place are others.
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startServer, type ServerCommand } from '../services/process.ts';
import { caddyProgram, nginxProgram } from '../services/debian.ts';
import type { Seen } from './upstream.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs', 'gateways');

/** Those that run in the tests. */
export const RUN = ['nginx', 'caddy'] as const;
export type RunGateway = (typeof RUN)[number];

export interface Behind {
  readonly verifierPort: number;
  /** VERIFIER_TOKEN, as the gateway has it; `null`: none. */
  readonly verifierToken: string | null;
  readonly upstreamPort: number;
  /** In place of nginx's example.conf. */
  readonly example?: string;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer;
  /** The client's own address; absent: one that nobody had before. */
  readonly from?: string;
}

export interface Given {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `{}` unless it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What the upstream has seen; `null`: the request has not got there. */
  readonly seen: Seen | null;
}

export interface RunningGateway {
  readonly name: RunGateway;
  ask(asked: Asked): Promise<Given>;
  /** Sends bytes as they are, and answers what comes back before `end` has come or the connection is closed. */
  speak(text: string, end: RegExp): Promise<string>;
  stop(): Promise<void>;
}

export async function startGateway(name: RunGateway, behind: Behind): Promise<RunningGateway> {
  const folder = await mkdtemp(join(tmpdir(), `keyfold-${name}-`));
  const port = await freePort();
  const ready = async (): Promise<void> => {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.destroy();
  };
  try {
    const command = await (name === 'nginx' ? nginx : caddy)(folder, port, behind);
    const server = await startServer({ name, logFile: join(folder, 'output.log'), ready, ...command });
    return {
      name,
      ask: (asked) => ask(port, asked),
      speak: (text, end) => speak(port, text, end),
      stop: async () => {
        await server.kill();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

type Program = Pick<ServerCommand, 'command' | 'args' | 'env'>;

/** Replaces what a documented file says; it must say so. */
async function edit(file: string, changes: readonly (readonly [from: string, to: string])[]): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
    text = text.replaceAll(from, to);
  }
  await writeFile(file, text);
}

async function nginx(folder: string, port: number, behind: Behind): Promise<Program> {
  await cp(join(DOCS, 'nginx'), folder, { recursive: true });
  await edit(join(folder, 'keyfold.conf'), [
    ['127.0.0.1:4100', `127.0.0.1:${behind.verifierPort}`],
    ['/etc/nginx/', `${folder}/`],
  ]);
  if (behind.example !== undefined) await writeFile(join(folder, 'example.conf'), behind.example);
  await edit(join(folder, 'example.conf'), [
    ['127.0.0.1:3000', `127.0.0.1:${behind.upstreamPort}`],
    ['127.0.0.1:8080', `127.0.0.1:${port}`],
  ]);
  if (behind.verifierToken !== null)
    await writeFile(join(folder, 'keyfold-token.map'), `default "${behind.verifierToken}";\n`, { mode: 0o600 });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${folder}/${kind};`,
  );
  const main = [
    ...['daemon off;', 'worker_processes 1;', `pid ${folder}/pid;`, 'error_log stderr warn;'],
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    ...[
      'events { worker_connections 256; }',
      'http {',
      '  access_log off;',
      ...temporary,
      '  include example.conf;',
      '}',
    ],
  ];
  await writeFile(join(folder, 'nginx.conf'), main.join('\n'));
  return { command: await nginxProgram(), args: ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')] };
}

async function caddy(folder: string, port: number, behind: Behind): Promise<Program> {
  const file = join(folder, 'Caddyfile');
  await cp(join(DOCS, 'caddy', 'Caddyfile'), file);
  await edit(file, [
    ['127.0.0.1:3000', `127.0.0.1:${behind.upstreamPort}`],
    [':8080 {', `:${port} {`],
  ]);
  return {
    command: await caddyProgram(),
    args: ['run', '--config', file],
    env: {
      ...{ HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, CADDY_ADMIN: `unix/${folder}/admin` },
      KEYFOLD_VERIFIER: `127.0.0.1:${behind.verifierPort}`,
      ...(behind.verifierToken === null ? {} : { VERIFIER_TOKEN: behind.verifierToken }),
    },
  };
}

let clients = 0;
/** Each is a client of its own: the verifier counts their invalid keys apart. */
export function newClient(): string {
  clients += 1;
  return `127.1.${Math.floor(clients / 250)}.${1 + (clients % 250)}`;
}

function ask(port: number, { method = 'GET', path, headers = {}, body, from = newClient() }: Asked): Promise<Given> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        ...{ port, host: '127.0.0.1', localAddress: from, method, path, agent: false },
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
        ),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = response.headers['content-type']?.startsWith('application/json') === true && text !== '';
          const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
          const got = response.headers['x-upstream'] === 'yes';
          const seen = got ? (json as unknown as Seen) : null;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: json, seen });
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function speak(port: number, text: string, end: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: newClient() }, () => socket.write(text, 'latin1'));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (end.test(answer)) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
