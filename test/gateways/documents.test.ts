// docs/gateways/ against the verifier: what the configurations ask, and by which headers, is what it reads and answers.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TOKEN_HEADER } from '../../services/verifier/forward-request.ts';
import { readForwardQuery, splitPrefixed } from '../../services/verifier/forward-query.ts';
import { GATEWAYS, type GatewayName } from '../../services/verifier/gateways.ts';
import { FLAVOURS, IDENTITY } from '../verifier/forward-support.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs', 'gateways');
const text = (path: string): string => readFileSync(join(DOCS, path), 'utf8');
const config = (name: GatewayName): string =>
  readdirSync(join(DOCS, name))
    .map((file) => text(join(name, file)))
    .join('\n');
/** Without comments. */
const said = (name: GatewayName): string => config(name).replace(/(^|\s)#.*$/gm, '$1');

const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/\$orders_scope/g, 'orders:read'],
  [/\$agent|\{re\.agent\.1\}/g, 'a-1'],
];
/** The questions that a configuration asks, as the verifier gets them. */
function questions(name: GatewayName): string[] {
  const forms = {
    nginx: /set \$keyfold_asks "([^"]+)"/g,
    caddy: /import keyfold (\S+)/g,
    traefik: /\/v1\/forward-auth\/traefik\?([^'\s]+)/g,
    envoy: /path_prefix: \/v1\/forward-auth\/envoy\?(\S+)/g,
  };
  return [...said(name).matchAll(forms[name])].map(([, query = '']) =>
    PLACEHOLDERS.reduce((filled, [from, to]) => filled.replace(from, to), query),
  );
}

const presets = new Set(readdirSync(join(DOCS, '..', '..', 'keyspaces')).map((file) => file.replace('.yaml', '')));

describe.each(FLAVOURS)('%s', (name) => {
  test('asks its own endpoint, and questions that the verifier takes, of keyspaces that there are', () => {
    const asked = [...said(name).matchAll(/\/v1\/forward-auth\/(\w+)/g)].map(([, flavour]) => flavour);
    expect(new Set(asked)).toEqual(new Set([name]));
    const all = questions(name);
    expect(all.length).toBeGreaterThanOrEqual(2);
    for (const query of all) {
      const own = name === 'envoy' ? (splitPrefixed(query)?.query ?? '') : query;
      const read = readForwardQuery(own);
      expect(read.ok, query).toBe(true);
      if (read.ok) expect(presets).toContain(read.asked.keyspace);
      if (name === 'envoy') expect(query.endsWith('&path=')).toBe(true);
    }
    const preflights = [
      ...said(name).matchAll(/origin-allowed\/([\w-]+)|keyfold-preflight (\S+)|\/preflight\/([\w-]+) last/g),
    ];
    expect(preflights.some((match) => match.includes('voice-agent'))).toBe(true);
  });

  test('sends the verifier’s token, and names the original request by the headers that are read of it', () => {
    expect(said(name)).toContain(TOKEN_HEADER);
    const { original } = GATEWAYS[name];
    const own = said(name).toLowerCase();
    // Traefik sets its own by itself; Envoy has them in the request line.
    if (original !== null && name !== 'traefik')
      for (const header of [original.method, original.path]) expect(own).toContain(header);
    const foreign = ['x-original-method', 'x-original-uri', 'x-forwarded-method', 'x-forwarded-uri'].filter(
      (header) => original === null || ![original.method, original.path].some((each) => each === header),
    );
    for (const header of foreign) expect(own).not.toContain(header);
  });

  test('hands on every identity header, and those of limits where it can', () => {
    for (const header of IDENTITY) expect(said(name).toLowerCase(), header).toContain(header);
    if (name !== 'traefik')
      for (const header of ['ratelimit', 'ratelimit-policy']) expect(said(name).toLowerCase()).toContain(header);
  });
});

interface Traefik {
  readonly http: {
    readonly middlewares: Readonly<
      Record<
        string,
        {
          readonly forwardAuth?: Readonly<Record<string, unknown>>;
          readonly headers?: { readonly customRequestHeaders: Readonly<Record<string, string>> };
        }
      >
    >;
    readonly routers: Readonly<Record<string, { readonly middlewares: readonly string[]; readonly service: string }>>;
    readonly services: Readonly<Record<string, unknown>>;
  };
}

