// ANY /v1/forward-auth/{nginx|caddy|traefik|envoy}: a gateway asks whether it may let a request pass. An answer that lets
// it pass carries every identity header, a refusal none. The body of a request is never read.
import type { IncomingMessage } from 'node:http';
import { entryOf, type KeyspaceEntry } from '../../events/keyspaces/state.ts';
import type { Problem } from '../../events/problem.ts';
import type { AddressSource } from '../shared/client-address.ts';
import { createMemo } from '../shared/memo.ts';
import { createTokenCheck } from './caller.ts';
import type { Checker } from './checker.ts';
import { credentialHeaders } from './credential-headers.ts';
import { mapRefusal } from './error-map.ts';
import { readForwardQuery } from './forward-query.ts';
import { createForwardHeaders, readForward, type ForwardHeaders } from './forward-request.ts';
import { GATEWAYS, type Gateway } from './gateways.ts';
import { identityHeaders } from './identity.ts';
import type { Judge, Judged } from './judge.ts';
import type { OutcomeCounter } from './outcome-counter.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { asciiReply, inHeader, inputRefusal, reply, type FlatHeaders, type Reply } from './responses.ts';
import type { VerifyRequest } from './request.ts';

const PREFIX = '/v1/forward-auth/';
const BEHIND_NAME = /[/?]/;

export interface ForwardAuthOptions {
  readonly checker: Pick<Checker, 'view' | 'ready'>;
  readonly judge: Pick<Judge, 'judge'>;
  /** VERIFIER_TOKEN; `null`: whoever reaches the port may ask. */
  readonly token: string | null;
  /** The client's address behind TRUSTED_PROXIES; `null`: unknown. */
  readonly clientAddress: (request: AddressSource) => string | null;
  readonly requestId: (given: string | null) => string;
  readonly outcomes: Pick<OutcomeCounter, 'count' | 'countStale'>;
  /** Seconds, of what cannot be told now. */
  readonly retryAfter: string;
  /** Told of every question without {@link ForwardAuthOptions.token}. */
  readonly onUnknownGateway: () => void;
}

/** A request to one of forward-auth's URLs. */
export interface Forwarded {
  readonly requestId: string;
  /** It announces a body, which nobody reads. */
  readonly hasBody: boolean;
  readonly judge: () => Reply | Promise<Reply>;
}

/** `null`: the URL is none of forward-auth's. */
export type ForwardAuth = (request: IncomingMessage) => Forwarded | null;

/** A request of a gateway on its way to an answer. */
interface Call {
  readonly gateway: Gateway;
  readonly request: IncomingMessage;
  readonly headers: ForwardHeaders;
  /** As it was told on arrival: a connection that was reset since has none. */
  readonly ip: string | null;
  readonly requestId: string;
}

/** What a URL says. */
interface Routed {
  readonly gateway: Gateway;
  readonly readHeaders: ReturnType<typeof createForwardHeaders>;
  readonly query: string;
}

const MAX_URLS = 1000;
const isGoodQuery = (query: string | undefined): boolean => query !== undefined && readForwardQuery(query).ok;

/** Of every refusal. The code is the outcome's own name, whatever an error map makes of it in the body. */
const told = (code: string, requestId: string): FlatHeaders => ['x-keyfold-code', code, 'x-request-id', requestId];
/** What a gateway that hands on no body tells its client by. */
const besides = ({ relaysBody }: Gateway, status: number, body: string): FlatHeaders =>
  relaysBody ? [] : ['x-keyfold-status', status, 'x-keyfold-body', inHeader(body)];
const challenged = (challenge: string): FlatHeaders => ['www-authenticate', challenge];

