// A call that the request log keeps: what is noted of a check in its tick, and what is made of it later, off the hot path.
// No secret leaves this file: every text that a caller chose is redacted (redact.ts), and a path loses its query.
import type { LoggedRequest } from '../../events/usage.ts';
import { encodePosition, type Position } from '../../events/position.ts';
import { isoTime } from './iso-time.ts';
import type { KeyRecord } from './key-table.ts';
import { createMemo } from './memo.ts';
import { REDACTED, redact } from '../shared/redact.ts';
import type { VerifyRequest } from './request.ts';
import type { SecretUsed } from './verify.ts';

/** What was folded, and its token once it is asked for: shared by all calls that were judged on it. */
export interface SeenPosition {
  readonly position: Position;
  token: string | null;
}

/** As it was noted: references only. Nothing of it holds the key or the HTTP request. */
export interface Call {
  readonly requestId: string;
  /** Effective now (L11) of the verdict, epoch milliseconds. */
  readonly now: number;
  readonly record: KeyRecord;
  readonly code: LoggedRequest['code'];
  readonly secret: SecretUsed;
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly origin: string | undefined;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  readonly keyspace: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly permission: string | undefined;
  readonly resource: { readonly type: string; readonly id: string } | undefined;
  readonly flags: readonly string[] | undefined;
  readonly environment: string | undefined;
  readonly cost: number | undefined;
  readonly seen: SeenPosition;
}

export function noteCall(
  asked: VerifyRequest,
  { record, code, secret }: Pick<Call, 'record' | 'code' | 'secret'>,
  now: number,
  requestId: string,
  seen: SeenPosition,
): Call {
  const { keyspace, scopes, permission, resource, flags, environment, cost, origin, ip, request } = asked;
  // Named one by one: a spread costs as much as all checks.
  return {
    requestId,
    now,
    record,
    code,
    secret,
    method: request?.method,
    path: request?.path,
    origin,
    ip,
    userAgent: request?.userAgent,
    keyspace,
    scopes,
    permission,
    resource,
    flags,
    environment,
    cost,
    seen,
  };
}

const CALL_BYTES = 512;
const ENTRY_BYTES = 64;
const lengthOf = (text: string | undefined): number => (text === undefined ? 0 : text.length);

/** Bytes that a call holds in memory, about. */
export function weightOf({ path, userAgent, origin, permission, scopes, flags }: Call): number {
  const entries = (scopes === undefined ? 0 : scopes.length) + (flags === undefined ? 0 : flags.length);
  return (
    CALL_BYTES + lengthOf(path) + lengthOf(userAgent) + lengthOf(origin) + lengthOf(permission) + entries * ENTRY_BYTES
  );
}

/** As events/usage.ts has them. */
const MAX = { method: 32, path: 8192, origin: 2048, ip: 64, userAgent: 2048, asked: 2048 } as const;
const MEMO = 1000;
const BEHIND_PATH = /[?#]/;

/** A text as JSON. */
const quoted = (text: string, max: number): string => JSON.stringify(redact(text, max));
const orNull = (text: string | undefined, max: number): string => (text === undefined ? 'null' : quoted(text, max));
const word = (text: string): string => redact(text, MAX.asked);
/** Of texts that come again and again. */
const agents = createMemo((text) => quoted(text, MAX.userAgent), MEMO);
const origins = createMemo((text) => quoted(text, MAX.origin), MEMO);

function withoutQuery(path: string | undefined): string | undefined {
  const at = path === undefined ? -1 : path.search(BEHIND_PATH);
  return at < 0 ? path : path?.slice(0, at);
}

/**
 * The call as JSON of `LoggedRequest` (events/usage.ts). Put together by hand: it is made of every check, and costs a third of
 * what an object would.
 */
export function callJson(call: Call): string {
  const { requestId, record, code, secret, userAgent, origin, seen } = call;
  const { keyId, workspaceId, version, policy } = record;
  const id = word(requestId) === requestId ? requestId : REDACTED;
  const told = `"requestId":"${id}","time":"${isoTime(Math.floor(call.now))}","keyId":"${keyId}","workspaceId":"${workspaceId}"`;
  const outcome = `"keyspace":"${policy.keyspace}","code":"${code}","secret":"${secret}"`;
  const line = `"method":${orNull(call.method, MAX.method)},"path":${orNull(withoutQuery(call.path), MAX.path)}`;
  const client = `"origin":${origin === undefined ? 'null' : origins(origin)},"ip":${orNull(call.ip, MAX.ip)}`;
  const agent = `"userAgent":${userAgent === undefined ? 'null' : agents(userAgent)}`;
  const state = `"keyVersion":${version},"keyspaceVersion":${policy.keyspaceVersion ?? 'null'}`;
  const position = (seen.token ??= encodePosition(seen.position));
  return `{${told},${outcome},${line},${client},${agent},"asked":${askedJson(call)},${state},"position":"${position}"}`;
}

/** Members that were not asked for are absent. */
function askedJson({ keyspace, scopes, permission, resource, flags, environment, cost }: Call): string {
  const asked: LoggedRequest['asked'] = {};
  if (keyspace !== undefined) asked.keyspace = word(keyspace);
  if (scopes !== undefined) asked.scopes = scopes.map(word);
  if (permission !== undefined) asked.permission = word(permission);
  if (resource !== undefined) asked.resource = { type: word(resource.type), id: word(resource.id) };
  if (flags !== undefined) asked.flags = flags.map(word);
  if (environment !== undefined) asked.environment = word(environment);
  if (cost !== undefined) asked.cost = cost;
  return JSON.stringify(asked);
}
