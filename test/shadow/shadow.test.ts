// `keyfold audit shadow`: what was changed in the read models past Keyfold is found and named; what is honest passes, under
// traffic, during a rebuild, and after erasure.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factAt } from '../../events/fact-record.ts';
import { openSqlite } from '../../events/logs/sqlite.ts';
import { factRow } from '../../projections/facts.ts';
import type { KeyRow } from '../../projections/rows.ts';
import { runShadow } from '../../services/shadow/shadow.ts';
import type { Api } from '../support/api.ts';
import { cli } from '../support/cli.ts';
import { startEmbedded, type InProcess } from '../support/in-process.ts';
import { change, createKey, regenerate, type MadeKey } from '../support/keys.ts';
import { makeFolder } from '../support/embedded-folder.ts';
import { runKeyfold } from '../support/processes.ts';
import { metric } from '../support/system.ts';

let running: InProcess & { readonly folder: string };
let api: Api;
let env: Record<string, string>;
let keys: MadeKey[];
beforeAll(async () => {
  running = await startEmbedded();
  api = await running.api();
  env = { KEYFOLD_DATA: join(running.folder, 'data'), KEYFOLD_URL: api.url };
  keys = [];
  for (let number = 0; number < 5; number++) keys.push(await createKey(api, { name: `Key ${number}` }));
  await change(api, 'disableKey', keys[1]!.keyId, { note: 'a while' });
  await regenerate(api, keys[2]!.keyId, { overlapSeconds: 3600 });
});
afterAll(() => running.stop());

const shadow = (...args: readonly string[]) => cli(['audit', 'shadow', ...args], env);
const rowOf = (keyId: string) => running.core.store.read(async (view) => (await view.key(keyId))!);
/** Writes a row past every fold. */
async function tamper(row: KeyRow): Promise<void> {
  const { store } = running.core;
  const { live } = await store.control();
  const writes = {
    history: [],
    secrets: [],
    keyspaces: null,
    keys: [{ from: (await rowOf(row.state.keyId)).state.version, row }],
  };
  expect(await store.writer(live).apply(writes, {})).toBe('applied');
}

