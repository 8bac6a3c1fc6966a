// What the screenshots show: a workspace of two months, with keys of every preset, the people who made and changed them,
// and calls. All of it went through the API and the verifier, each at its time.
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { readIssuerKey } from '../../services/shared/data-folder.ts';
import { apiClient, globalId, payload, verifierClient, type Api, type VerifierClient } from '../support/api.ts';
import type { EmbeddedFolder } from '../support/embedded-folder.ts';
import type { KeyfoldProcess } from '../support/processes.ts';
import { makeKey, type MadeKey } from './made-key.ts';
import { SHOWN_AT, withClock } from './screenshot-clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PEOPLE = ['maria.keller', 'tom.okafor'] as const;
type Name = (typeof PEOPLE)[number];

export interface Moment {
  readonly process: KeyfoldProcess;
  readonly url: string;
  readonly verifier: VerifierClient;
  readonly api: Readonly<Record<Name, Api>>;
  /** A one-time link's fragment. */
  readonly signIn: () => Promise<string>;
}

/** Keyfold on the folder, at a time. @param ago milliseconds before the screenshots are taken */
export async function startAt(folder: EmbeddedFolder, ago: number): Promise<Moment> {
  const ahead = SHOWN_AT - ago - Date.now();
  const process = folder.launch({ ...withClock(ahead), CHECKPOINT_EVENTS: '5' });
  await process.ready();
  const { api: url = '', verifier = '' } = process.urls();
  const clock = (): number => Date.now() + ahead;
  const issuer = createLocalIssuer({ key: await readIssuerKey(folder.path), claim: 'keyfold', clock });
  const token = (subject: string): Promise<string> =>
    issuer.mint({ subject, workspaces: { demo: 'admin' }, operator: true });
  const [maria, tom] = await Promise.all(PEOPLE.map(async (name) => apiClient({ url, token: await token(name) })));
  if (!maria || !tom) throw new Error('there are two people');
  return {
    process,
    url,
    verifier: verifierClient({ url: verifier, token: null }),
    api: { 'maria.keller': maria, 'tom.okafor': tom },
    async signIn() {
      const response = await fetch(`${url}/session/codes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${maria.token}` },
        body: '{}',
      });
      return new URL(((await response.json()) as { url: string }).url).hash;
    },
  };
}

type Keys = Map<string, MadeKey>;

/** Fills the folder; what is there afterwards by name. */
export async function fill(folder: EmbeddedFolder): Promise<ReadonlyMap<string, MadeKey>> {
  const keys: Keys = new Map();
  for (const [ago, work] of HISTORY.toSorted(([one], [other]) => other - one)) {
    const moment = await startAt(folder, ago);
    await work(moment, keys);
    await moment.process.stop();
  }
  return keys;
}

type Work = (moment: Moment, keys: Keys) => Promise<void>;

const make =
  (who: Name, keyspace: string, inputs: readonly Readonly<Record<string, unknown>>[]): Work =>
  async ({ api }, keys) => {
    for (const input of inputs) keys.set(String(input.name), await makeKey(api[who], { keyspace, ...input }));
  };
const all =
  (...works: readonly Work[]): Work =>
  async (moment, keys) => {
    for (const work of works) await work(moment, keys);
  };
const after = (days: number): string => new Date(SHOWN_AT + days * DAY).toISOString();
function of(keys: Keys, name: string): MadeKey {
  const key = keys.get(name);
  if (!key) throw new Error(`there is no key ${name}`);
  return key;
}

const CALLERS = [
  { ip: '203.0.113.7', userAgent: 'web-backend/4.2' },
  { ip: '203.0.113.9', userAgent: 'web-backend/4.2' },
  { ip: '198.51.100.24', userAgent: 'nightly-import/1.8' },
] as const;
const ROUTES = [
  { method: 'GET', path: '/v1/agents', scope: 'agents:read' },
  { method: 'GET', path: '/v1/agents/ag_7Kd2', scope: 'agents:read' },
  { method: 'GET', path: '/v1/contacts', scope: 'contacts:read' },
] as const;
const REFUSED = { method: 'POST', path: '/v1/contacts', scope: 'contacts:write' } as const;

/** Calls with a key of ayra; every 13th asks for more than most may. */
const call =
  (name: string, times: number): Work =>
  async ({ verifier }, keys) => {
    const { secret } = of(keys, name);
    for (let at = 0; at < times; at += 1) {
      const { scope, ...route } = at % 13 === 7 ? REFUSED : (ROUTES[at % ROUTES.length] ?? ROUTES[0]);
      const { ip, userAgent } = CALLERS[(at * 5) % CALLERS.length] ?? CALLERS[0];
      await verifier.verify(secret, { keyspace: 'ayra', scopes: [scope], ip, request: { ...route, userAgent } });
    }
  };

