// Sealing keys rotate: what they wrap is wrapped anew while the process serves, and the old one can be taken out; one that
// still wraps something cannot.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { createKey } from '../support/keys.ts';
import { runKeyfold } from '../support/processes.ts';

const [first, second, mistake] = ['s-one', 's-two', 's-slip'].map(
  (id) => `${id}:${randomBytes(32).toString('base64')}`,
);
let folder: EmbeddedFolder;
let running: RunningFolder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(async () => {
  await running.process.kill();
  await folder.remove();
});

async function withKeys(...keys: readonly (string | undefined)[]): Promise<void> {
  running = await folder.start({ KEYFOLD_SEALING_KEYS: keys.join(',') });
}
const sealing = (...args: readonly string[]) =>
  runKeyfold(['sealing', ...args], { ...folder.env, KEYFOLD_URL: running.api.url });

test('a sealing key is rotated out, one that was put in by mistake goes again, one that is needed is missed', async () => {
  await withKeys(first);
  const [a, b] = [await createKey(running.api), await createKey(running.api)];
  await running.process.stop();
  await withKeys(mistake, first); // nothing is made under it
  await running.process.stop();

  await withKeys(second, first);
  const c = await createKey(running.api);
  expect((await sealing('status')).stdout).toMatch(
    /^SEALING KEY +IN SETTINGS +DATA KEYS\ns-two +newest +1\ns-one +kept +\d+\n\n\d+ data keys are not destroyed.\ns-one is still needed/,
  );
  await running.process.stop();
  const without = folder.launch({ KEYFOLD_SEALING_KEYS: second ?? '' });
  expect((await without.exited).code).toBe(1);
  expect(without.stderr()).toMatch(/sealing key "s-one" was in use and is missing[^]*keyfold sealing rewrap/);

  await withKeys(second, first);
  const done = await sealing('rewrap');
  expect([done.code, done.stderr]).toEqual([0, expect.stringMatching(/\d+ data keys seen, \d+ wrapped anew\n$/)]);
  expect(done.stdout).toContain('Nothing needs s-one: it can be taken out of KEYFOLD_SEALING_KEYS.');
  expect(JSON.parse((await sealing('rewrap', '--json')).stdout)).toMatchObject({
    ...{ rewrapped: 0, failed: 0, removable: ['s-one'] },
    sealingKeys: [
      { id: 's-two', newest: true },
      { id: 's-one', dataKeys: 0 },
    ],
  });
  await running.process.stop();

  await withKeys(second);
  for (const { keyId, name } of [a, b, c].map(({ keyId }) => ({ keyId, name: expect.any(String) as string })))
    expect(await running.api.key(keyId)).toMatchObject({ keyId, name });
  const history = await running.api.history(a.keyId);
  expect(history[0]?.data).toMatchObject({ name: expect.any(String) as string });
  expect((await sealing('status', '--json')).stdout).toContain('"removable": []');
}, 240_000);
