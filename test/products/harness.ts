// What the acceptance tests of the five products share: people of a workspace that no other test has, keys made and
// changed through GraphQL, and the two ways to ask a verifier. It starts nothing; every check waits for its change.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Role } from '../../events/keyspaces/profile.ts';
import { presetsFolder } from '../../services/api/presets.ts';
import * as documents from '../../services/cli/documents.ts';
import type { GatewayName } from '../../services/verifier/gateways.ts';
import {
  apiClient,
  globalId,
  type Api,
  type KeyView,
  type MutationName,
  type Result,
  type Verdict,
} from '../support/api.ts';
import { verdict } from '../support/keys.ts';
import type { System } from '../support/system.ts';
import { KEYSPACE, type KeyspaceView } from './keyspace-view.ts';
import type { ProductName } from './names.ts';
import { roleTable } from './roles.ts';

const START_MS = 240_000;
const TEST_MS = 180_000;

type Input = Readonly<Record<string, unknown>>;
export type EditName = Exclude<
  MutationName,
  'createKey' | 'forgetOwner' | 'discardRecord' | 'retryParked' | 'rebuildProjections'
>;

export interface ProductKey extends KeyView {
  readonly type: string;
  readonly environment: string | null;
  readonly unrestricted: boolean;
  readonly resources: { readonly all: boolean; readonly ids: readonly string[] };
  readonly flags: readonly string[];
  readonly rateLimit: { readonly limit: number; readonly windowSeconds: number } | null;
  readonly createdAt: string;
  readonly lastRotatedAt: string | null;
  readonly predecessor: { readonly keyId: string } | null;
}

/** A payload or an error, as it came. */
export interface Answer extends Result {
  readonly key?: ProductKey | null;
  readonly warnings?: readonly { readonly code: string; readonly message: string }[];
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[];
  readonly status?: string;
}

/** Something that was done. */
export interface Done extends Answer {
  readonly key: ProductKey;
  readonly position: string;
}

/** A secret that was just made, and the key whose it is. */
export interface Made extends Done {
  readonly keyId: string;
  readonly secret: string;
}

/** Somebody in a workspace, with the product's keys in front of them. */
export interface Person {
  readonly id: string;
  readonly api: Api;
  /** Whatever comes of it. */
  readonly tryCreate: (input: Input) => Promise<Answer>;
  /** Throws where it is refused, as the others below. */
  readonly create: (input: Input) => Promise<Made>;
  /** Whatever comes of it. */
  readonly attempt: (name: EditName, keyId: string, input?: Input) => Promise<Answer>;
  readonly change: (name: EditName, keyId: string, input?: Input) => Promise<Done>;
  readonly regenerate: (keyId: string, input?: Input) => Promise<Made>;
  /** An edit that makes a new key. */
  readonly succeed: (name: EditName, keyId: string, input: Input) => Promise<Made>;
  readonly key: (keyId: string, atLeast?: string) => Promise<ProductKey | null>;
  /** At most 100, the newest first. */
  readonly keys: (filter?: Input, atLeast?: string) => Promise<readonly ProductKey[]>;
  /** The product as this caller sees it; `null`: it is not there for them. */
  readonly keyspace: () => Promise<KeyspaceView | null>;
}

/** A fresh workspace and the people around it. */
export interface Place extends Readonly<Record<Role, Person>> {
  readonly workspaceId: string;
  /** Of the installation; in no workspace. */
  readonly operator: Person;
  /** The admin of another workspace, who tries in this one. */
  readonly stranger: Person;
}

export interface ForwardRequest {
  /** The client's own, with the key among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** A position that the verifier must have reached. */
  readonly after: string;
  /** Behind `keyspace=…`: `scope=agents&resource=agent:a-1`. */
  readonly query?: string;
  readonly gateway?: Exclude<GatewayName, 'envoy'>;
  readonly method?: string;
  readonly path?: string;
}

