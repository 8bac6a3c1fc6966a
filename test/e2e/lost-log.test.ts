// An embedded log that is not the one that the read models beside it were made from: a start is refused, however long that
// log is, and goes on as if nothing had been once the right one is back.
import { copyFile, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';

const MINUTES = 300_000;
const LOG = ['log.db', 'log.db-wal', 'log.db-shm'];

let ours: EmbeddedFolder;
let theirs: EmbeddedFolder;

beforeEach(async () => {
  [ours, theirs] = await Promise.all([makeFolder(), makeFolder()]);
});
afterEach(async () => {
  await Promise.all([ours.remove(), theirs.remove()]);
});

async function fill(folder: EmbeddedFolder, keys: number): Promise<MadeKey> {
  const running = await folder.start();
  const made = await createKey(running.api);
  for (let n = 1; n < keys; n++) await createKey(running.api);
  const { position } = await change(running.api, 'changeScopes', made.keyId, { scopes: ['a'] });
  await running.process.stop();
  return { ...made, position };
}

async function refusal(folder: EmbeddedFolder): Promise<string> {
  const process = folder.launch();
  const { code } = await process.exited;
  expect(code).toBe(1);
  return process.stderr();
}

async function replaceLog(by: string): Promise<void> {
  for (const name of LOG) await rm(join(ours.path, name), { force: true });
  await copyFile(join(by, 'log.db'), join(ours.path, 'log.db'));
}

test(
  'protocol T: another installation’s log, an older copy and none at all are refused; the right one is taken again',
  async () => {
    const key = await fill(ours, 2);
    const older = join(ours.path, '..', 'older');
    await cp(ours.path, older, { recursive: true });
    const running: RunningFolder = await ours.start();
    await change(running.api, 'disableKey', key.keyId);
    await running.process.stop();
    const right = join(ours.path, '..', 'right');
    await cp(ours.path, right, { recursive: true });
    await fill(theirs, 20);

    await replaceLog(theirs.path);
    const another = await refusal(ours);
    expect(another).toContain('the log is not the one that the read models were made from');
    expect(another).toMatch(/they do not know the record at p1_0-\d+, though they have read it/);
    expect(another).toContain(`put ${join(ours.path, 'log.db')} and ${join(ours.path, 'read.db')} back`);

    await replaceLog(older);
    expect(await refusal(ours)).toContain(`the log has lost events: it ends at ${key.position},`);

    for (const name of LOG) await rm(join(ours.path, name), { force: true });
    expect(await refusal(ours)).toContain('the log has lost events: it ends at p1_0-0');

    await replaceLog(right);
    const again = await ours.start();
    expect(await again.verifier.verify(key.secret)).toMatchObject({ code: 'DISABLED' });
    expect(await again.api.history(key.keyId)).toHaveLength(3);
    await again.process.stop();
  },
  MINUTES,
);
