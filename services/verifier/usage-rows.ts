// Usage rows: the calls that the request log keeps, as a batch says them (events/usage-format.ts). A row is written when the
// call is made, outside the heap: what is kept of calls until they are sent is nothing that garbage collection must look at.
// No secret leaves this file: every text that a caller chose is redacted (redact.ts), once for as many calls as have it, and
// a path loses its query.
import { encodePosition, type Position } from '../../events/position.ts';
import { USAGE_FORMAT } from '../../events/usage-format.ts';
import type { LoggedRequest } from '../../events/usage.ts';
import { createAsciiText } from '../shared/ascii-text.ts';
import { REDACTED, redact } from '../shared/redact.ts';
import type { VerifyRequest } from './request.ts';
import { asciiJson } from './responses.ts';
import type { CountedChecks } from './usage-counts.ts';
import { batchHead } from './usage-file.ts';

/** What was folded, and its token once it is asked for: shared by all calls that were judged on it. */
export interface SeenPosition {
  readonly position: Position;
  token: string | null;
}

/** A call, besides what was asked. */
export interface Call {
  /** Letters, digits and . _ - only. */
  readonly requestId: string;
  /** Effective now (L11) of the verdict, epoch milliseconds. */
  readonly now: number;
  /** What it is counted with: whose it was, and what it came to. */
  readonly checks: CountedChecks;
  /** Of a retired secret: what its keyspace shows of it. */
  readonly preview: string | null;
  readonly seen: SeenPosition;
}

export interface UsageRows {
  addCall(asked: VerifyRequest, call: Call): void;
  /** A row that says how many of these checks there were. */
  addChecks(checks: CountedChecks): void;
  calls(): number;
  /** Characters of the batch, about. */
  size(): number;
  /** Bytes that its calls come to when they are read again, each by itself, about: whoever folds a batch holds all of it. */
  weight(): number;
  /** Of memory, about. */
  bytes(): number;
  /** JSON of the batch, in UTF-8; the rows are done with. @param counted what other batches count: what this one does is added. */
  json(verifier: string, sequence: number, counted: Set<CountedChecks>): Buffer;
}

/** As events/usage.ts has them. */
const MAX = { method: 32, path: 8192, origin: 2048, ip: 64, userAgent: 2048, asked: 2048 } as const;

const COMMA = 0x2c;
/** Of a row that counts, about. */
const COUNT_CHARACTERS = 110;

/** Texts of one kind, each once. */
interface Column {
  place(text: string): number;
  json(): string;
}

/** @param write makes a text JSON. */
function createColumn(write: (text: string) => string, onGrowth: (characters: number) => void): Column {
  const places = new Map<string, number>();
  const written: string[] = [];
  let last: string | null = null;
  let lastPlace = 0;
  return {
    place: (text) => {
      // Often it is the one before: comparing costs less than hashing.
      if (text === last) return lastPlace;
      let place = places.get(text);
      if (place === undefined) {
        const json = write(text);
        place = written.push(json) - 1;
        places.set(text, place);
        onGrowth(json.length + 1);
      }
      last = text;
      lastPlace = place;
      return place;
    },
    json: () => `[${written.join(',')}]`,
  };
}

const asItIs = (json: string): string => json;
const redacted =
  (max: number) =>
  (text: string): string =>
    JSON.stringify(redact(text, max));

const CALL_WEIGHT = 512;
const ENTRY_BYTES = 64;
const lengthOf = (of: { readonly length: number } | undefined): number => (of === undefined ? 0 : of.length);

function weightOf({ request, origin, permission, scopes, flags }: VerifyRequest): number {
  const entries = lengthOf(scopes) + lengthOf(flags);
  const texts = lengthOf(request?.path) + lengthOf(request?.userAgent) + lengthOf(origin) + lengthOf(permission);
  return CALL_WEIGHT + texts + entries * ENTRY_BYTES;
}

