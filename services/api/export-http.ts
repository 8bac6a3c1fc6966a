// GET /v1/events/export: a bundle as NDJSON, as fast as it is taken. Who may see all history of a workspace gets that one's,
// operators everything. What goes wrong after the first byte cuts the connection: a bundle without its last line is none.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import * as fields from '../../events/fields.ts';
import { formatActor } from '../../events/ids.ts';
import { mayDo } from '../../events/key/subject.ts';
import { decodePosition, encodePosition, type Position } from '../../events/position.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { Caller } from '../../schema/context.ts';
import type { AddressSource } from '../shared/client-address.ts';
import type { Logger } from '../shared/logger.ts';
import { requestId } from '../shared/request-id.ts';
import { refusalOf, refuse, REFUSALS, type FrontRefusal } from './answers.ts';
import { bundleLines, type ExportSources } from './export-lines.ts';
import {
  ExportRefusedError,
  planExport,
  type ExportPlan,
  type ExportRequest,
  type PlanOptions,
} from './export-plan.ts';
import { createPatientWriter, OutOfPatienceError, type PatienceLimits } from './export-patience.ts';
import { createExportSlots, type ExportSlotLimits, type Slot } from './export-slots.ts';
import type { IdentityService } from './identity.ts';
import type { Route } from './routes.ts';
import { isCsrfSafe } from './same-origin.ts';

export const EXPORT_PATH = '/v1/events/export';
const MAX_KEPT = 20;
const EVERY_STATUS = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED', 'DELETED'] as const;

/** What was read by whom. */
export interface ExportReading {
  readonly caller: Caller;
  readonly requestId: string;
  readonly workspaceId: string | null;
  /** Numbers of checkpoints. */
  readonly from: number | null;
  readonly to: number;
}

export interface ExportHttpOptions extends PlanOptions {
  readonly store: ReadStore;
  readonly dataKeys: ExportSources['dataKeys'];
  /** Of the log. */
  readonly partitions: number;
  readonly identity: Pick<IdentityService, 'authenticate'>;
  readonly clientAddress: (request: AddressSource) => string | null;
  /** Sets an answer's CORS headers. */
  readonly cors: (request: IncomingMessage, response: ServerResponse) => void;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Called before the first byte; what it throws keeps the export from happening. */
  readonly recordRead?: (reading: ExportReading) => Promise<void>;
  /** How many run at once, and how long one waits for its reader; absent: the usual. */
  readonly slots?: ExportSlotLimits;
  readonly patience?: PatienceLimits;
}

const FORBIDDEN = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'Export needs a role in this workspace that sees all of its history; without a workspace, an operator.',
} as const;
const RETRY_AFTER = { headers: { 'retry-after': '5' } } as const;
const BUSY: Readonly<Record<Extract<Slot, { full: string }>['full'], FrontRefusal>> = {
  caller: {
    ...{ status: 429, code: 'RATE_LIMITED', ...RETRY_AFTER },
    message: 'This caller has as many exports running as it may: let one end first.',
  },
  workspace: {
    ...{ status: 429, code: 'RATE_LIMITED', ...RETRY_AFTER },
    message: 'As many exports of this run as may at once: let one end first.',
  },
  process: {
    status: 503,
    code: 'UNAVAILABLE',
    message: 'Too many exports are running: ask again, or another process.',
  },
};
const AWAY = { status: 503, code: 'UNAVAILABLE', message: 'The read store does not answer: ask again.' } as const;
const ONLY_GET = { ...REFUSALS.method, message: 'Use GET.', headers: { allow: 'GET, OPTIONS' } } as const;
const badInput = (message: string): FrontRefusal => ({ status: 400, code: 'BAD_USER_INPUT', message });

