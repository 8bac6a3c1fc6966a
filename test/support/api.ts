// Clients of the API and of the verifier, as small as tests need them: the CLI's own documents, answers as they came.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import * as documents from '../../services/cli/documents.ts';

/** A key as the documents of services/cli ask for it. */
export interface KeyView {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly keyspace: { readonly slug: string; readonly version: number };
  readonly version: number;
  readonly name: string;
  readonly description: string | null;
  readonly owner: { readonly id: string; readonly email: string | null } | null;
  readonly tags: readonly string[];
  readonly metadata: unknown;
  readonly preview: string;
  readonly status: string;
  readonly quarantined: boolean;
  readonly scopes: readonly string[];
  readonly origins: readonly string[];
  readonly ipRanges: readonly string[];
  readonly createdBy: { readonly kind: string; readonly id: string };
  readonly expiresAt: string | null;
  readonly previousSecret: { readonly retiresAt: string } | null;
  readonly revocation: { readonly reason: string | null; readonly note: string | null } | null;
  readonly actions: readonly string[];
}

export interface EnforcementView {
  readonly confirmed: number;
  readonly total: number;
  readonly confirmedAt: string | null;
  readonly verifiers: readonly {
    readonly id: string;
    readonly position: string;
    readonly confirmedAt: string | null;
  }[];
}

/** A payload or one of the errors. */
export interface Result {
  readonly __typename: string;
  readonly key?: KeyView | null;
  readonly secret?: string | null;
  readonly predecessor?: { readonly keyId: string } | null;
  readonly position?: string;
  readonly generation?: string;
  readonly parked?: readonly ParkedView[];
  readonly enforcement?: EnforcementView | null;
  readonly code?: string;
  readonly message?: string;
  readonly path?: readonly string[] | null;
  readonly actual?: number;
  readonly commandId?: string;
}

export interface ParkedView {
  readonly aggregateId: string | null;
  readonly position: string;
  readonly reason: string;
  readonly time: string;
}

export interface EventView {
  readonly id: string;
  readonly type: string;
  readonly version: number | null;
  readonly time: string;
  readonly actor: { readonly kind: string; readonly id: string } | null;
  readonly commandId: string | null;
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly position: string;
  readonly hash: string | null;
  readonly prev: string | null;
}

