// The canary test on Kafka and MongoDB: separate processes, their topic and their database.
import { BSON, MongoClient } from 'mongodb';
import { expect } from 'vitest';
import { loadSettings } from '../../services/shared/settings.ts';
import { readToEnd } from '../contracts/event-log.ts';
import { makeInstallation, sharedServers, startProcesses, type Installation } from '../support/distributed.ts';
import { WORKSPACE } from '../support/system.ts';
import { noSecretAnywhere } from './canary.ts';

noSecretAnywhere('on Kafka and MongoDB', async () => {
  const installation = await makeInstallation(sharedServers(), { LOG_LEVEL: 'trace' });
  const { env, issuer, folder } = installation;
  const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 1 });
  const loaded = loadSettings(env);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const [pepper] = loaded.settings.peppers ?? [];
  if (!pepper) throw new Error('an installation has a pepper');
  const verifierToken = env.VERIFIER_TOKEN ?? '';
  return {
    system,
    env: {
      ...env,
      KEYFOLD_URL: system.addresses.api,
      KEYFOLD_VERIFIER_URL: system.addresses.verifiers[0] ?? '',
    },
    tokenCommand: ['dev', 'token', folder, '--workspace', WORKSPACE, '--role', 'admin', '--operator'],
    verifierToken,
    ownSecrets: {
      'the pepper': Buffer.from(pepper.key).toString('base64'),
      'the sealing key': Buffer.from(loaded.settings.sealingKeys![0]!.key).toString('base64'),
      "the issuer's private key": issuer.key.d,
    },
    pepper,
    async remains() {
      await system.stop();
      const all = Object.entries(system.processes).flatMap(([name, list]) =>
        list.map((each) => [`output of ${name}`, each.stdout() + each.stderr()] as const),
      );
      return [...all, ...(await records(installation)), ...(await documents(installation))];
    },
    async dispose() {
      await system.stop();
      await installation.dispose();
    },
  };
});

async function records({ openOutside, topic }: Installation): Promise<[string, Uint8Array | string][]> {
  const outside = await openOutside();
  try {
    const found: [string, Uint8Array | string][] = [];
    const usage = topic.replace(/log$/, 'usage');
    for (const [name, log] of [
      [topic, outside.log],
      [usage, outside.usage],
    ] as const) {
      for (const { key, value, headers } of await readToEnd(log))
        found.push([`topic ${name}`, value], [`topic ${name}`, JSON.stringify([key, headers])]);
    }
    expect(found.some(([where]) => where === `topic ${usage}`)).toBe(true);
    return found;
  } finally {
    await outside.close();
  }
}

async function documents({ env, database }: Installation): Promise<[string, Uint8Array][]> {
  const client = new MongoClient(env.MONGODB_URL ?? '');
  try {
    const found: [string, Uint8Array][] = [];
    for (const { name } of await client.db(database).listCollections().toArray()) {
      for await (const document of client.db(database).collection(name).find())
        found.push([`collection ${name}`, BSON.serialize(document)]);
    }
    return found;
  } finally {
    await client.close();
  }
}
