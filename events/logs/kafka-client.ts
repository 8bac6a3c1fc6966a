// Connections to Kafka: how the client library is set up, and where its own log lines go.
// Its lines carry no settings and no payload: only a message, a namespace and the error's text are passed on.
import type { ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, type Admin, type KafkaConfig } from 'kafkajs';

/** Where an adapter tells of its troubles; a pino logger fits. */
export interface AdapterLogger {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How to reach a Kafka cluster. */
export interface KafkaConnection {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Names this process in the brokers' logs and in its consumer groups. */
  readonly clientId?: string;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  readonly logger?: AdapterLogger;
}

/** A request to a broker that does not answer is given up after this time, and repeated. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** Attempts inside the client library; whoever must outlast an outage begins again after them. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 6 };

/** A client of its own connections. `onError` is told every line that the client library logs as an error. */
export function createClient(connection: KafkaConnection, onError?: (message: string) => void): Kafka {
  const { brokers, clientId = 'keyfold', ssl, sasl, logger } = connection;
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    authenticationTimeout: 5000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { ...RETRY },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, level, log }) => {
        if (level === logLevel.ERROR) onError?.(log.message);
        const { error, groupId } = log as { error?: unknown; groupId?: unknown };
        const fields = { kafka: namespace, groupId, error: error instanceof Error ? error.message : error };
        logger?.debug(fields, log.message); // what matters of it comes back as an error: the rest is routine
      },
  };
  if (ssl !== undefined) config.ssl = ssl;
  if (sasl !== undefined) config.sasl = { ...sasl } as NonNullable<KafkaConfig['sasl']>;
  return new Kafka(config);
}

const READ_UNCOMMITTED = 0;
/** How long partitions that somebody adds may go unnoticed. */
const METADATA_MS = 30_000;
const CREATE_CLUSTER = 'private:Kafka:createCluster';
type CreateCluster = (options: object) => unknown;

/**
 * An administrator that is told where a partition ends for readers of uncommitted records, which ours are. kafkajs asks as
 * a reader of committed ones and has no option for it: one transaction of somebody else that hangs would hold the end back,
 * behind records that were acknowledged. // T
 */
export function createAdmin(client: Kafka): Admin {
  const parts = client as unknown as Record<symbol, CreateCluster>;
  const name = Object.getOwnPropertySymbols(client).find(({ description }) => description === CREATE_CLUSTER);
  const createCluster = name && parts[name];
  if (!name || !createCluster) throw new TypeError('kafkajs is another version than the one that this was written for');
  parts[name] = (options) =>
    createCluster({ ...options, isolationLevel: READ_UNCOMMITTED, metadataMaxAge: METADATA_MS });
  try {
    return client.admin();
  } finally {
    parts[name] = createCluster;
  }
}
