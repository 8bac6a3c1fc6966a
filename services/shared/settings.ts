// The settings of a process, read from its environment. All problems are reported at once, each with the setting's name
// and what to do; nothing starts on a setting that is wrong, default or too short to be a secret.
import { z } from 'zod';
import { HOW_TO_MAKE_A_KEY, keyList, type NamedKey } from './key-list.ts';
import { LOG_LEVELS, type LogLevel } from './logger.ts';
import { isLoopback } from './networks.ts';
import { variable, type Environment } from './secret-files.ts';
import { createSettingReader, type SettingReader } from './setting-reader.ts';
import * as types from './setting-types.ts';

export const SERVICES = ['api', 'projector', 'verifier'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly partitions: number;
  /** `null`: what the cluster gives by itself. */
  readonly replicationFactor: number | null;
  /** How long what verifiers have decided stays in its topic. */
  readonly usageRetentionMs: number;
  readonly ssl: boolean;
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
}

/** The organisation's identity provider. */
export interface AuthSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly typ: string;
}

/** The console as a client of the identity provider. */
export interface OidcSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Settings {
  readonly services: readonly ServiceName[];
  readonly host: string;
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly dataFolder: string;
  /** Embedded: log and read store lie in the data folder, one process holds them. */
  readonly storage:
    | { readonly kind: 'embedded' }
    | { readonly kind: 'distributed'; readonly kafka: KafkaSettings; readonly mongodbUrl: string };
  /** `null`: from the data folder (embedded only). */
  readonly peppers: readonly NamedKey[] | null;
  readonly sealingKeys: readonly NamedKey[] | null;
  /** Ed25519 seeds that checkpoints are signed with. */
  readonly checkpointKeys: readonly NamedKey[] | null;
  readonly checkpointEvents: number;
  readonly checkpointIntervalMs: number;
  /** `null`: only the data folder's own issuer (embedded only). */
  readonly auth: AuthSettings | null;
  /** `null`: nobody signs in to the console at the identity provider. */
  readonly oidc: OidcSettings | null;
  readonly maxTokenAgeMs: number;
  /** Name of the claim that holds workspaces and roles. */
  readonly authClaim: string;
  /** Whether to go on although the data keys of a log that holds events are gone, and what they sealed with them. */
  readonly acceptLostDataKeys: boolean;
  readonly verifierToken: string | null;
  readonly verifierMaxKeys: number;
  readonly maxStalenessMs: number;
  readonly trustedProxies: readonly string[];
  /** Origins that browsers may call the API from. */
  readonly consoleOrigins: readonly string[];
  /** The origin that browsers reach the API and its console under; `null`: the address that it listens on. */
  readonly publicUrl: string | null;
  readonly logLevel: LogLevel;
}

export type LoadedSettings =
  | { readonly ok: true; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[]; readonly warnings: readonly string[] };

const MIN_TOKEN_LENGTH = 32;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SERVICE_LIST = `all, or some of ${SERVICES.join(', ')}, separated by commas`;
const services = z.string().transform((text, context): readonly ServiceName[] => {
  const names = text.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === 'all') return SERVICES;
  const known = SERVICES.filter((service) => names.includes(service));
  if (known.length !== names.length)
    context.issues.push({ code: 'custom', message: `must be ${SERVICE_LIST}`, input: undefined });
  return known;
});

const AUTH = ['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'] as const;
const OIDC = ['AUTH_CLIENT_ID', 'AUTH_CLIENT_SECRET', 'PUBLIC_URL'] as const;
const SASL = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const;

