// An installation in memory: log, store, projector, write path and GraphQL engine as a process wires them, over the fakes.
// Callers, clock and keyspaces are the test's; what the store is asked is counted.
import { print, type ExecutionResult } from 'graphql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { KEYSPACES } from '../../events/ids.ts';
import { covers, type Position } from '../../events/position.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import type { ProfileInput, Role } from '../../events/keyspaces/profile.ts';
import { encodeRecord } from '../../events/record.ts';
import { projectionHealth } from '../../projections/health.ts';
import { createProjector } from '../../projections/projector.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import { createWaiter } from '../../projections/waiter.ts';
import type { Caller, Context, Subscribing } from '../../schema/context.ts';
import { schema } from '../../schema/index.ts';
import { checkDocument } from '../../schema/limits.ts';
import { createContextFactory } from '../../services/api/context.ts';
import { createFollowing } from '../../services/api/following.ts';
import { createGraphqlEngine } from '../../services/api/graphql-engine.ts';
import { createOperations } from '../../services/api/operations.ts';
import { createReceipts } from '../../services/api/receipts.ts';
import { createWriter } from '../../services/api/write.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { at, created, createAuthor, defined, seededBytes, testDataKeys } from '../fakes/author.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { named } from '../fakes/named.ts';

export interface InstallationOptions {
  readonly profiles?: readonly ProfileInput[];
  /** What of the context a test replaces. */
  readonly context?: (context: Context) => Partial<Context>;
}

/** Only the admin of a workspace sees its keys at all; nothing may be edited but the name. */
export const GUARDED: ProfileInput = {
  slug: 'guarded',
  name: 'Guarded',
  types: [{ id: 'secret', label: 'Key', prefix: 'gd' }],
  roles: { view: ['admin'], create: ['admin'], edit: ['admin'], seeHistory: ['admin'], seeUsage: ['admin'] },
};

/** Edits of name, scopes and expiry make a successor. */
export const SUCCEEDING: ProfileInput = {
  slug: 'succeeding',
  name: 'Succeeding',
  types: [{ id: 'secret', label: 'Key', prefix: 'sc' }],
  environments: named('live', 'test'),
  permissions: {
    scopes: [
      { id: 'a:read', label: 'Read' },
      { id: 'a:write', label: 'Write' },
    ],
    minimum: 1,
  },
  edit: { name: { how: 'SUCCESSOR' }, permissions: { how: 'SUCCESSOR' }, expiry: { how: 'SUCCESSOR' } },
  removal: { mode: 'REVOKE', reasons: ['Compromised', 'Unused'] },
  metadataFields: [{ id: 'purpose', label: 'Purpose' }],
};

export const caller = (workspaces: Readonly<Record<string, Role>>, more: Partial<Caller> = {}): Caller => ({
  actor: { kind: 'user', id: 'ada' },
  workspaces: new Map(Object.entries(workspaces)),
  operator: false,
  email: 'ada@example.com',
  ip: '192.0.2.7',
  userAgent: 'vitest',
  ...more,
});

export const ADMIN = caller({ acme: 'admin' });
export const STRANGER = caller({ globex: 'admin' }, { actor: { kind: 'user', id: 'eve' } });
export const OPERATOR = caller({}, { actor: { kind: 'user', id: 'olga' }, operator: true });

export type Installation = Awaited<ReturnType<typeof createInstallation>>;