export interface Forwarded {
  readonly status: number;
  /** The outcome's own name. */
  readonly code: string;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A product on a running system. */
export interface Product {
  readonly slug: ProductName;
  readonly system: System;
  readonly place: () => Promise<Place>;
  /** One of the product's keys as a caller of the API, in its workspace. `header`: where it is sent, absent: as a Bearer token. */
  readonly asKey: (made: Made, header?: string) => Person;
  /** What every verifier says of a key that is sent to this product, once it has reached the position. */
  readonly verify: (secret: string, atLeast: string, request?: Input) => Promise<Verdict>;
  /** The code of it. */
  readonly code: (secret: string, atLeast: string, request?: Input) => Promise<string>;
  /** What a preflight is answered, by every verifier alike, once it has reached the position. */
  readonly originAllowed: (origin: string, atLeast: string) => Promise<boolean>;
  /** What a gateway in front of the product is answered, by every verifier alike. */
  readonly forward: (request: ForwardRequest) => Promise<Forwarded>;
}

/** One suite: a product's rows on one system, and its table of roles. */
export function productRows(
  slug: ProductName,
  on: string,
  start: () => Promise<System>,
  rows: (product: () => Product) => void,
): void {
  describe(`${slug}, ${on}`, { timeout: TEST_MS }, () => {
    let product: Product;
    beforeAll(async () => {
      product = productOn(await start(), slug);
    }, START_MS);
    afterAll(() => product.system.stop(), START_MS);
    rows(() => product);
    roleTable(slug, () => product);
  });
}

/** Defines the preset keyspaces as an operator does who was given their files. */
export async function applyPresets(system: System, slugs: readonly ProductName[]): Promise<void> {
  const { api } = personIn(await system.api({ subject: 'olga', workspaces: {}, operator: true }), 'olga', '', '');
  const define = `mutation ($input: DefineKeyspaceInput!) {
    defineKeyspace(input: $input) { __typename ... on Error { message } ... on InvalidInput { issues { path message } } }
  }`;
  for (const slug of slugs) {
    const source = await readFile(`${presetsFolder()}/${slug}.yaml`, 'utf8');
    const { defineKeyspace } = await api.query<{ defineKeyspace: Result }>(define, { input: { source } });
    if (defineKeyspace.__typename !== 'DefineKeyspacePayload') throw new Error(JSON.stringify(defineKeyspace));
  }
}

function productOn(system: System, slug: ProductName): Product {
  const verify: Product['verify'] = (secret, atLeast, request = {}) =>
    verdict(system.verifiers, secret, { keyspace: slug, atLeast, ...request });

  async function forward(request: ForwardRequest): Promise<Forwarded> {
    const answers = await Promise.all(
      system.verifiers.map(async (verifier) => {
        await verifier.verify('', { atLeast: request.after });
        return ask(verifier, slug, request);
      }),
    );
    const [first] = answers;
    if (!first || answers.some(({ code, status }) => code !== first.code || status !== first.status))
      throw new Error(`the verifiers disagree: ${JSON.stringify(answers)}`);
    return first;
  }

  async function originAllowed(origin: string, atLeast: string): Promise<boolean> {
    const answers = await Promise.all(
      system.verifiers.map(async (verifier) => {
        await verifier.verify('', { atLeast });
        const query = new URLSearchParams({ keyspace: slug, origin }).toString();
        const headers = verifier.token === null ? undefined : { authorization: `Bearer ${verifier.token}` };
        const response = await fetch(`${verifier.url}/v1/origin-allowed?${query}`, headers && { headers });
        const { allowed } = (await response.json()) as { allowed?: boolean };
        if (response.status !== 200 || allowed === undefined) throw new Error(`no answer: ${response.status}`);
        return allowed;
      }),
    );
    if (new Set(answers).size !== 1) throw new Error(`the verifiers disagree: ${answers.join(', ')}`);
    return answers[0] === true;
  }

  async function place(): Promise<Place> {
    const workspaceId = `w-${randomUUID()}`;
    const person = async (id: string, workspaces: Readonly<Record<string, Role>>, operator = false) =>
      personIn(await system.api({ subject: id, workspaces, operator, email: emailOf(id) }), id, slug, workspaceId);
    const [admin, member, auditor, viewer, stranger, operator] = await Promise.all([
      person('ada', { [workspaceId]: 'admin' }),
      person('mel', { [workspaceId]: 'member' }),
      person('aude', { [workspaceId]: 'auditor' }),
      person('vi', { [workspaceId]: 'viewer' }),
      person('mallory', { [`${workspaceId}-other`]: 'admin' }),
      person('olga', {}, true),
    ]);
    return { workspaceId, admin, member, auditor, viewer, stranger, operator };
  }

  const asKey: Product['asKey'] = ({ key: { keyId, workspaceId }, secret }, header) => {
    const address = { url: system.addresses.api, token: secret, ...(header === undefined ? {} : { header }) };
    return personIn(apiClient(address), keyId, slug, workspaceId);
  };

  const code: Product['code'] = async (...asked) => (await verify(...asked)).code;
  return { slug, system, place, asKey, verify, forward, originAllowed, code };
}

/** Of a person of a {@link Place}, as their token tells it. */
export const emailOf = (person: string): string => `${person}@example.com`;

async function ask(
  { url, token }: System['verifiers'][number],
  slug: string,
  { headers, query = '', gateway = 'caddy', method = 'GET', path = '/' }: ForwardRequest,
): Promise<Forwarded> {
  const original =
    gateway === 'nginx' ? ['X-Original-Method', 'X-Original-URI'] : ['X-Forwarded-Method', 'X-Forwarded-Uri'];
  const [methodHeader = '', pathHeader = ''] = original;
  const response = await fetch(`${url}/v1/forward-auth/${gateway}?keyspace=${slug}${query && `&${query}`}`, {
    headers: {
      ...{ [methodHeader]: method, [pathHeader]: path },
      ...(token === null ? {} : { 'X-Keyfold-Verifier-Token': token }),
      ...headers,
    },
  });
  const body = (await response.json()) as Forwarded['body'];
  const code = response.ok ? 'VALID' : (response.headers.get('x-keyfold-code') ?? '');
  return { status: response.status, code, headers: response.headers, body };
}

/** A caller of whatever credential, such as a key that manages others, with a product's keys in a workspace. */
export function personIn(api: Api, id: string, slug: string, workspaceId: string): Person {
  const tryCreate: Person['tryCreate'] = async (input) =>
    (await api.settle('createKey', { workspaceId, keyspace: slug, ...input })) as Answer;
  const attempt: Person['attempt'] = async (name, keyId, input = {}) =>
    (await api.settle(name, { id: globalId(keyId), ...input })) as Answer;
  return {
    id,
    api,
    tryCreate,
    attempt,
    create: (input) => revealed(() => tryCreate(input)),
    regenerate: (keyId, input) => revealed(() => attempt('regenerateKey', keyId, input)),
    succeed: (name, keyId, input) => revealed(() => attempt(name, keyId, input)),
    change: async (name, keyId, input) => done(await attempt(name, keyId, input)),
    key: async (keyId, atLeast) => (await api.key(keyId, atLeast)) as ProductKey | null,
    async keys(filter = {}, atLeast) {
      const variables = { workspace: workspaceId, first: 100, filter: { keyspace: slug, ...filter }, atLeast };
      const { workspace } = await api.query<{ workspace: { keys: { nodes: readonly ProductKey[] } } | null }>(
        documents.LIST_KEYS,
        variables,
      );
      return workspace?.keys.nodes ?? [];
    },
    async keyspace() {
      const { workspace } = await api.query<{ workspace: { keyspace: KeyspaceView | null } | null }>(KEYSPACE, {
        workspace: workspaceId,
        slug,
      });
      return workspace?.keyspace ?? null;
    },
  };
}

function done(answer: Answer): Done {
  const { __typename, key, position } = answer;
  if (!__typename.endsWith('Payload') || !key || position === undefined)
    throw new Error(`refused: ${JSON.stringify(answer)}`);
  return { ...answer, key, position };
}

/** Makes a secret; another one where it did not come back. */
async function revealed(make: () => Promise<Answer>): Promise<Made> {
  for (;;) {
    const answer = await make();
    if (answer.__typename === 'SecretAlreadyRevealed') continue;
    const made = done(answer);
    const { key, secret } = made;
    if (secret == null) throw new Error(`no secret: ${JSON.stringify(answer)}`);
    return { ...made, keyId: key.keyId, secret };
  }
}
