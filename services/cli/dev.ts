// `keyfold dev …`: everything that the split processes need to be tried out: secrets, an issuer, its tokens.
// For trying only: whoever can read the folder can be anybody.
import { Option, type Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createLocalIssuer, type LocalIssuer } from '../api/local-issuer.ts';
import { DataFolderError, makeIssuerKey, readIssuerKey } from '../shared/data-folder.ts';
import { createDurableFile, createPrivateFolder } from '../shared/durable-file.ts';
import { formatKeyList } from '../shared/key-list.ts';
import * as args from './arguments.ts';
import { CliError, print, remark, type Io } from './io.ts';
import { addTokenOptions, callerOf, type TokenOptions } from './token.ts';

const ENV_FILE = 'keyfold.env';
const ISSUER_FILE = 'issuer.json';
const AUDIENCE = 'keyfold';
const JWKS_PATH = '/jwks.json';
const PORT = 4400;

export function addDevCommands(program: Command, io: Io): void {
  const dev = program
    .command('dev')
    .summary('secrets, an issuer and tokens for trying the split processes')
    .description(
      'What the split processes need to be tried out. Never for production: whoever can read the folder can be anybody.',
    );

  dev
    .command('env')
    .summary('make the secrets and the issuer, once')
    .description(
      `Makes DIR/${ENV_FILE} (peppers, sealing and checkpoint keys, VERIFIER_TOKEN, AUTH_*) and the issuer's key. Keeps what is there.`,
    )
    .argument('<dir>', 'the folder')
    .addOption(
      new Option('--port <n>', 'where the issuer will listen, on 127.0.0.1').argParser(args.integer).default(PORT),
    )
    .addHelpText('after', `\nExample:\n  keyfold dev env ./dev\n  set -a; . ./dev/${ENV_FILE}; set +a`)
    .action(async (folder: string, { port }: { readonly port: number }) => {
      await createPrivateFolder(folder);
      await createDurableFile(join(folder, ISSUER_FILE), `${JSON.stringify(await makeIssuerKey())}\n`);
      await createDurableFile(join(folder, ENV_FILE), environmentText(port));
      print(io, join(folder, ENV_FILE));
    });

  dev
    .command('issuer')
    .summary("serve the issuer's public key")
    .description(
      "Serves the issuer's public key (JWKS) on 127.0.0.1, where AUTH_JWKS_URL looks for it, until it is stopped.",
    )
    .argument('<dir>', 'the folder that `keyfold dev env` made')
    .addHelpText('after', '\nExample:\n  keyfold dev issuer ./dev &')
    .action(async (folder: string) => serveKeys(io, await openIssuer(folder)));

  const token = dev
    .command('token')
    .summary("a signed-in caller's token")
    .description("Prints a signed-in caller's token of this issuer, good for one hour.")
    .argument('<dir>', 'the folder that `keyfold dev env` made')
    .addHelpText(
      'after',
      '\nExample:\n  export KEYFOLD_TOKEN="$(keyfold dev token ./dev --workspace demo --role admin --operator)"',
    );
  addTokenOptions(token).action(async (folder: string, options: TokenOptions) => {
    const { issuer } = await openIssuer(folder);
    print(io, await issuer.mint(callerOf(options)));
  });
}

function environmentText(port: number): string {
  const key = (): string => formatKeyList([{ id: new Date().toISOString().slice(0, 10), key: randomBytes(32) }]);
  const issuer = `http://127.0.0.1:${port}`;
  return [
    `KEYFOLD_PEPPERS=${key()}`,
    `KEYFOLD_SEALING_KEYS=${key()}`,
    `KEYFOLD_CHECKPOINT_KEYS=${key()}`,
    `VERIFIER_TOKEN=${randomBytes(32).toString('hex')}`,
    `AUTH_ISSUER=${issuer}`,
    `AUTH_AUDIENCE=${AUDIENCE}`,
    `AUTH_JWKS_URL=${issuer}${JWKS_PATH}`,
    '',
  ].join('\n');
}

interface OpenIssuer {
  readonly issuer: LocalIssuer;
  readonly url: URL;
}

async function openIssuer(folder: string): Promise<OpenIssuer> {
  try {
    const settings = parseEnv(await readFile(join(folder, ENV_FILE), 'utf8'));
    const { AUTH_ISSUER: name = '', AUTH_AUDIENCE: audience = AUDIENCE } = settings;
    const issuer = createLocalIssuer({ key: await readIssuerKey(folder), issuer: name, audience, claim: 'keyfold' });
    return { issuer, url: new URL(name) };
  } catch (cause) {
    const what = cause instanceof DataFolderError ? cause.message : `${join(folder, ENV_FILE)} cannot be used`;
    throw new CliError('NOT_FOUND', what, { advice: `make it: keyfold dev env ${folder}`, cause });
  }
}

async function serveKeys(io: Io, { issuer, url }: OpenIssuer): Promise<void> {
  const body = JSON.stringify(issuer.jwks);
  const server = createServer((request, response) => {
    const found = request.url === JWKS_PATH;
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(found ? body : '{}');
  });
  server.listen({ host: url.hostname, port: Number(url.port) });
  await once(server, 'listening');
  remark(io, `issuer ${url.origin} serves ${JWKS_PATH}`);
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  await once(server, 'close');
}
