// The canary test: everything that takes input is driven with secrets and tokens, in good and in bad places, at the log
// level that says most. Of none of them any 12 characters may then be found anywhere, but in the one answer that shows a
// new secret and in what the command that was asked for a token prints.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hit } from '../support/canaries.ts';
import { checks } from './canary/checks.ts';
import { commands } from './canary/commands.ts';
import { credentials } from './canary/credentials.ts';
import { mutations } from './canary/mutations.ts';
import { queries } from './canary/queries.ts';
import { keepWatch, type Watch, type WatchedSystem } from './canary/watch.ts';

const START_MS = 240_000;
const TEST_MS = 600_000;

export function noSecretAnywhere(on: string, start: () => Promise<WatchedSystem>): void {
  describe(`secrets and tokens, ${on}`, { timeout: TEST_MS }, () => {
    let watched: WatchedSystem;
    let watch: Watch;
    const watching = (): Watch => watch;

    beforeAll(async () => {
      watched = await start();
      watch = await keepWatch(watched);
    }, START_MS);
    afterAll(() => watched.dispose(), START_MS);

    for (const part of [mutations, queries, credentials, checks, commands]) part(watching);

    test('the search for them finds 12 characters of any, wherever they stand', () => {
      const { canaries, newSecret } = watching();
      const key = newSecret('a control');
      const hidden = Buffer.concat([
        randomBytes(1000),
        Buffer.from(`{"x":"..${key.slice(7, 19)}.."}`),
        randomBytes(1000),
      ]);
      expect(canaries.scan('control', hidden)).toMatchObject([{ canary: 'a control' }]);
      expect(canaries.scan('control', `x${Buffer.from(`ab${key}`).toString('base64')}x`)[0]?.canary).toBe(
        'a control in base64',
      );
      expect(canaries.scan('control', Buffer.from(key).toString('hex'))[0]?.canary).toBe('a control in hexadecimal');
      expect(canaries.scan('control', `-${key.slice(7, 18)}-`)).toEqual([]);
      expect(canaries.size).toBeGreaterThan(15);
    });

    test('in no answer, no line of output, no metric, no file, no topic and no database is any of them', async () => {
      const { watched, canaries, hashes, answers, send } = watching();
      for (const url of [
        watched.system.addresses.api,
        ...watched.system.addresses.verifiers,
        ...watched.system.addresses.projectors,
      ])
        for (const path of ['/metrics', '/healthz', '/readyz'])
          await send(`${url}${path}`, url, { method: 'GET', path });
      expect(answers.length).toBeGreaterThan(200);
      const remains = await watched.remains();
      const hits: Hit[] = [...answers, ...remains].flatMap(([where, content]) => canaries.scan(where, content));
      expect(unique(hits)).toEqual([]);
      const visible = remains.filter(([where]) => where.startsWith('output'));
      expect(visible.reduce((sum, [, content]) => sum + content.length, 0)).toBeGreaterThan(0);
      expect(unique([...answers, ...visible].flatMap(([where, content]) => hashes.scan(where, content)))).toEqual([]);
      const stored = remains.filter(([where]) => !where.startsWith('output'));
      // Or nothing was looked at: the hashes do lie in the log and in the read models.
      expect(stored.flatMap(([where, content]) => hashes.scan(where, content)).length).toBeGreaterThan(0);
    });
  });
}

/** One line per canary and place. */
function unique(hits: readonly Hit[]): string[] {
  return [...new Set(hits.map(({ canary, where }) => `${canary} in ${where}`))];
}
