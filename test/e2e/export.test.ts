// Bundles that prove themselves, on embedded storage.
import { expect } from 'vitest';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { cli } from '../support/cli.ts';
import { startEmbedded } from '../support/in-process.ts';
import { exportTests } from './export.ts';

exportTests('embedded', async () => {
  const system = await startEmbedded();
  const { issuerKey, store } = system.core;
  const token = async (as: Parameters<typeof system.api>[0] = {}) =>
    createLocalIssuer({ key: issuerKey!, claim: 'keyfold' }).mint({
      ...{ subject: as.subject ?? 'olga', workspaces: as.workspaces ?? {}, operator: as.operator ?? false },
    });
  return {
    system,
    token,
    rebuild: async () => {
      const env = { KEYFOLD_URL: system.addresses.api, KEYFOLD_TOKEN: await token({ operator: true }) };
      expect(await cli(['projections', 'rebuild'], env)).toMatchObject({ code: 0 });
    },
    eraseDataKey: (id) => store.dataKeys.destroy(id, new Date().toISOString()),
  };
});