export function createExportHttp(options: ExportHttpOptions): Route {
  const { identity, clientAddress, cors, logger, store, recordRead, partitions } = options;
  const sources: ExportSources = { store, checkpoints: store.checkpoints, dataKeys: options.dataKeys, partitions };
  const slots = createExportSlots(options.slots);

  async function callerOf(
    request: IncomingMessage,
    query: URLSearchParams,
    id: string,
  ): Promise<Caller | FrontRefusal> {
    if (!isCsrfSafe(request.rawHeaders)) return REFUSALS.csrf;
    const ip = clientAddress(request);
    const userAgent = request.headers['user-agent'] ?? null;
    const call = { id, method: 'GET', path: EXPORT_PATH, userAgent: userAgent ?? undefined };
    const authentication = await identity.authenticate(request.rawHeaders, query, ip, call);
    return authentication.ok ? { ...authentication.identity, ip, userAgent } : refusalOf(authentication);
  }

  async function planned(caller: Caller, asked: ExportRequest): Promise<ExportPlan | FrontRefusal> {
    try {
      const plan = await planExport(options, asked);
      // Once more: keys may have come before what was signed for it.
      return (await mayExport(store, caller, asked.workspaceId)) ? plan : FORBIDDEN;
    } catch (error) {
      if (error instanceof ExportRefusedError) return badInput(error.message);
      throw error;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse, search: string): Promise<void> {
    const id = requestId(request.rawHeaders);
    response.setHeader('x-request-id', id);
    const query = new URLSearchParams(search);
    try {
      const caller = await callerOf(request, query, id);
      if ('status' in caller) {
        refuse(response, caller);
        return;
      }
      const asked = readQuery(query, partitions);
      if ('status' in asked) {
        refuse(response, asked);
        return;
      }
      if (!(await mayExport(store, caller, asked.workspaceId))) {
        refuse(response, FORBIDDEN);
        return;
      }
      if (response.destroyed) return;
      // Only now: who may export nothing takes nobody's place.
      const slot = slots.take(formatActor(caller.actor), asked.workspaceId);
      if ('full' in slot) refuse(response, BUSY[slot.full]);
      else await run(response, { caller, asked, id }).finally(slot.release);
    } catch (error) {
      if (error instanceof OutOfPatienceError) logger.info({ requestId: id }, `an export was cut: ${error.message}`);
      else logger.warn({ err: error, requestId: id }, 'an export broke off');
      if (response.headersSent) response.destroy();
      else refuse(response, AWAY);
    }
  }

  async function run(
    response: ServerResponse,
    { caller, asked, id }: { caller: Caller; asked: ExportRequest; id: string },
  ): Promise<void> {
    const plan = await planned(caller, asked);
    if ('status' in plan) {
      refuse(response, plan);
      return;
    }
    const reading = { workspaceId: plan.workspaceId, from: plan.from?.checkpoint.number ?? null };
    await recordRead?.({ caller, requestId: id, ...reading, to: plan.main.checkpoint.number });
    if (!(await send(response, plan))) logger.debug({ requestId: id }, 'the reader of an export has left');
  }

  /** `false`: the reader has left. */
  async function send(response: ServerResponse, plan: ExportPlan): Promise<boolean> {
    const name = `${plan.workspaceId ?? 'all'}-${plan.main.checkpoint.number}.ndjson`;
    const writer = createPatientWriter(response, options.patience);
    for await (const text of bundleLines(sources, plan)) {
      // Not before: what has not begun can still be refused in words.
      if (!response.headersSent && !response.destroyed)
        response.writeHead(200, {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'content-disposition': `attachment; filename="${name}"`,
        });
      if (!(await writer.write(text))) return false;
    }
    return writer.end();
  }

  return (request, response, path, search) => {
    if (path !== EXPORT_PATH) return null;
    cors(request, response);
    if (request.method === 'OPTIONS') response.writeHead(204, ONLY_GET.headers).end();
    else if (request.method !== 'GET') refuse(response, ONLY_GET);
    else return answer(request, response, search);
    return Promise.resolve();
  };
}

/** Of a workspace all who see the history of every key that it has; of everything operators. Keys never do. */
async function mayExport(store: ReadStore, caller: Caller, workspaceId: string | null): Promise<boolean> {
  if (caller.operator) return true;
  const standing = workspaceId === null ? undefined : caller.workspaces.get(workspaceId);
  if (typeof standing !== 'string') return false;
  if (workspaceId === null) return false;
  return store.read(async (view) => {
    const profiles = Object.values((await view.keyspaces()).profiles).map(({ profile }) => profile);
    const keyspaces = profiles.filter((each) => !mayDo(each, standing, 'seeHistory')).map(({ slug }) => slug);
    if (keyspaces.length === 0) return true;
    // Statuses are judged at some time, whichever: all are asked for.
    const query = { workspaceId, keyspaces, filter: { status: EVERY_STATUS }, now: '1970-01-01T00:00:00.000Z' };
    return (await view.countKeys(query)) === 0;
  });
}

const number = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);

const PARAMETERS = ['workspace', 'from', 'to', 'checkpoint'];

function readQuery(query: URLSearchParams, partitions: number): ExportRequest | FrontRefusal {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) return badInput(`Only ${PARAMETERS.join(', ')} may be asked for.`);
  const read = (name: 'workspace' | 'from' | 'to'): string | null => query.get(name);
  const twice = ['workspace', 'from', 'to'].find((name) => query.getAll(name).length > 1);
  if (twice !== undefined) return badInput(`${twice} is given more than once: only checkpoint may be.`);
  const workspaceId = read('workspace');
  if (workspaceId !== null && !fields.workspaceId.safeParse(workspaceId).success)
    return badInput('workspace must be the id of a workspace.');
  const positions: Record<'from' | 'to', Position | null> = { from: null, to: null };
  for (const name of ['from', 'to'] as const) {
    const token = read(name);
    if (token === null) continue;
    const position = decodePosition(token);
    if (!position || Object.keys(position).some((partition) => Number(partition) >= partitions))
      return badInput(`${name} must be a position, as the API answers it.`);
    positions[name] = position;
  }
  const { from } = positions;
  if (from && Object.keys(from).length < partitions)
    return badInput(
      `from must name every partition, as a workspace's position does; ${encodePosition(from)} does not.`,
    );
  const kept = z.array(number).max(MAX_KEPT).safeParse(query.getAll('checkpoint'));
  if (!kept.success) return badInput(`checkpoint must be the number of a checkpoint; at most ${MAX_KEPT} of them.`);
  return { workspaceId, ...positions, kept: kept.data };
}
