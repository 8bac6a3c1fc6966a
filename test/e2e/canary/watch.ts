// A watched system: everything that takes input can be driven, every answer is kept, and every secret that is made or
// shown is noted as a canary.
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { expect } from 'vitest';
import { parseSecret, generateSecret, hashSecret, secret as secretOf, type Pepper } from '../../../events/secret.ts';
import { MUTATIONS, type Api, type MutationName, type Result } from '../../support/api.ts';
import { createCanaries, type Canaries } from '../../support/canaries.ts';
import { cli } from '../../support/cli.ts';
import type { CommandResult, Environment } from '../../support/processes.ts';
import type { System } from '../../support/system.ts';

export interface WatchedSystem {
  readonly system: System;
  /** For commands: where the API and the verifier are, and how to get in. */
  readonly env: Environment;
  /** Arguments of the command that prints a token of this system. */
  readonly tokenCommand: readonly string[];
  readonly verifierToken: string;
  /** Secrets of the installation that belong into their own file or setting only. */
  readonly ownSecrets: Readonly<Record<string, string>>;
  readonly pepper: Pepper;
  /** Everything that the system has printed and stored, by where it is; ends the system. */
  remains(): Promise<readonly (readonly [where: string, content: string | Uint8Array])[]>;
  dispose(): Promise<void>;
}

interface Raw {
  readonly method?: string;
  readonly path?: string;
  /** Name, value, name, value, … */
  readonly headers?: readonly string[];
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  /** The headers in the first line, then the body. */
  readonly text: string;
}

export interface Watch {
  readonly watched: WatchedSystem;
  readonly admin: Api;
  readonly canaries: Canaries;
  /** Verification hashes: for the log and the database only. */
  readonly hashes: Canaries;
  readonly answers: readonly (readonly [where: string, text: string])[];
  /** The names of the mutations that were carried out. */
  readonly driven: ReadonlySet<string>;
  /** Keeps what the system said; answers it. */
  readonly heard: (where: string, text: string) => string;
  /** A key that nobody has made. */
  readonly newSecret: (name: string) => string;
  /** Of an answer that shows a secret: the secret is noted, and the rest of the answer is looked at like any other. */
  readonly withoutShown: (name: string, text: string) => { readonly secret: string; readonly rest: string };
  /** One request, as it is; kept under `where` unless that is empty. */
  readonly send: (where: string, url: string, raw: Raw) => Promise<Answer>;
  /** Headers of a request by the administrator; by a caller of the verifier. */
  readonly asAdmin: () => string[];
  readonly asCaller: () => string[];
  readonly graphql: (where: string, query: string, variables?: object) => Promise<Answer>;
  /** POST /v1/verify. */
  readonly ask: (where: string, body: object) => Promise<string>;
  /** Carries a mutation out; its answer is looked at, without the secret that it may show. */
  readonly mutate: (name: MutationName, input: object) => Promise<Result & { readonly shown: string }>;
  readonly command: (
    name: string,
    args: readonly string[],
    stdin?: string,
    env?: Environment,
  ) => Promise<CommandResult>;
}

/** The watch, once it is kept: for use within tests. */
export type Watching = () => Watch;

export const JSON_BODY = ['content-type', 'application/json'];

export async function keepWatch(watched: WatchedSystem): Promise<Watch> {
  const admin = await watched.system.api();
  const canaries = createCanaries();
  const hashes = createCanaries();
  const answers: [where: string, text: string][] = [];
  const driven = new Set<string>();
  canaries.add('the token of the caller', admin.token);
  canaries.add('VERIFIER_TOKEN', watched.verifierToken);
  for (const [name, value] of Object.entries(watched.ownSecrets)) canaries.add(name, value);

  const heard: Watch['heard'] = (where, text) => {
    answers.push([where, text]);
    return text;
  };
  const note = (name: string, secret: string): void => {
    canaries.add(name, secret);
    hashes.add(`the hash of ${name}`, hashSecret(secretOf(secret), watched.pepper).hash);
  };
  const withoutShown: Watch['withoutShown'] = (name, text) => {
    const found = /kf_[0-9A-Za-z]{36}/.exec(text)?.[0] ?? '';
    expect(parseSecret(found), name).not.toBeNull();
    note(name, found);
    return { secret: found, rest: text.replaceAll(found, '') };
  };
  const send: Watch['send'] = async (where, url, raw) => {
    const { status, text } = await sendRaw(url, raw);
    return { status, text: where === '' ? text : heard(where, text) };
  };
  const asAdmin = (): string[] => [...JSON_BODY, 'authorization', `Bearer ${admin.token}`];
  const asCaller = (): string[] => [...JSON_BODY, 'authorization', `Bearer ${watched.verifierToken}`];
  const graphql: Watch['graphql'] = (where, query, variables = {}) =>
    send(where, admin.url, { path: '/graphql', headers: asAdmin(), body: JSON.stringify({ query, variables }) });

  return {
    ...{ watched, admin, canaries, hashes, answers, driven, heard, withoutShown, send, asAdmin, asCaller, graphql },
    newSecret(name) {
      const made = generateSecret('kf', randomBytes).reveal();
      note(name, made);
      return made;
    },
    async ask(where, body) {
      const sent = { path: '/v1/verify', headers: asCaller(), body: JSON.stringify(body) };
      return (await send(where, watched.system.verifiers[0]!.url, sent)).text;
    },
    async mutate(name, input) {
      driven.add(name);
      const { text } = await graphql('', MUTATIONS[name], { input });
      const { data } = bodyOf(text);
      const shows = typeof data?.result.secret === 'string';
      const { secret, rest } = shows ? withoutShown(`the secret that ${name} shows`, text) : { secret: '', rest: text };
      heard(name, rest);
      return { ...(data?.result ?? { __typename: '' }), shown: secret };
    },
    async command(name, args, stdin = '', env = watched.env) {
      const result = await cli(args, env, stdin);
      heard(`keyfold ${name}, errors`, result.stderr);
      return result;
    },
  };
}

function sendRaw(url: string, { method = 'POST', path = '', headers = [], body = '' }: Raw): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const own = ['host', new URL(url).host, 'content-length', String(Buffer.byteLength(body)), 'connection', 'close'];
    const options = { method, agent: false, headers: [...own, ...headers] };
    const request = httpRequest(`${url}${path}`, options, (response) => {
      const head = JSON.stringify(response.rawHeaders);
      let read = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (read += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: `${head}\n${read}` }));
    });
    request.on('error', reject).end(body);
  });
}

interface Body {
  readonly data?: { readonly result: Result } | null;
  readonly errors?: unknown;
}

/** The JSON of an answer that has its headers in the first line. */
export const bodyOf = (text: string): Body => JSON.parse(text.slice(text.indexOf('\n') + 1)) as Body;
