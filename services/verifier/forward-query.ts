// The query of forward-auth: what the gateway's operator asks of a key. Read once and kept, since a route asks the same
// each time. A member that is unknown, wrong or given twice is refused, and nothing of it is quoted.
import type { z } from 'zod';
import { problemOf, type Problem } from '../../events/problem.ts';
import { createMemo } from '../shared/memo.ts';
import { verifyRequest } from './request.ts';

const asked = verifyRequest
  .pick({ keyspace: true, scopes: true, permission: true, resource: true, flags: true, environment: true })
  .required({ keyspace: true });

/** What is asked of a key; each member as in `POST /v1/verify`. */
export type Asked = Readonly<z.infer<typeof asked>>;

export type ReadQuery =
  { readonly ok: true; readonly asked: Asked } | { readonly ok: false; readonly problem: Problem };

const SINGLE = ['keyspace', 'permission', 'resource', 'environment'];
/** May be repeated: all are needed. In the URL each is named by one of them. */
const LISTS: Readonly<Record<string, string>> = { scopes: 'scope', flags: 'flag' };
const MEMBERS = [...SINGLE, ...Object.values(LISTS)];

const refused = (member: string, message: string): ReadQuery => ({ ok: false, problem: { path: [member], message } });

function parse(text: string): ReadQuery {
  const given = new URLSearchParams(text);
  if ([...given.keys()].some((name) => !MEMBERS.includes(name)))
    return refused('query', `must have no members but ${MEMBERS.join(', ')}`);
  const twice = SINGLE.find((name) => given.getAll(name).length > 1);
  if (twice !== undefined) return refused(twice, 'must not be given twice');
  const [keyspace, permission, resource, environment] = SINGLE.map((name) => given.get(name) ?? undefined);
  const colon = resource?.indexOf(':') ?? 0;
  if (colon < 0) return refused('resource', 'must be type:id');
  const read = asked.safeParse({
    ...{ keyspace, permission, environment, scopes: given.getAll('scope'), flags: given.getAll('flag') },
    resource: resource && { type: resource.slice(0, colon), id: resource.slice(colon + 1) },
  });
  if (read.success) return { ok: true, asked: read.data };
  const { path, message } = problemOf(read.error);
  const [member = 'query', ...rest] = path;
  return { ok: false, problem: { path: [LISTS[member] ?? member, ...rest], message } };
}

const MAX_KEPT = 1000;

/**
 * Reads `keyspace` (required), `scope` and `flag` (repeated: all needed), `permission`, `resource` (`type:id`) and
 * `environment`. Only good queries are kept: a key that was put into one leaves no trace.
 *
 * @param text what stands behind the question mark.
 */
export const readForwardQuery = createMemo(parse, MAX_KEPT, ({ ok }) => ok);

/** The part of an Envoy URL's query that its operator wrote, and the client's path and query behind it. */
export interface PrefixedQuery {
  readonly query: string;
  /** `null`: there is none. */
  readonly path: string | null;
}

const PATH = /(?:^|&)path=/;

/**
 * Takes the client's part off: what stands behind the first `path=`, as it is. `null` where the operator's part holds a
 * slash: then Envoy has put the client's path behind another member, and the client could write members of its own.
 * An operator writes a slash of a value as %2F.
 */
export function splitPrefixed(text: string): PrefixedQuery | null {
  const end = PATH.exec(text);
  const query = end === null ? text : text.slice(0, end.index);
  if (query.includes('/')) return null;
  return { query, path: end === null ? null : text.slice(end.index + end[0].length) };
}