export interface HealthView {
  readonly projections: readonly {
    readonly name: string;
    readonly lag: number;
    readonly generation: string;
    readonly rebuild: { readonly progress: number } | null;
    readonly parked: readonly ParkedView[];
  }[];
  readonly verifiers: readonly { readonly id: string; readonly asOf: string | null; readonly position: string }[];
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

type Variables = Readonly<Record<string, unknown>>;

export interface Api {
  readonly url: string;
  readonly token: string;
  post(query: string, variables?: Variables, signal?: AbortSignal): Promise<GraphqlAnswer>;
  /** The data of a query; asked again while the read models are behind. Throws on errors. */
  query<T>(query: string, variables?: Variables): Promise<T>;
  /** One attempt. */
  mutate(name: MutationName, input: Variables, signal?: AbortSignal): Promise<Result>;
  /** Sent again under the same commandId until what became of it is known: what clients are told to do. */
  settle(name: MutationName, input: Variables): Promise<Result>;
  key(keyId: string, atLeast?: string): Promise<KeyView | null>;
  history(keyId: string, atLeast?: string): Promise<readonly EventView[]>;
  health(): Promise<HealthView>;
}

const EDIT = { secret: true, predecessor: true };
export const MUTATIONS = {
  createKey: documents.keyMutation('createKey', { secret: true }),
  updateKey: documents.keyMutation('updateKey', EDIT),
  changeScopes: documents.keyMutation('changeScopes', EDIT),
  changeRestrictions: documents.keyMutation('changeRestrictions', EDIT),
  changeExpiry: documents.keyMutation('changeExpiry', EDIT),
  disableKey: documents.keyMutation('disableKey', {}),
  enableKey: documents.keyMutation('enableKey', {}),
  regenerateKey: documents.keyMutation('regenerateKey', { secret: true }),
  retirePreviousSecret: documents.keyMutation('retirePreviousSecret', {}),
  revokeKey: documents.keyMutation('revokeKey', {}),
  deleteKey: documents.keyMutation('deleteKey', {}),
  forgetKey: documents.keyMutation('forgetKey', {}),
  forgetOwner: documents.FORGET_OWNER,
  discardRecord: documents.DISCARD_RECORD,
  retryParked: documents.RETRY_PARKED,
  rebuildProjections: documents.REBUILD,
  defineKeyspace: documents.DEFINE_KEYSPACE,
};
export type MutationName = keyof typeof MUTATIONS;

const HISTORY = `query ($id: ID!, $after: String, $atLeast: Position) {
  key(id: $id, atLeast: $atLeast) { history(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id type version time actor { kind id } commandId requestId ip userAgent data position hash prev }
  } }
}`;
/** Bounds a hang: a slow machine takes its time. */
const PATIENCE_MS = 120_000;
const REQUEST_MS = 60_000;
const RETRY_MS = 50;

export const globalId = (keyId: string): string => encodeGlobalId('ApiKey', keyId);

export interface ApiAddress {
  readonly url: string;
  readonly token: string;
  /** Where the token stands; absent: in Authorization, behind the word Bearer. */
  readonly header?: string;
}

export function apiClient({ url, token, header }: ApiAddress): Api {
  const credential = header === undefined ? { authorization: `Bearer ${token}` } : { [header]: token };

  async function post(query: string, variables: Variables = {}, signal?: AbortSignal): Promise<GraphqlAnswer> {
    const timeout = AbortSignal.timeout(REQUEST_MS);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credential, 'user-agent': 'e2e' },
      body: JSON.stringify({ query, variables }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const { data, errors } = (await response.json()) as Partial<GraphqlAnswer>;
    return { status: response.status, data: data ?? null, errors: errors ?? [] };
  }

  async function query<T>(document: string, variables?: Variables): Promise<T> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const { status, data, errors } = await post(document, variables);
      const [error] = errors;
      if (!error && data) return data as T;
      if (error?.extensions?.code !== 'POSITION_TIMEOUT' || performance.now() > end)
        throw new Error(`status ${status}: ${JSON.stringify(errors)}`);
    }
  }

  async function mutate(name: MutationName, input: Variables, signal?: AbortSignal): Promise<Result> {
    const { status, data, errors } = await post(MUTATIONS[name], { input }, signal);
    // The outcome is there even if what it changed cannot be read now: then `key` is null, and the errors say why.
    const result = data?.result as Result | null | undefined;
    if (!result) throw new Error(`${name}: status ${status}: ${JSON.stringify(errors)}`);
    return result;
  }

  async function settle(name: MutationName, input: Variables): Promise<Result> {
    const end = performance.now() + PATIENCE_MS;
    const commandId = randomUUID();
    for (;;) {
      const result = await mutate(name, { commandId, ...input });
      if (!isUndecided(result) || performance.now() > end) return result;
      await pause(RETRY_MS);
    }
  }

  return {
    url,
    token,
    post,
    query,
    mutate,
    settle,
    key: async (keyId, atLeast) =>
      (await query<{ key: KeyView | null }>(documents.SHOW_KEY, { id: globalId(keyId), atLeast })).key,
    async history(keyId, atLeast) {
      const events: EventView[] = [];
      for (let after: string | null = null; ;) {
        const variables: Variables = { id: globalId(keyId), after, atLeast };
        const { key } = await query<{ key: { history: Connection<EventView> } | null }>(HISTORY, variables);
        if (!key) throw new Error(`there is no key ${keyId} for this caller`);
        events.push(...key.history.nodes);
        if (!key.history.pageInfo.hasNextPage) return events;
        after = key.history.pageInfo.endCursor;
      }
    },
    health: async () => (await query<{ health: HealthView }>(documents.PROJECTION_STATUS)).health,
  };
}

export interface Connection<T> {
  readonly nodes: readonly T[];
  readonly totalCount?: number;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage?: boolean;
    readonly startCursor?: string | null;
    readonly endCursor: string | null;
  };
}

/** Whether a result leaves open what becomes of the command: the contract says to send it again. */
export function isUndecided({ __typename }: Result): boolean {
  return __typename === 'OutcomeUnknown' || __typename === 'Unavailable' || __typename === 'StorageFull';
}

/** A result that must be a payload, with what every payload has. */
export function payload(result: Result): Result & { readonly position: string } {
  const { position } = result;
  if (!result.__typename.endsWith('Payload') || position === undefined)
    throw new Error(`refused: ${JSON.stringify(result)}`);
  return { ...result, position };
}

export interface Verdict {
  readonly valid: boolean;
  readonly code: string;
  readonly requestId?: string;
  readonly keyId?: string | null;
  readonly workspaceId?: string | null;
  readonly version?: number | null;
  readonly scopes?: readonly string[];
  readonly asOf?: string;
}

export interface VerifierAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Verdict;
}

export interface VerifierClient {
  readonly url: string;
  /** VERIFIER_TOKEN; `null`: none is asked for. */
  readonly token: string | null;
  /** One attempt. */
  ask(request: Variables): Promise<VerifierAnswer>;
  /** The verdict; asked again while `atLeast` is not reached. Throws for anything but a verdict. */
  verify(key: string, request?: Variables): Promise<Verdict>;
}

export function verifierClient({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string | null;
}): VerifierClient {
  async function ask(request: Variables): Promise<VerifierAnswer> {
    const response = await fetch(`${url}/v1/verify`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const retryAfter = response.headers.get('retry-after');
    return { status: response.status, retryAfter, body: (await response.json()) as Verdict };
  }
  return {
    url,
    token,
    ask,
    async verify(key, request = {}) {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const { status, body } = await ask({ key, ...request });
        if (status === 200) return body;
        if (status !== 503 || performance.now() > end) throw new Error(`status ${status}: ${JSON.stringify(body)}`);
      }
    },
  };
}