test('Traefik: YAML; every router to the upstream has the token, a question and the removal of both, in this order', () => {
  const { http } = parse(text('traefik/keyfold.yml')) as Traefik;
  for (const [name, { middlewares, service }] of Object.entries(http.routers)) {
    expect(Object.keys(http.services)).toContain(service);
    for (const each of middlewares) expect(Object.keys(http.middlewares), name).toContain(each);
    if (service !== 'app') continue;
    const [first = '', question = '', last = ''] = middlewares;
    expect(first).toBe('keyfold-token');
    const asked = http.middlewares[question]?.forwardAuth;
    const credential = String(asked?.address).includes('keyspace=voice-agent') ? 'Authorization' : 'X-API-Key';
    const removed = { 'X-Keyfold-Verifier-Token': '', 'X-Keyfold-Code': '', [credential]: '' };
    expect(http.middlewares[last]?.headers?.customRequestHeaders, name).toMatchObject(removed);
    expect(asked).toMatchObject({ trustForwardHeader: false });
    expect((asked?.authResponseHeaders as string[]).map((header) => header.toLowerCase())).toEqual(IDENTITY);
  }
});

interface Envoy {
  readonly static_resources: {
    readonly listeners: readonly [
      { readonly filter_chains: readonly [{ readonly filters: readonly [{ readonly typed_config: Hcm }] }] },
    ];
    readonly clusters: readonly { readonly name: string }[];
  };
}
interface Hcm {
  readonly use_remote_address: boolean;
  readonly path_with_escaped_slashes_action: string;
  readonly common_http_protocol_options: unknown;
  readonly route_config: { readonly virtual_hosts: readonly [{ readonly routes: readonly Route[] }] };
  readonly http_filters: readonly { readonly name: string; readonly typed_config: Readonly<Record<string, unknown>> }[];
}
interface Route {
  readonly route: { readonly cluster: string };
  readonly typed_per_filter_config: Readonly<Record<string, { readonly disabled: boolean }>>;
}

test('Envoy: YAML; fails closed, reads paths in one way, and every route to the upstream has exactly one question', () => {
  const { static_resources: of } = parse(text('envoy/envoy.yaml')) as Envoy;
  const hcm = of.listeners[0].filter_chains[0].filters[0].typed_config;
  expect(hcm).toMatchObject({
    ...{ use_remote_address: true, normalize_path: true, path_with_escaped_slashes_action: 'REJECT_REQUEST' },
    common_http_protocol_options: { headers_with_underscores_action: 'REJECT_REQUEST' },
  });
  const names = hcm.http_filters.map(({ name }) => name);
  expect(names.at(-1)).toBe('envoy.filters.http.router');
  const exact = (list: unknown): string[] =>
    (list as { patterns: { exact: string; ignore_case: boolean }[] }).patterns.map((pattern) => pattern.exact);
  for (const { name, typed_config: config } of hcm.http_filters.slice(0, -1)) {
    expect(config, name).toMatchObject({ failure_mode_allow: false, status_on_error: { code: 'ServiceUnavailable' } });
    const service = config.http_service as { authorization_response: Record<string, unknown> };
    expect(exact(service.authorization_response.allowed_upstream_headers)).toEqual(IDENTITY);
    const asked = exact(config.allowed_headers);
    expect(asked).toEqual(expect.arrayContaining(['authorization', 'x-api-key', 'origin', 'x-forwarded-for']));
  }
  for (const { route, typed_per_filter_config: filters } of hcm.route_config.virtual_hosts[0].routes) {
    expect(of.clusters.map(({ name }) => name)).toContain(route.cluster);
    const off = Object.entries(filters)
      .filter(([, { disabled }]) => disabled)
      .map(([name]) => name);
    for (const name of off) expect(names).toContain(name);
    expect(names.length - 1 - off.length).toBe(route.cluster === 'app' ? 1 : 0);
  }
});

test('the page names every file, and every status that nginx tells', () => {
  const page = text('README.md');
  for (const name of FLAVOURS) expect(page).toContain(`](${name}`);
  const told = [...said('nginx').matchAll(/location = \/_keyfold\/refused\/(\d+)[^}]*return (\d+) /g)];
  expect(told.length).toBeGreaterThan(5);
  for (const [, place, status = ''] of told) {
    expect(place).toBe(status);
    expect(page).toMatch(new RegExp(`^\\| nginx .*\\b${status}\\b`, 'm'));
  }
});