/** Reads and checks all settings. An empty variable counts as unset. */
export function loadSettings(environment: Environment): LoadedSettings {
  const reader = createSettingReader(environment);
  const { read, given, problem, problems, warnings } = reader;

  const distributed = given('KAFKA_BROKERS') || given('MONGODB_URL');
  if (given('KAFKA_BROKERS') !== given('MONGODB_URL')) {
    const missing = given('MONGODB_URL') ? 'KAFKA_BROKERS' : 'MONGODB_URL';
    problem(missing, 'is not set: Kafka and MongoDB go together; set both, or neither for embedded storage');
  }
  const chosen = read('KEYFOLD_SERVICES', services) ?? SERVICES;
  if (!distributed && chosen.length < SERVICES.length) {
    problem(
      'KEYFOLD_SERVICES',
      `is ${chosen.join(', ')}, but embedded storage belongs to one process that runs all services: ` +
        'set KAFKA_BROKERS and MONGODB_URL to split them',
    );
  }
  if (distributed) {
    reader.require(
      ['KEYFOLD_PEPPERS', 'KEYFOLD_SEALING_KEYS'],
      `every process needs the same ones, and only embedded storage makes its own; ${HOW_TO_MAKE_A_KEY}`,
    );
    if (chosen.includes('api')) {
      reader.require(
        ['KEYFOLD_CHECKPOINT_KEYS'],
        `the API signs checkpoints with it, and only embedded storage makes its own; ${HOW_TO_MAKE_A_KEY}`,
      );
    }
    reader.require(AUTH, 'it says whose tokens are accepted; only embedded storage brings an issuer of its own');
  } else if (AUTH.some(given)) {
    reader.require(AUTH, `${AUTH.join(', ')} go together`);
  }

  const storage = readStorage(reader);
  const auth = readAuth(reader);
  const host = read('HOST', types.host) ?? '127.0.0.1';
  const settings = {
    services: chosen,
    host,
    ports: readPorts(reader, chosen),
    dataFolder: variable(environment, 'KEYFOLD_DATA') ?? './data',
    storage,
    peppers: read('KEYFOLD_PEPPERS', keyList({ exactly: false })),
    sealingKeys: read('KEYFOLD_SEALING_KEYS', keyList({ exactly: true })),
    checkpointKeys: read('KEYFOLD_CHECKPOINT_KEYS', keyList({ exactly: true })),
    checkpointEvents: read('CHECKPOINT_EVENTS', types.integer(1, 100_000_000)) ?? 1000,
    checkpointIntervalMs: read('CHECKPOINT_INTERVAL', types.duration(1000, 30 * DAY_MS)) ?? 10 * MINUTE_MS,
    auth,
    oidc: readOidc(reader, auth, distributed),
    maxTokenAgeMs: read('AUTH_MAX_TOKEN_AGE', types.duration(MINUTE_MS, 30 * DAY_MS)) ?? 60 * MINUTE_MS,
    authClaim: read('AUTH_CLAIM', types.nonEmpty) ?? 'keyfold',
    acceptLostDataKeys: read('KEYFOLD_ACCEPT_LOST_DATA_KEYS', types.boolean) ?? false,
    verifierToken: readVerifierToken(reader, { distributed, open: chosen.includes('verifier') && !isLoopback(host) }),
    verifierMaxKeys: read('VERIFIER_MAX_KEYS', types.integer(1, 100_000_000)) ?? 1_000_000,
    maxStalenessMs: read('MAX_STALENESS_MS', types.integer(100, 3_600_000)) ?? 30_000,
    trustedProxies: read('TRUSTED_PROXIES', types.networks) ?? [],
    consoleOrigins: read('CONSOLE_ORIGINS', types.origins) ?? [],
    publicUrl: read('PUBLIC_URL', types.publicUrl),
    logLevel: read('LOG_LEVEL', types.oneOf(LOG_LEVELS)) ?? 'info',
  };
  return problems.length > 0 ? { ok: false, problems, warnings } : { ok: true, settings, warnings };
}

function readPorts({ read, problem }: SettingReader, chosen: readonly ServiceName[]): Settings['ports'] {
  const ports = {
    api: read('API_PORT', types.port) ?? 4000,
    verifier: read('VERIFIER_PORT', types.port) ?? 4100,
    projector: read('PROJECTOR_PORT', types.port) ?? 4200,
  };
  if (chosen.includes('api') && chosen.includes('verifier') && ports.api !== 0 && ports.api === ports.verifier) {
    problem('VERIFIER_PORT', `is ${ports.api}, and so is API_PORT: the two need ports of their own`);
  }
  return ports;
}

