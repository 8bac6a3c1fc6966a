// Real servers for tests: a Kafka cluster (KRaft) and a MongoDB-compatible server, on free ports, in temporary folders.
// Each can be frozen, killed and restarted with its data; `stop` ends it and removes its folder.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { kafkaJars, mongodbEnvironment } from './downloads.ts';
import { freePort, startServer, type ServerProcess } from './process.ts';

export interface KafkaServer {
  /** `host:port`, comma-separated: the value of KAFKA_BROKERS. */
  readonly brokers: string;
  /** The cluster's processes, the controller first. */
  readonly nodes: readonly [ServerProcess, ...ServerProcess[]];
  stop(): Promise<void>;
}

export interface MongodbServer {
  /** The value of MONGODB_URL; its database is `keyfold`. */
  readonly url: string;
  readonly process: ServerProcess;
  stop(): Promise<void>;
}

/** Starts a Kafka cluster. Node 1 is broker and controller, the others are brokers; 350 MB of memory each. */
export async function startKafka({ nodes: count = 1 }: { readonly nodes?: number } = {}): Promise<KafkaServer> {
  const jars = join(await kafkaJars(), '*');
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-kafka-'));
  const clusterId = randomBytes(16).toString('base64url');
  const controller = await freePort();
  const addresses: string[] = [];
  const nodes: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let id = 1; id <= count; id += 1) {
      const address = `127.0.0.1:${await freePort()}`;
      const home = join(folder, String(id));
      const settings = join(home, 'server.properties');
      await mkdir(home);
      await writeFile(settings, kafkaSettings({ id, address, controller, logs: join(home, 'logs') }));
      const format = ['format', `--cluster-id=${clusterId}`, '-c', settings, ...(id === 1 ? ['--standalone'] : [])];
      await promisify(execFile)('java', ['-cp', jars, 'kafka.tools.StorageTool', ...format]);
      addresses.push(address);
      const java = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', jars];
      nodes.push(
        await startServer({
          name: `Kafka broker ${id}`,
          command: 'java',
          args: [...java, 'kafka.Kafka', settings],
          logFile: join(home, 'output.log'),
          ready: () => namesBroker(address, id),
        }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const [first, ...others] = nodes;
  if (!first) throw new Error('a cluster has at least one node');
  return { brokers: addresses.join(','), nodes: [first, ...others], stop };
}

function kafkaSettings(node: { id: number; address: string; controller: number; logs: string }): string {
  const controller = `CONTROLLER://127.0.0.1:${node.controller}`;
  return [
    `process.roles=${node.id === 1 ? 'broker,controller' : 'broker'}`,
    `node.id=${node.id}`,
    `listeners=PLAINTEXT://${node.address}${node.id === 1 ? `,${controller}` : ''}`,
    `advertised.listeners=PLAINTEXT://${node.address}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `controller.quorum.bootstrap.servers=127.0.0.1:${node.controller}`,
    `log.dirs=${node.logs}`,
    'auto.create.topics.enable=false',
    'group.initial.rebalance.delay.ms=0',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=2',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'broker.session.timeout.ms=3000', // a broker that was killed is back after 6 s, not 16
    'broker.heartbeat.interval.ms=500',
  ].join('\n');
}

/** An open port is not enough: the broker is ready when the cluster names it. */
async function namesBroker(address: string, id: number): Promise<void> {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (!brokers.some(({ nodeId }) => nodeId === id)) throw new Error(`the cluster does not name broker ${id}`);
  } finally {
    await admin.disconnect();
  }
}

/** Starts a MongoDB-compatible server (SecantusDB) that syncs before it acknowledges. */
export async function startMongodb(): Promise<MongodbServer> {
  const environment = await mongodbEnvironment();
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-mongodb-'));
  const port = await freePort();
  const url = `mongodb://127.0.0.1:${port}/keyfold?directConnection=true`;
  const address = ['--host', '127.0.0.1', '--port', String(port)];
  const storage = ['--storage-path', join(folder, 'data'), '--cache-size', '512M', '--sync-on-commit'];
  try {
    const server = await startServer({
      name: 'SecantusDB',
      command: join(environment, 'bin', 'python3'),
      args: [join(environment, 'bin', 'secantusd-rs'), ...address, ...storage],
      logFile: join(folder, 'output.log'),
      ready: () => answersPing(url),
    });
    const stop = async (): Promise<void> => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    };
    return { url, process: server, stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function answersPing(url: string): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 500 });
  try {
    await client.db().command({ ping: 1 });
  } finally {
    await client.close();
  }
}
