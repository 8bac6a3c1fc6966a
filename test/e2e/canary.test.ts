// The canary test on embedded storage: one real process, killed at the end, so that everything it wrote lies open.
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataFolder } from '../../services/shared/data-folder.ts';
import { makeFolder } from '../support/embedded-folder.ts';
import { createSystem, WORKSPACE } from '../support/system.ts';
import { noSecretAnywhere } from './canary.ts';

noSecretAnywhere('embedded', async () => {
  const folder = await makeFolder();
  const verifierToken = randomBytes(32).toString('hex');
  const { process, api, verifier } = await folder.start({ LOG_LEVEL: 'trace', VERIFIER_TOKEN: verifierToken });
  const { issuerKey, peppers, sealingKeys } = await openDataFolder(folder.path);
  const [pepper] = peppers;
  if (!pepper) throw new Error('a data folder has a pepper');
  const own = ['peppers', 'sealing-keys', 'issuer.json'];
  const base64 = (key: Uint8Array): string => Buffer.from(key).toString('base64');
  return {
    system: createSystem({
      issuer: { key: issuerKey },
      apis: [api.url],
      verifiers: [verifier.url],
      verifierToken,
      projectors: [],
      stop: () => process.kill(),
    }),
    env: {
      KEYFOLD_DATA: folder.path,
      KEYFOLD_URL: api.url,
      KEYFOLD_VERIFIER_URL: verifier.url,
      VERIFIER_TOKEN: verifierToken,
    },
    tokenCommand: ['token', '--workspace', WORKSPACE, '--role', 'admin', '--operator'],
    verifierToken,
    ownSecrets: {
      'the pepper': base64(pepper.key),
      'the sealing key': base64(sealingKeys[0]!.key),
      "the issuer's private key": issuerKey.d,
    },
    pepper,
    async remains() {
      await process.kill();
      const entries = await readdir(folder.path, { withFileTypes: true, recursive: true });
      const files = entries.filter((each) => each.isFile() && !own.includes(each.name));
      const contents = await Promise.all(
        files.map(async ({ name, parentPath }) => [`file ${name}`, await readFile(join(parentPath, name))] as const),
      );
      return [['output', process.stdout()], ['output, errors', process.stderr()], ...contents];
    },
    async dispose() {
      await process.kill();
      await folder.remove();
    },
  };
});