function readAuth({ read }: SettingReader): AuthSettings | null {
  const issuer = read('AUTH_ISSUER', types.nonEmpty);
  const audience = read('AUTH_AUDIENCE', types.nonEmpty);
  const jwksUrl = read('AUTH_JWKS_URL', types.jwksUrl);
  const typ = read('AUTH_TYP', types.tokenType) ?? 'at+jwt';
  return issuer !== null && audience !== null && jwksUrl !== null ? { issuer, audience, jwksUrl, typ } : null;
}

function readOidc(reader: SettingReader, auth: AuthSettings | null, distributed: boolean): OidcSettings | null {
  const { read, given, problem } = reader;
  const parameters = read('AUTH_CLIENT_PARAMETERS', types.parameters);
  if (!given('AUTH_CLIENT_ID') && !given('AUTH_CLIENT_SECRET') && parameters === null) return null;
  reader.require(OIDC, `${OIDC.join(', ')} go together`);
  if (!AUTH.some(given) && !distributed) reader.require(AUTH, 'AUTH_CLIENT_ID signs in at that identity provider');
  if (auth !== null && !types.jwksUrl.safeParse(auth.issuer).success)
    problem('AUTH_ISSUER', 'must be an https:// URL, or http:// on a loopback address, to sign in there');
  const clientId = read('AUTH_CLIENT_ID', types.nonEmpty);
  const clientSecret = read('AUTH_CLIENT_SECRET', types.nonEmpty);
  if (clientId === null || clientSecret === null || auth === null) return null;
  return { clientId, clientSecret, parameters: parameters ?? parametersFor(auth) };
}

/** An access token for this API: by RFC 8707, and as providers that are older than it are told. */
function parametersFor({ audience }: AuthSettings): OidcSettings['parameters'] {
  return { scope: 'openid', audience, ...(URL.canParse(audience) ? { resource: audience } : {}) };
}

function readVerifierToken(
  { read, given, problem, warnings }: SettingReader,
  { distributed, open }: { readonly distributed: boolean; readonly open: boolean },
): string | null {
  const token = read('VERIFIER_TOKEN', types.bearerToken);
  if (token !== null && token.length < MIN_TOKEN_LENGTH) {
    const advice = `is shorter than ${MIN_TOKEN_LENGTH} characters; make one with: openssl rand -hex 32`;
    if (distributed) problem('VERIFIER_TOKEN', advice);
    else warnings.push(`VERIFIER_TOKEN ${advice}`);
  }
  if (open && !given('VERIFIER_TOKEN')) {
    warnings.push('VERIFIER_TOKEN is not set and HOST is no loopback address: whoever reaches the verifier may ask it');
  }
  return token;
}

function readStorage(reader: SettingReader): Settings['storage'] {
  const { read, given } = reader;
  if (SASL.some(given)) reader.require(SASL, `${SASL.join(', ')} go together`);
  const mechanism = read('KAFKA_SASL_MECHANISM', types.saslMechanism);
  const username = read('KAFKA_SASL_USERNAME', types.nonEmpty);
  const password = read('KAFKA_SASL_PASSWORD', types.nonEmpty);
  const brokers = read('KAFKA_BROKERS', types.brokers);
  const mongodbUrl = read('MONGODB_URL', types.mongodbUrl);
  const kafka = {
    topicPrefix: read('KAFKA_TOPIC_PREFIX', types.topicPrefix) ?? 'keyfold',
    partitions: read('KAFKA_PARTITIONS', types.integer(1, 10_000)) ?? 6,
    replicationFactor: read('KAFKA_REPLICATION_FACTOR', types.integer(1, 100)),
    usageRetentionMs: read('KAFKA_USAGE_RETENTION', types.duration(60 * MINUTE_MS, 3650 * DAY_MS)) ?? 7 * DAY_MS,
    ssl: read('KAFKA_SSL', types.boolean) ?? false,
    sasl: mechanism !== null && username !== null && password !== null ? { mechanism, username, password } : null,
  };
  return brokers === null || mongodbUrl === null
    ? { kind: 'embedded' }
    : { kind: 'distributed', kafka: { brokers, ...kafka }, mongodbUrl };
}
