// Bundles that prove themselves, on Kafka and MongoDB: two APIs, two projectors and a verifier, each a process of its own.
import { expect } from 'vitest';
import { MongoClient } from 'mongodb';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { cli } from '../support/cli.ts';
import { makeInstallation, sharedServers, startProcesses } from '../support/distributed.ts';
import { exportTests } from './export.ts';

exportTests('on Kafka and MongoDB', async () => {
  const installation = await makeInstallation(sharedServers());
  const system = await startProcesses(installation, { api: 2, projector: 2, verifier: 1 });
  const issuer = createLocalIssuer({ ...installation.issuer, claim: 'keyfold' });
  const token = async ({
    subject = 'olga',
    workspaces = {},
    operator = false,
  }: Parameters<typeof system.api>[0] = {}) => issuer.mint({ subject, workspaces, operator });
  return {
    system: {
      ...system,
      stop: async () => {
        await system.stop();
        await installation.dispose();
      },
    },
    token,
    rebuild: async () => {
      const env = { KEYFOLD_URL: system.addresses.api, KEYFOLD_TOKEN: await token({ operator: true }) };
      expect(await cli(['projections', 'rebuild'], env)).toMatchObject({ code: 0 });
    },
    eraseDataKey: async (id) => {
      const client = new MongoClient(installation.env.MONGODB_URL ?? '');
      const keys = client
        .db(installation.database)
        .collection<{ _id: string; sealingKeyId: string | null; wrapped: string | null }>('data_keys');
      expect((await keys.updateOne({ _id: id }, { $set: { sealingKeyId: null, wrapped: null } })).matchedCount).toBe(1);
      await client.close();
    },
  };
});