describe('keyfold audit shadow', () => {
  test('says that what is honest is equal, tells how far it is, and leaves nothing', async () => {
    const ran = await shadow();
    expect([ran.code, ran.stdout]).toEqual([
      0,
      expect.stringMatching(/^equal {2}g1 is what the log says, up to p1_0-\d+\n$/),
    ]);
    expect(ran.stderr).toMatch(/read \d+ % of the log\n/);
    expect((await readdir(join(running.folder, 'data'))).filter((name) => name.startsWith('shadow'))).toEqual([]);
    expect(await metric(api.url, 'keyfold_shadow_differences')).toBe(0);
    expect(JSON.parse((await shadow('--once', '--json')).stdout)).toMatchObject({ equal: true, differences: [] });
  }, 60_000);

  const changes: readonly (readonly [string, (row: KeyRow) => KeyRow, RegExp])[] = [
    [
      'a scope too many',
      (row) => ({ ...row, state: { ...row.state, scopes: ['everything'] } }),
      /unequal at version 1 \(scopes\)/,
    ],
    [
      'another name',
      (row) => ({ ...row, details: { ...row.details, name: 'Somebody' } }),
      /unequal at version 1 \(name\)/,
    ],
    [
      'another hash',
      (row) => ({ ...row, state: { ...row.state, secret: { ...row.state.secret, hash: 'x'.repeat(64) } } }),
      /unequal at version 1 \(hash\)|is not found by its secret/,
    ],
  ];
  test.each(changes)(
    'finds %s in a row, names it, and tells everybody',
    async (_, changed, message) => {
      const { keyId } = keys[0]!;
      const honest = await rowOf(keyId);
      await tamper(changed(honest));
      const ran = await shadow();
      expect([ran.code, ran.stdout]).toEqual([1, '']);
      expect(ran.stderr).toMatch(/^DIFFERENT: generation g1 is not what the log says/m);
      expect(ran.stderr).toContain(keyId);
      expect(ran.stderr).toMatch(message);
      expect(ran.stderr).not.toMatch(/everything|Somebody|xxx/);
      expect(await metric(api.url, 'keyfold_shadow_differences')).toBeGreaterThan(0);
      await tamper(honest);
      expect((await shadow()).code).toBe(0);
      expect(await metric(api.url, 'keyfold_shadow_differences')).toBe(0);
    },
    60_000,
  );

  test('passes under traffic and during rebuilds', async () => {
    let writing = true;
    const writer = async (): Promise<number> => {
      let made = 0;
      for (; writing; made++) {
        const { keyId } = await createKey(api, { name: `More ${made}` });
        await change(api, 'disableKey', keyId, { note: 'n' });
        await change(api, 'updateKey', keyId, { name: `Else ${made}` });
        if (made % 5 === 0) await api.mutate('rebuildProjections', {});
      }
      return made;
    };
    const writers = [writer(), writer()];
    for (let round = 0; round < 6; round++) {
      const ran = await shadow();
      expect([ran.code, ran.stderr.replace(/^(read|compared) .*\n/gm, '')]).toEqual([0, '']);
    }
    writing = false;
    expect(Math.min(...(await Promise.all(writers)))).toBeGreaterThan(2);
    expect((await running.core.store.control()).live).not.toBe('g1');
  }, 120_000);

  test('writes nothing of the installation, and quarantines nobody', async () => {
    const { core } = running;
    const seen: string[] = [];
    const { store } = core;
    const watched = new Proxy(store, {
      get: (target, name, receiver) => {
        seen.push(String(name));
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    const options = { log: core.log, dataKeys: core.dataKeys, dataFolder: join(running.folder, 'data'), now: core.now };
    const result = await runShadow({
      ...options,
      store: watched,
      signal: AbortSignal.timeout(60_000),
      report: () => undefined,
    });
    expect(result.equal).toBe(true);
    expect([...new Set(seen)].sort()).toEqual(['control', 'dataKeys', 'parked', 'view']);
    expect(await store.parked.open()).toEqual([]);
  }, 60_000);

  test('is refused to whoever is no operator, and --once and --every together', async () => {
    const { token } = await running.api({ operator: false });
    const ran = await cli(['audit', 'shadow'], { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: token });
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('FORBIDDEN')]);
    expect((await shadow('--once', '--every', '10m')).code).toBe(2);
    expect((await shadow('--every', 'often')).code).toBe(2);
  });

  test('compares again and again when asked, until something differs', async () => {
    const { keyId } = keys[3]!;
    const honest = await rowOf(keyId);
    const watching = shadow('--every', '1s');
    const before = await metric(api.url, 'keyfold_shadow_differences');
    expect(before).toBe(0);
    await tamper({ ...honest, state: { ...honest.state, status: 'DISABLED' } });
    const ran = await watching;
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/unequal at version 1 \(status\)/)]);
    await tamper(honest);
  }, 60_000);

  test('names a fact about time that its key has never led to', async () => {
    const { store } = running.core;
    const { live } = await store.control();
    const { keyId, workspaceId, keyspace } = (await rowOf(keys[4]!.keyId)).state;
    const fact = factAt({ keyId, workspaceId, keyspace, expiresAt: '2026-01-31T12:00:00.000Z' }, 0);
    const writes = { history: [], secrets: [], keyspaces: null, keys: [] };
    const facts = [factRow(fact, { partition: 0, offset: 1 })];
    expect(await store.writer(live).apply({ ...writes, facts }, {})).toBe('applied');
    const ran = await shadow();
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(
      `fact ${fact.attributes.id}: is not in the log, or does not follow from its key's events`,
    );
  }, 60_000);
});

test('finds events that were changed, taken out or put in past a stopped process, and a secret that leads nowhere', async () => {
  const folder = await makeFolder();
  const first = await folder.start();
  const made: MadeKey[] = [];
  for (let number = 0; number < 4; number++) made.push(await createKey(first.api));
  const [a, b, c, d] = made.map(({ keyId }) => keyId);
  await change(first.api, 'disableKey', b!);
  await first.process.stop();
  const file = await openSqlite({ file: join(folder.path, 'read.db'), synced: false });
  await file.run(`UPDATE history_g1 SET row = replace(row, '"alice"', '"mallory"') WHERE aggregateId = ?`, [a!]);
  await file.run('DELETE FROM history_g1 WHERE aggregateId = ? AND version = 1', [c!]);
  await file.run('DELETE FROM secrets_g1 WHERE keyId = ?', [d!]);
  await file.close();
  // What a killed process has left of a shadow goes when the next one starts.
  await mkdir(join(folder.path, 'shadow-left'));
  const { process, api: again } = await folder.start();
  const ran = await runKeyfold(['audit', 'shadow', '--json'], { ...folder.env, KEYFOLD_URL: again.url });
  expect(ran.code).toBe(1);
  const { error } = JSON.parse(ran.stderr.slice(ran.stderr.indexOf('{'))) as { error: { differences: string[] } };
  expect(error.differences).toEqual([
    expect.stringMatching(/^history of workspace acme: g1 has 4 of 5 events$/),
    `event ${a}@1: is not what the log holds`,
    `event ${c}@1: is missing in history`,
    `key ${d}: is not found by its secret`,
  ]);
  expect(process.stderr() + process.stdout()).toContain('the read models are not what the log says');
  expect((await readdir(folder.path)).filter((name) => name.startsWith('shadow'))).toEqual([]);
  await process.stop();
  await folder.remove();
}, 120_000);
