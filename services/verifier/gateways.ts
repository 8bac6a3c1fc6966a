// The gateways that forward-auth answers, as data: which of its own headers each names the original request by, and what
// it makes of an answer. A header of another gateway is never read: it would be the client's.

/** Where a gateway says what the client asked for, and what it hands on of an answer. */
export interface Gateway {
  /** Headers of the original method and path, in lower case; `null`: the request line has them. */
  readonly original: { readonly method: string; readonly path: string } | null;
  /** Whether the client gets a refusal of this status as it is; otherwise it is given as 403. */
  readonly relays: (status: number) => boolean;
  /** Whether the client gets a refusal's body; otherwise `X-Keyfold-Status` and `X-Keyfold-Body` have it, for the gateway to tell. */
  readonly relaysBody: boolean;
  /** The status of `STALE`. */
  readonly stale: 403 | 503;
}

const X_FORWARDED = { method: 'x-forwarded-method', path: 'x-forwarded-uri' };

/**
 * By the name in the URL. All four pass the client's own headers on (`Origin`, `User-Agent`, the credential), and all
 * name the client in `X-Forwarded-For`, which is believed as TRUSTED_PROXIES says (services/shared/client-address.ts).
 *
 * - **nginx**, `auth_request` (ngx_http_auth_request_module): the location must set `X-Original-Method $request_method`,
 *   `X-Original-URI $request_uri` and `X-Forwarded-For $remote_addr`, since it sets none by itself and passes on what the
 *   client sent. Whatever is neither 2xx nor 401 nor 403 becomes a 500,
 *   and no body reaches the client: what the client is to be told stands in `X-Keyfold-Status` and `X-Keyfold-Body`.
 * - **Caddy**, `forward_auth`: always a GET; sets `X-Forwarded-Method`, `X-Forwarded-Uri`, `X-Forwarded-For`, and hands
 *   every other answer to the client. Where an identity header of ours is empty, some versions leave the client's own one
 *   in place: `request_header -X-Keyfold-*` in front of it takes them away.
 * - **Traefik**, `ForwardAuth` without `trustForwardHeader`: as Caddy.
 * - **Envoy**, `ext_authz` with `http_service`: the original method, and `path_prefix` with the original path and query
 *   behind it. What stands behind the prefix is the client's, so the prefix ends in a last member `path=`:
 *   `/v1/forward-auth/envoy?keyspace=…&scope=…&path=` (forward-query.ts). Of the client's headers Envoy passes on
 *   `Authorization` and those of `allowed_headers`: the credential, `origin`, `user-agent`, `x-forwarded-for`; its own address, which it
 *   appends to the last, must be a trusted proxy. `x-envoy-external-address` is not read: Envoy leaves an internal
 *   client's own one in place. A 5xx counts as a failure of ours, which `failure_mode_allow` lets pass: no refusal is one.
 */
export const GATEWAYS = {
  nginx: {
    original: { method: 'x-original-method', path: 'x-original-uri' },
    relays: (status) => status === 401 || status === 403,
    relaysBody: false,
    stale: 403,
  },
  caddy: { original: X_FORWARDED, relays: () => true, relaysBody: true, stale: 503 },
  traefik: { original: X_FORWARDED, relays: () => true, relaysBody: true, stale: 503 },
  envoy: { original: null, relays: (status) => status < 500, relaysBody: true, stale: 503 },
} as const satisfies Record<string, Gateway>;

export type GatewayName = keyof typeof GATEWAYS;
