// Runs a command beside real servers: `tsx test/services/run.ts <command…>`.
// Starts Kafka and a MongoDB-compatible server unless KAFKA_BROKERS and MONGODB_URL name some, and stops what it started.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { startKafka, startMongodb } from './servers.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === undefined) {
    console.error('usage: tsx test/services/run.ts <command> [arguments…]');
    return 2;
  }
  const stops: (() => Promise<void>)[] = [];
  let interrupted: NodeJS.Signals | undefined;
  let forward: (signal: NodeJS.Signals) => void = () => undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      interrupted = signal;
      forward(signal);
    });
  }
  const environment = { ...process.env };
  try {
    const started = await Promise.allSettled([
      (async () => {
        if (environment.KAFKA_BROKERS) return;
        const kafka = await startKafka();
        stops.push(() => kafka.stop());
        environment.KAFKA_BROKERS = kafka.brokers;
      })(),
      (async () => {
        if (environment.MONGODB_URL) return;
        const mongodb = await startMongodb();
        stops.push(() => mongodb.stop());
        environment.MONGODB_URL = mongodb.url;
      })(),
    ]);
    for (const start of started) if (start.status === 'rejected') throw start.reason;
    if (interrupted) return 128 + constants.signals[interrupted];
    const child = spawn(command, args, { stdio: 'inherit', env: environment });
    forward = (signal) => void child.kill(signal);
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  return 1;
});