export function createUsageRows(): UsageRows {
  /** Characters in tables, and how many texts and checks these have. */
  let size = 0;
  let entries = 0;
  let calls = 0;
  let weight = 0;
  let since: number | null = null;
  const requests = createAsciiText();
  const places = new Map<CountedChecks, number>();
  const grow = (characters: number): void => {
    size += characters;
    entries++;
  };
  const methods = createColumn(redacted(MAX.method), grow);
  const paths = createColumn(redacted(MAX.path), grow);
  const origins = createColumn(redacted(MAX.origin), grow);
  const ips = createColumn(redacted(MAX.ip), grow);
  const agents = createColumn(redacted(MAX.userAgent), grow);
  const asks = createColumn(asItIs, grow);
  const positions = createColumn(JSON.stringify, grow);
  /** What the call before asked, without its key, and the place of that. */
  let before: Asked | null = null;
  let placeBefore = 0;

  const after = (ms: number): number => Math.floor(ms) - (since ??= Math.floor(ms));

  function placeOf(checks: CountedChecks): number {
    let place = places.get(checks);
    if (place !== undefined) return place;
    places.set(checks, (place = places.size));
    grow(COUNT_CHARACTERS);
    return place;
  }

  function placeOfAsked(asked: VerifyRequest): number {
    if (before !== null && asksTheSame(before, asked)) return placeBefore;
    before = askedOf(asked);
    return (placeBefore = asks.place(askedJson(before)));
  }

  function writePlace(column: Column, text: string | undefined): void {
    requests.character(COMMA);
    if (text === undefined) requests.text('null');
    else requests.integer(column.place(text));
  }

  function countsJson(counted: Set<CountedChecks>, workspaces: Column, keyspaces: Column): string {
    const rows: string[] = [];
    for (const checks of places.keys()) {
      const { key, keyVersion, keyspaceVersion, code, secret, hour } = checks;
      const times = counted.has(checks) ? '0,0,0' : `${checks.count},${after(checks.firstAt)},${after(checks.lastAt)}`;
      counted.add(checks);
      const shared = `${workspaces.place(key.workspaceId)},${keyspaces.place(key.keyspace)},${keyVersion}`;
      rows.push(`["${key.keyId}",${shared},${keyspaceVersion ?? 'null'},"${code}","${secret}",${hour},${times}]`);
    }
    return rows.join(',');
  }

  return {
    calls: () => calls,
    size: () => size + requests.length(),
    weight: () => weight,
    bytes: () => 2 * size + entries * ENTRY_BYTES + requests.length(),
    addChecks: (checks) => void placeOf(checks),
    addCall: (asked, { requestId, now, checks, preview, seen }) => {
      const { request } = asked;
      requests.text(calls === 0 ? '["' : ',["');
      requests.text(redact(requestId, MAX.asked) === requestId ? requestId : REDACTED);
      requests.text('",');
      requests.integer(after(now));
      requests.character(COMMA);
      requests.integer(placeOf(checks));
      writePlace(methods, request?.method);
      writePlace(paths, withoutQuery(request?.path));
      writePlace(origins, asked.origin);
      writePlace(ips, asked.ip);
      writePlace(agents, request?.userAgent);
      requests.character(COMMA);
      requests.integer(placeOfAsked(asked));
      requests.character(COMMA);
      requests.integer(positions.place((seen.token ??= encodePosition(seen.position))));
      if (preview !== null) requests.text(`,${asciiJson(preview)}`);
      requests.text(']');
      calls++;
      weight += weightOf(asked);
    },
    json: (verifier, sequence, counted) => {
      const workspaces = createColumn(JSON.stringify, () => undefined);
      const keyspaces = createColumn(JSON.stringify, () => undefined);
      const counts = countsJson(counted, workspaces, keyspaces);
      const tables = Object.entries({
        ...{ workspaces, keyspaces, methods, paths, origins, ips, agents, asked: asks, positions },
      }).map(([name, column]) => `"${name}":${column.json()}`);
      const head = `${batchHead({ verifier, sequence })}"format":${USAGE_FORMAT},"since":${since ?? 0}`;
      const start = Buffer.from(`${head},${tables.join(',')},"counts":[${counts}],"requests":[`);
      const json = Buffer.concat([start, requests.bytes(), Buffer.from(']}')]);
      requests.release();
      return json;
    },
  };
}

const QUERY = '?';
const FRAGMENT = '#';

function withoutQuery(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const query = path.indexOf(QUERY);
  const short = query < 0 ? path : path.slice(0, query);
  const fragment = short.indexOf(FRAGMENT);
  return fragment < 0 ? short : short.slice(0, fragment);
}

const isSameList = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a === b || (a?.length === b?.length && a?.every((entry, index) => entry === b?.[index]) === true);

/** What is asked of a key, which is not held. */
type Asked = Pick<VerifyRequest, 'keyspace' | 'scopes' | 'permission' | 'resource' | 'flags' | 'environment' | 'cost'>;

const askedOf = ({ keyspace, scopes, permission, resource, flags, environment, cost }: VerifyRequest): Asked => ({
  ...{ keyspace, scopes, permission, resource, flags, environment, cost },
});

const asksTheSame = (a: Asked, b: Asked): boolean =>
  a.keyspace === b.keyspace &&
  a.permission === b.permission &&
  a.environment === b.environment &&
  a.cost === b.cost &&
  a.resource?.type === b.resource?.type &&
  a.resource?.id === b.resource?.id &&
  isSameList(a.scopes, b.scopes) &&
  isSameList(a.flags, b.flags);

const word = (text: string): string => redact(text, MAX.asked);

/** Members that were not asked for are absent. */
function askedJson({ keyspace, scopes, permission, resource, flags, environment, cost }: Asked): string {
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
