// Broken records on Kafka and MongoDB, written by another producer.
import { vi } from 'vitest';
import { makeInstallation, sharedServers } from '../support/distributed.ts';
import { start } from '../support/in-process.ts';
import { brokenRecords } from './broken.ts';

const build = vi.hoisted(() => ({ fixed: false }));
vi.mock('../../events/upcast.ts', async (original) => {
  const { laterBuild } = await import('../support/later-build.ts');
  return laterBuild(await original<typeof import('../../events/upcast.ts')>(), () => build.fixed);
});

brokenRecords(
  'on Kafka and MongoDB',
  async () => {
    const installation = await makeInstallation(sharedServers());
    const { env, issuer, kafka, topic } = installation;
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const dispose = async (): Promise<void> => {
      await producer.disconnect();
      await installation.dispose();
    };
    const system = await start({ env, issuer, dispose });
    return {
      system,
      async write(key, value) {
        await producer.send({ topic, messages: [{ key, value: Buffer.from(value) }] });
      },
    };
  },
  build,
);