/** Runs of a workflow. */
const runs =
  (name: string, times: number): Work =>
  async ({ verifier }, keys) => {
    const request = { method: 'POST', path: '/api/v1/workflow/wf_31/run', userAgent: 'cron/2.0' };
    for (let at = 0; at < times; at += 1)
      await verifier.verify(of(keys, name).secret, {
        ...{ keyspace: 'dagen', scopes: ['workflows'], ip: '198.51.100.24', request },
      });
  };

const owner = { id: 'u-1204', email: 'front.end@example.com' };
const WEB = 'Production Web Application';
const HISTORY: readonly (readonly [ago: number, work: Work])[] = [
  [
    62 * DAY,
    all(
      make('maria.keller', 'ayra', [
        {
          name: WEB,
          environment: 'live',
          scopes: ['agents:read', 'contacts:read'],
          expiresAt: after(118),
          tags: ['web', 'EU region'],
          metadata: { purpose: 'Customer portal', usageLocation: 'Kubernetes, production' },
        },
        { name: 'Legacy Integration (Deprecated)', environment: 'test', scopes: ['admin:full'], tags: ['legacy'] },
      ]),
      make('tom.okafor', 'dagen', [
        { name: 'Prod nightly ETL caller', scopes: ['workflows'] },
        { name: 'Zapier bridge', scopes: ['agents', 'workflows'], rateLimit: { limit: 120, windowSeconds: 60 } },
      ]),
    ),
  ],
  [
    34 * DAY,
    all(
      make('tom.okafor', 'ayra', [
        { name: 'Mobile App - iOS', environment: 'live', scopes: ['agents:read', 'conversations:write'] },
        { name: 'CRM sync', environment: 'live', scopes: ['contacts:write', 'contacts:read'], expiresAt: after(21) },
        { name: 'Staging smoke tests', environment: 'test', scopes: ['agents:read'], expiresAt: after(-4) },
      ]),
      make('maria.keller', 'dronahq', [
        { name: 'Production backend', scopes: ['agent', 'voice_agent'], expiresAt: after(330) },
        { name: 'CI runner', scopes: ['data_agent'], resources: { ids: ['orders', 'returns'] } },
      ]),
      make('maria.keller', 'voice-agent', [
        { name: 'Web widget', type: 'public', origins: ['https://www.example.com'], owner },
        { name: 'Call centre', type: 'private', owner },
      ]),
    ),
  ],
  [
    20 * DAY,
    all(
      make('maria.keller', 'ayra', [
        { name: 'Analytics Dashboard', environment: 'live', scopes: ['analytics:read', 'conversations:read'] },
        { name: 'Partner feed', environment: 'live', scopes: ['agents:read'], expiresAt: after(70) },
      ]),
      make('tom.okafor', 'project-admin', [
        { name: 'CRM_Production', scopes: ['calls:read', 'messages:write'] },
        { name: 'Booking_App', scopes: ['agents:write'] },
      ]),
      make('tom.okafor', 'dagen', [
        { name: 'n8n playground', scopes: ['agents'], expiresAt: after(25) },
        { name: 'Release checks (CI)', scopes: ['agents'], rateLimit: { limit: 10, windowSeconds: 60 } },
        { name: 'Trade fair demo', scopes: ['agents', 'workflows'], expiresAt: after(-6) },
      ]),
      async ({ api }, keys) => {
        const { id } = of(keys, 'Legacy Integration (Deprecated)');
        const why = { reason: 'Project Ended', note: 'Replaced by CRM sync' };
        payload(await api['tom.okafor'].settle('revokeKey', { id, ...why }));
      },
    ),
  ],
  ...[6, 5, 4, 3, 2].map((days) => [days * DAY, call(WEB, 30 + 7 * ((days * 3) % 5))] as const),
  ...[22, 19, 16, 13, 10, 8].map((hours) => [hours * HOUR, call(WEB, 8 + ((hours * 7) % 23))] as const),
  [
    5 * HOUR,
    all(call(WEB, 26), call('Analytics Dashboard', 6), runs('Zapier bridge', 41), async ({ api }, keys) => {
      const { id } = of(keys, 'Zapier bridge');
      payload(await api['maria.keller'].settle('disableKey', { id, note: 'Seen in a build log' }));
    }),
  ],
  [
    3 * HOUR,
    async (moment, keys) => {
      const { keyId } = of(keys, WEB);
      const input = { id: globalId(keyId), overlapSeconds: 7 * 24 * 3600 };
      const { secret } = payload(await moment.api['maria.keller'].settle('regenerateKey', input));
      await call(WEB, 17)(moment, keys);
      keys.set(WEB, { ...of(keys, WEB), secret: secret ?? '' });
    },
  ],
  [HOUR, call(WEB, 22)],
  [
    9 * 60_000,
    all(call(WEB, 16), call('CRM sync', 3), call('Mobile App - iOS', 4), runs('Prod nightly ETL caller', 57)),
  ],
];