export function createForwardAuth(options: ForwardAuthOptions): ForwardAuth {
  const { checker, judge, token, clientAddress, requestId: idFor, outcomes, retryAfter, onUnknownGateway } = options;
  const isCaller = createTokenCheck(token);
  const routes = new Map(
    Object.entries(GATEWAYS).map(([name, gateway]: [string, Gateway]): [string, Omit<Routed, 'query'>] => [
      name,
      { gateway, readHeaders: createForwardHeaders(gateway) },
    ]),
  );

  function answer(call: Call, query: string): Reply | Promise<Reply> {
    const { gateway, request, headers: sent, ip, requestId } = call;
    if (!isCaller(sent.token)) return refuseGateway(call);
    const read = readForward(gateway, { method: request.method ?? null, query }, sent);
    if (!read.ok) return read.byClient ? refuseClient(call, read.problem) : refuseQuery(call, read.problem);
    const view = checker.view();
    const keyspace = view === null ? undefined : entryOf(view.keyspaces, read.asked.keyspace);
    if (keyspace === undefined) {
      const problem = { path: ['keyspace'], message: 'must be a keyspace of this installation' };
      return checker.ready() ? refuseQuery(call, problem) : stale(call);
    }
    const { keyspace: slug, scopes, permission, resource, flags, environment } = read.asked;
    return check(
      call,
      {
        // Named one by one: a spread costs as much as all checks.
        keyspace: slug,
        scopes,
        permission,
        resource,
        flags,
        environment,
        key: credentialHeaders(keyspace).read(request.rawHeaders, read.path),
        origin: sent.origin ?? undefined,
        ip: ip ?? undefined,
        request: {
          id: requestId,
          method: read.method ?? undefined,
          path: read.path ?? undefined,
          userAgent: sent.userAgent ?? undefined,
        },
      },
      keyspace,
    );
  }

  function check(call: Call, asked: VerifyRequest, keyspace: KeyspaceEntry): Reply | Promise<Reply> {
    const judged = judge.judge(asked, call.requestId);
    return judged instanceof Promise ? judged.then((late) => tell(call, keyspace, late)) : tell(call, keyspace, judged);
  }

  // L4: of the tick of the verdict.
  function tell(call: Call, keyspace: KeyspaceEntry, judged: Judged | null): Reply {
    const { gateway, requestId } = call;
    if (judged === null) return stale(call);
    const { verdict } = judged;
    const { code } = verdict;
    outcomes.count(verdict, { keyspace: keyspace.profile.slug });
    const limit = rateLimitHeaders(judged);
    if (code === 'VALID') {
      const headers = identityHeaders(verdict.record, requestId);
      // Ids of requests need no escaping.
      const body = `{"code":"VALID","requestId":"${requestId}"}`;
      return asciiReply(body, limit.length === 0 ? headers : [...headers, ...limit]);
    }
    const { advice, challenge } = credentialHeaders(keyspace);
    const mapped = mapRefusal(code, keyspace.profile.errors, { advice, requestId });
    const status = gateway.relays(mapped.status) ? mapped.status : 403;
    const more = [...told(code, requestId), ...limit, ...besides(gateway, mapped.status, mapped.body)];
    return reply(status, mapped.body, status === 401 ? [...more, ...challenged(challenge)] : more);
  }

  /** By no profile's error map: that one would be as stale. */
  function stale(call: Call): Reply {
    outcomes.countStale();
    return cannotTell(call, 'STALE', 'the verifier cannot prove that its view is fresh');
  }

  /** Whoever configured it is wrong, not its client, whose key may be good: only our log says what is wrong. */
  function refuseGateway(call: Call): Reply {
    onUnknownGateway();
    return cannotTell(call, 'UNAVAILABLE', 'the key cannot be checked at present');
  }

  function cannotTell({ gateway, requestId }: Call, code: string, message: string): Reply {
    const body = JSON.stringify({ code, message, requestId });
    const more = [...told(code, requestId), 'retry-after', retryAfter, ...besides(gateway, 503, body)];
    return reply(gateway.stale, body, more);
  }

  /** 400 from every gateway: whoever configured it is wrong, not the client. */
  function refuseQuery({ requestId }: Call, problem: Problem): Reply {
    return inputRefusal(requestId, problem, told('INVALID_INPUT', requestId));
  }

  /** As a gateway can hand it on. */
  function refuseClient({ gateway, requestId }: Call, problem: Problem): Reply {
    const { status, headers, body, encoding } = inputRefusal(requestId, problem);
    const more = [...told('INVALID_INPUT', requestId), ...besides(gateway, status, body)];
    return { status: gateway.relays(status) ? status : 403, headers: [...headers, ...more], body, encoding };
  }

  /** `null`: the URL is none of forward-auth. */
  function readUrl(url: string): Routed | null {
    if (!url.startsWith(PREFIX)) return null;
    const rest = url.slice(PREFIX.length);
    const end = rest.search(BEHIND_NAME);
    const name = end < 0 ? rest : rest.slice(0, end);
    const behind = rest.slice(name.length);
    const route = routes.get(name);
    if (route === undefined) return null;
    // Of Envoy it is the client's path behind a prefix without a query, and is refused with a reason.
    if (behind.startsWith('/') && route.gateway.original !== null) return null;
    return { ...route, query: behind.startsWith('?') ? behind.slice(1) : behind };
  }
  /** Of the other gateways a route has the same URL each time. What is kept holds nothing but good queries. */
  const routed = createMemo(readUrl, MAX_URLS, (of) => of?.gateway.original !== null && isGoodQuery(of?.query));

  return (request) => {
    const of = routed(request.url ?? '');
    if (of === null) return null;
    const { gateway, readHeaders, query } = of;
    const headers = readHeaders(request.rawHeaders);
    const requestId = idFor(headers.requestId);
    const call = { gateway, request, headers, ip: clientAddress(request), requestId };
    return { requestId, hasBody: headers.hasBody, judge: () => answer(call, query) };
  };
}
