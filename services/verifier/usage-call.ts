// A call that the request log keeps: what is noted of a check in its tick, and what is made of it later, off the hot path.
// No secret leaves this file: every text that a caller chose is redacted (redact.ts), and a path loses its query.
import type { LoggedRequest } from '../../events/usage.ts';
import { encodePosition, type Position } from '../../events/position.ts';
import type { KeyRecord } from './key-table.ts';
import { REDACTED, redact } from './redact.ts';
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
const BEHIND_PATH = /[?#]/;

const told = (text: string | undefined, max: number): string | null => (text === undefined ? null : redact(text, max));
const word = (text: string): string => redact(text, MAX.asked);

function withoutQuery(path: string | undefined): string | undefined {
  const at = path === undefined ? -1 : path.search(BEHIND_PATH);
  return at < 0 ? path : path?.slice(0, at);
}

export function loggedRequest(call: Call): LoggedRequest {
  const { requestId, now, record, code, secret, seen } = call;
  const { policy } = record;
  return {
    requestId: word(requestId) === requestId ? requestId : REDACTED,
    time: new Date(now).toISOString(),
    keyId: record.keyId,
    workspaceId: record.workspaceId,
    keyspace: policy.keyspace,
    code,
    secret,
    method: told(call.method, MAX.method),
    path: told(withoutQuery(call.path), MAX.path),
    origin: told(call.origin, MAX.origin),
    ip: told(call.ip, MAX.ip),
    userAgent: told(call.userAgent, MAX.userAgent),
    asked: askedBy(call),
    keyVersion: record.version,
    keyspaceVersion: policy.keyspaceVersion,
    position: (seen.token ??= encodePosition(seen.position)),
  };
}

function askedBy({ keyspace, scopes, permission, resource, flags, environment, cost }: Call): LoggedRequest['asked'] {
  return {
    ...(keyspace === undefined ? {} : { keyspace: word(keyspace) }),
    ...(scopes === undefined ? {} : { scopes: scopes.map(word) }),
    ...(permission === undefined ? {} : { permission: word(permission) }),
    ...(resource === undefined ? {} : { resource: { type: word(resource.type), id: word(resource.id) } }),
    ...(flags === undefined ? {} : { flags: flags.map(word) }),
    ...(environment === undefined ? {} : { environment: word(environment) }),
    ...(cost === undefined ? {} : { cost }),
  };
}
