// Records that no fold can take, put into the log by hand: parked, their keys shut out, everything else goes on; and the
// two ways back, through a real API, projector and verifier.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeRecordPosition } from '../../events/position.ts';
import { expectFoldOfLog } from '../support/contents.ts';
import { globalId, payload, type Api, type ParkedView } from '../support/api.ts';
import { nextEvent } from '../support/hand-written.ts';
import type { InProcess } from '../support/in-process.ts';
import { change, codeOf, createKey, type MadeKey } from '../support/keys.ts';
import { runKeyfold, type CommandResult } from '../support/processes.ts';
import { NEWER_TYPE } from '../support/later-build.ts';
import { metric, readyz } from '../support/system.ts';

const START_MS = 240_000;
const TEST_MS = 240_000;
/** What projector and verifier notice by themselves. */
const BY_ITSELF = { timeout: 60_000, interval: 50 };

export interface BrokenLog {
  readonly system: InProcess;
  /** Puts a record into the log by hand, beside Keyfold. */
  readonly write: (key: string | null, value: Uint8Array) => Promise<void>;
}

/** @param build what the processes are built from: `fixed` is true once the code can read newer events. */
export function brokenRecords(on: string, start: () => Promise<BrokenLog>, build: { fixed: boolean }): void {
  describe(`broken records, ${on}`, { timeout: TEST_MS }, () => {
    let system: InProcess;
    let write: BrokenLog['write'];
    let admin: Api;
    let healthy: MadeKey;
    /** By what is wrong with it: the key whose record it is, the bytes, and where they are parked. */
    const broken = new Map<string, { key: MadeKey | null; bytes: Buffer; reason: RegExp }>();
    const parked = new Map<string, ParkedView>();

    beforeAll(async () => {
      ({ system, write } = await start());
      admin = await system.api();
      healthy = await createKey(admin, { name: 'Healthy' });
    }, START_MS);
    afterAll(() => system.stop(), START_MS);

    const openRecords = async (): Promise<readonly ParkedView[]> =>
      (await admin.health()).projections.flatMap((projection) => projection.parked);
    const keyOf = (what: string): MadeKey => broken.get(what)!.key!;
    const restart = async (): Promise<void> => {
      system = await system.restart();
      admin = await system.api();
    };
    const expectQuarantined = async ({ keyId, secret }: MadeKey): Promise<void> => {
      await vi.waitFor(async () => expect(await codeOf(system.verifiers, secret)).toBe('QUARANTINED'), BY_ITSELF);
      expect(await admin.key(keyId)).toMatchObject({ quarantined: true });
    };
    const expectHealthy = async (): Promise<void> => {
      const { position } = await change(admin, 'updateKey', healthy.keyId, { description: String(Math.random()) });
      expect(await codeOf(system.verifiers, healthy.secret, { atLeast: position })).toBe('VALID');
    };
    const cli = (...args: string[]): Promise<CommandResult> =>
      runKeyfold(['projections', ...args], { KEYFOLD_URL: admin.url, KEYFOLD_TOKEN: admin.token });

    test('are parked with their bytes, the reason and their position; their keys are shut out, all others go on', async () => {
      const make = async (what: string, reason: RegExp, bytes: (keyId: string) => Buffer | Promise<Buffer>) => {
        const key = await createKey(admin, { name: what });
        broken.set(what, { key, bytes: await bytes(key.keyId), reason });
      };
      const event = (changes: object, options?: object) => (keyId: string) =>
        nextEvent(system.core, keyId, changes, options);
      await make('not JSON', /^not JSON$/, (keyId) => Buffer.from(`{ "subject": "${keyId}", `));
      await make('unknown type', /^unknown type/, event({ type: 'keyfold.KeyFrobbed.v1' }));
      await make('newer version', /^unknown type/, event({ type: NEWER_TYPE }));
      await make('wrong chain', /prev|head|chain/, event({ prev: 'f'.repeat(64) }));
      await make('version left out', /version/, async (keyId) =>
        nextEvent(system.core, keyId, { version: 3, id: `${keyId}@3` }),
      );
      await make('blank field', /^record\.commandid/, event({ commandid: '' }));
      await make('changed content', /^hash does not match/, event({ actor: 'user:mallory' }, { rehash: false }));
      await make(
        'another key',
        /^subject is not the record key$/,
        event({ subject: healthy.keyId, id: `${healthy.keyId}@9` }),
      );
      broken.set('no key', { key: null, bytes: Buffer.from('{}'), reason: /./ });

      for (const { key, bytes } of broken.values()) await write(key?.keyId ?? null, bytes);
      const records = await vi.waitFor(async () => {
        const open = await openRecords();
        expect(open).toHaveLength(broken.size);
        return open;
      }, BY_ITSELF);

      for (const [what, { key, bytes, reason }] of broken) {
        const found = records.find(({ aggregateId }) => aggregateId === (key?.keyId ?? null))!;
        expect(found.reason, what).toMatch(reason);
        expect(Date.parse(found.time)).toBeLessThanOrEqual(Date.now());
        const row = await system.core.store.parked.at(decodeRecordPosition(found.position)!);
        expect(Buffer.from(row!.value).equals(bytes), what).toBe(true);
        parked.set(what, found);
        if (key) await expectQuarantined(key);
      }
      await expectHealthy();
      await expectFoldOfLog(system.core);
    });

    test('a copy of a parked record is no second trouble', async () => {
      const { key, bytes } = broken.get('not JSON')!;
      await write(key!.keyId, bytes);
      await expectHealthy();
      await expectFoldOfLog(system.core);
      expect(await openRecords()).toHaveLength(broken.size);
    });

    test('a key that is shut out can be changed, and stays shut out', async () => {
      const { keyId, secret } = keyOf('blank field');
      const { position } = await change(admin, 'changeScopes', keyId, { scopes: ['later:on'] });
      expect(await admin.key(keyId, position)).toMatchObject({ version: 2, scopes: ['later:on'], quarantined: true });
      expect(await codeOf(system.verifiers, secret, { atLeast: position })).toBe('QUARANTINED');
    });

    test('status, metrics, readiness and health say so', async () => {
      const status = await cli('status', '--json');
      expect(status.code).toBe(0);
      const [keys] = (JSON.parse(status.stdout) as { projections: { parked: ParkedView[] }[] }).projections;
      expect(keys!.parked).toEqual(await openRecords());
      const text = await cli('status');
      for (const { position, reason } of parked.values()) {
        expect(text.stdout).toContain(position);
        expect(text.stdout).toContain(reason);
      }
      const { api, verifiers } = system.addresses;
      await vi.waitFor(async () => expect(await metric(api, 'keyfold_parked_records')).toBe(broken.size), BY_ITSELF);
      for (const url of [api, ...verifiers]) {
        const { status: code, body } = await readyz(url);
        expect([code, body.status]).toEqual([200, 'degraded']);
        expect(body.reasons.join()).toContain(`${broken.size} `);
      }
    });

    test('the quarantine survives a restart and a rebuild', async () => {
      await restart();
      for (const { key } of broken.values()) if (key) await expectQuarantined(key);
      const { generation } = payload(await admin.settle('rebuildProjections', {}));
      await vi.waitFor(
        async () => expect((await admin.health()).projections).toMatchObject([{ generation }]),
        BY_ITSELF,
      );
      await restart();
      for (const { key } of broken.values()) if (key) await expectQuarantined(key);
      expect(await openRecords()).toHaveLength(broken.size);
      await expectHealthy();
    });

    test('retryParked without a fix leaves them parked, and says which', async () => {
      const retried = await cli('retry');
      expect(retried.code).toBe(1);
      expect(retried.stderr).toContain('STILL_PARKED');
      for (const { position } of parked.values()) expect(retried.stdout).toContain(position);
      for (const { key } of broken.values()) if (key) await expectQuarantined(key);
      expect(await openRecords()).toHaveLength(broken.size);
    });

    test('retryParked after a fix of the code brings the key back, with the event', async () => {
      const { keyId, secret } = keyOf('newer version');
      build.fixed = true;
      await restart();
      await expectQuarantined(keyOf('newer version')); // a parked position is never folded again, whatever the code
      const result = payload(await admin.settle('retryParked', { position: parked.get('newer version')!.position }));
      expect(result.parked).toEqual([]);
      expect(await codeOf(system.verifiers, secret, { atLeast: result.position })).toBe('DISABLED');
      expect(await admin.key(keyId, result.position)).toMatchObject({
        quarantined: false,
        status: 'DISABLED',
        version: 2,
      });
      expect((await admin.history(keyId)).at(-1)).toMatchObject({
        type: 'KEY_DISABLED',
        actor: { id: 'somebody' },
        data: { note: 'written by hand' },
      });
      const { position } = await change(admin, 'enableKey', keyId);
      expect(await codeOf(system.verifiers, secret, { atLeast: position })).toBe('VALID');
      broken.delete('newer version');
      expect(await openRecords()).toHaveLength(broken.size);
    });

    test('discardRecord brings each key back, and the history says who gave which record up, and why', async () => {
      for (const [what, { key }] of broken) {
        const { position: at } = parked.get(what)!;
        const result = payload(await admin.settle('discardRecord', { position: at, reason: `it was ${what}` }));
        expect(result.key?.keyId ?? null).toBe(key?.keyId ?? null);
        if (!key) continue;
        expect(await codeOf(system.verifiers, key.secret, { atLeast: result.position })).toBe('VALID');
        expect(await admin.key(key.keyId, result.position)).toMatchObject({ quarantined: false });
        expect((await admin.history(key.keyId)).at(-1)).toMatchObject({
          type: 'RECORD_DISCARDED',
          actor: { id: 'alice' },
          data: { position: at, reason: `it was ${what}` },
        });
        const { position } = await change(admin, 'disableKey', key.keyId);
        expect(await codeOf(system.verifiers, key.secret, { atLeast: position })).toBe('DISABLED');
      }
      expect(await openRecords()).toEqual([]);
      const { api, verifiers } = system.addresses;
      await vi.waitFor(async () => {
        for (const url of [api, ...verifiers]) expect((await readyz(url)).body.status).toBe('ready');
        expect(await metric(api, 'keyfold_parked_records')).toBe(0);
      }, BY_ITSELF);
    });

    test('only operators discard, and only what is parked', async () => {
      const plain = await system.api({ operator: false });
      const { position } = parked.get('not JSON')!;
      expect(await plain.settle('discardRecord', { position, reason: 'x' })).toMatchObject({ code: 'NOT_ALLOWED' });
      const again = await admin.settle('discardRecord', { position, reason: 'once more' });
      expect(again).toMatchObject({ __typename: 'InvalidInput', path: ['position'] });
      const wrong = await admin.settle('disableKey', { id: globalId(healthy.keyId), ifVersion: 1 });
      expect(wrong).toMatchObject({ __typename: 'VersionConflict' });
    });

    test('a rebuild and a restart after all that come to the same', async () => {
      const { generation } = payload(await admin.settle('rebuildProjections', {}));
      await vi.waitFor(
        async () => expect((await admin.health()).projections).toMatchObject([{ generation }]),
        BY_ITSELF,
      );
      await restart();
      expect(await openRecords()).toEqual([]);
      await expectHealthy();
      await expectFoldOfLog(system.core);
    });
  });
}