export async function createInstallation({ profiles = [DEFAULT_PROFILE], context }: InstallationOptions = {}) {
  const log = createMemoryLog();
  const memory = createMemoryStore();
  const { store, queries } = counted(memory);
  const dataKeys = testDataKeys(memory);
  const author = createAuthor({ dataKeys });
  let clock = Date.parse(at(100_000));
  const now = (): string => new Date((clock += 1)).toISOString();
  const lines: string[] = [];
  const logger = createLogger({ level: 'error', destination: { write: (line) => void lines.push(line) } });

  const projector = createProjector({ log, store: memory, dataKeys, logger, now, intervalMs: 5 });
  projector.start();
  const waiter = createWaiter({ store: memory, firstPauseMs: 1, maxPauseMs: 5 });
  const pepper = { id: 'p1', key: Buffer.alloc(32, 1) };
  const receipts = createReceipts({ leases: memory.leases, watchMs: 5000, now, logger });
  const writing = { log, store: memory, waiter, dataKeys, receipts, pepper, now };
  const writer = createWriter({ ...writing, randomBytes: seededBytes(7) });
  const operations = createOperations({ log, store: memory, waiter, now, onRebuild: () => projector.nudge() });
  const health = async (): ReturnType<Context['health']> => ({
    projections: await projectionHealth({ store: memory, log }),
    verifiers: [{ id: 'v1', asOf: at(0), position: { 0: 1 }, leaseUntil: at(30_000) }],
  });
  const contextFor = createContextFactory({ log, store, waiter, dataKeys, writer, operations, receipts, health, now });
  const engine = createGraphqlEngine({ schema, check: checkDocument, logger });

  async function settle(): Promise<void> {
    if (!(await waiter.whenProcessed(await log.end(), AbortSignal.timeout(10_000)))) throw new Error('not projected');
  }

  for (const profile of profiles) {
    await log.append([encodeRecord(await author.next(KEYSPACES, defined(profile)))]);
  }
  await settle();

  let requests = 0;
  /** One request, with everything that leaves the API. */
  async function ask(query: string, variables: Readonly<Record<string, unknown>> | null = null, as = ADMIN) {
    requests += 1;
    const made = contextFor(as, `r-${requests}`);
    const params = { query, operationName: null, variables };
    return engine.run({ params, readOnly: false, context: { ...made, ...context?.(made) } });
  }

  /** A subscription, from where it begins up to the end of the log: all results, or the one that refuses it. */
  async function follow(query: string, variables: Readonly<Record<string, unknown>> | null = null, as = ADMIN) {
    requests += 1;
    const end = await log.end();
    const following = createFollowing({ log, store: memory, waiter });
    const checks: (() => Promise<void>)[] = [];
    let reached: Position = {};
    const subscription: Subscribing = {
      lastSeen: null,
      caller: () => Promise.resolve(as),
      logEnd: () => following.logEnd(),
      whileOpen: (check) => void checks.push(check),
      reached: (position) => void (reached = position),
      async *follow(asked) {
        if (covers(asked.from, end)) return;
        for await (const page of following.follow({ ...asked, signal: AbortSignal.timeout(10_000) })) {
          yield page;
          if (covers(page.position, end)) return;
        }
      },
    };
    const made = contextFor(as, `r-${requests}`);
    const own = { ...made, ...context?.(made), subscription };
    const opened = await engine.subscribe({ params: { query, operationName: null, variables }, context: own });
    if ('status' in opened) return [opened];
    const answers: { readonly status: number; readonly result: ExecutionResult }[] = [];
    for await (const payload of opened.payloads) {
      const fresh = contextFor(as, `r-${requests}`);
      answers.push({
        status: 200,
        result: await opened.resultOf(payload, { ...fresh, ...context?.(fresh), subscription }),
      });
    }
    for (const check of checks) await check();
    if (!covers(reached, end)) throw new Error('the subscription ended before the log did');
    return answers;
  }

  return {
    log,
    memory,
    author,
    queries,
    now,
    settle,
    ask,
    follow,
    contextFor,
    /** What was logged as unexpected. */
    lines,
    advance: (seconds: number) => void (clock += seconds * 1000),
    /** The data of a typed document; throws where there are errors. */
    async run<R, V>(document: TypedDocumentNode<R, V>, variables: V, as = ADMIN): Promise<R> {
      const { result } = await ask(print(document), variables as Record<string, unknown>, as);
      if (result.errors) throw new Error([...result.errors.map(({ message }) => message), ...lines].join('\n'));
      return result.data as R;
    },
    /** The codes of the errors of a document. */
    async refusal(query: string | TypedDocumentNode<unknown, never>, variables: object | null = null, as = ADMIN) {
      const text = typeof query === 'string' ? query : print(query);
      const { result, status } = await ask(text, variables as Record<string, unknown> | null, as);
      return {
        status,
        data: result.data,
        codes: (result.errors ?? []).map(({ extensions }) => extensions.code),
        errors: result.errors ?? [],
      };
    },
    /** Keys that are just there, made without deciding: names → ids. */
    async plant(names: readonly string[], { keyspace = 'default', workspaceId = 'acme', data = {} } = {}) {
      const ids: string[] = [];
      for (const name of names) {
        const id = author.keyId(`${workspaceId} ${name}`);
        const event = created(name, { data: { keyspace, ...data } });
        await log.append([encodeRecord(await author.next(id, event, { workspaceId }))]);
        ids.push(id);
      }
      await settle();
      return ids;
    },
    async stop() {
      waiter.close();
      await projector.stop();
      await log.close();
    },
  };
}

/** A store that counts what its views are asked; the pointer's document is not among it. */
function counted(inner: ReadStore): { readonly store: ReadStore; readonly queries: string[] } {
  const queries: string[] = [];
  const count = (view: GenerationView): GenerationView =>
    new Proxy(view, {
      get(target, name: keyof GenerationView) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown => {
          queries.push(name);
          return Reflect.apply(member, target, given);
        };
      },
    });
  const parked = {
    ...inner.parked,
    open: (filter?: Parameters<ReadStore['parked']['open']>[0]) => {
      queries.push('parked');
      return inner.parked.open(filter);
    },
  };
  return { store: { ...inner, parked, read: (work) => inner.read((view) => work(count(view))) }, queries };
}
