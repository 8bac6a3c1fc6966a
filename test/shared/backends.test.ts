// Opening log and store: one that lacks what the other stands on is refused, a new installation never is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventLog } from '../../events/log.ts';
import type { RecordPosition } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { historyRow } from '../../projections/history.ts';
import { openBackends, type Backends } from '../../services/backends.ts';
import { checkBackends, LostDataError } from '../../services/lost-data.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings, type Settings } from '../../services/shared/settings.ts';
import { dataKeyRow, parkedRow } from '../contracts/read-store-rows.ts';
import { createAuthor, defined, testDataKeys } from '../fakes/author.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const author = createAuthor({ dataKeys: testDataKeys(createMemoryStore()) });
const EVENT = await author.next('keyspaces', defined());
const RECORD = encodeRecord(EVENT);
/** What a projector writes of {@link RECORD} where it lies. */
const folded = (position: RecordPosition) => ({
  history: [historyRow(EVENT, { ...RECORD, ...position })],
  secrets: [],
  keys: [],
  keyspaces: null,
});
const KEPT = ['kept.db', 'kept.db-wal', 'kept.db-shm'];
const quiet = createLogger({ level: 'silent' });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-'));
});
afterEach(() => rm(folder, { recursive: true }));

function settingsOf(more: Readonly<Record<string, string>> = {}): Settings {
  const loaded = loadSettings({ KEYFOLD_DATA: folder, ...more });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  return loaded.settings;
}
const open = (more: Readonly<Record<string, string>> = {}, logger = quiet): Promise<Backends> =>
  openBackends(settingsOf(more), logger, new Date().toISOString());
const remove = async (names: readonly string[]): Promise<void> => {
  for (const name of names) await rm(join(folder, name), { force: true });
};

/** An installation with one event, closed again. */
async function install(): Promise<void> {
  const { log, store, ...installation } = await open();
  await store.dataKeys.insert(dataKeyRow('keyspaces.1'));
  await log.append([RECORD]);
  await store.writer('g1').apply(folded({ partition: 0, offset: 0 }), { 0: 1 });
  await installation.close();
}

describe('on embedded storage', () => {
  it('what the log gives back is projected again without a word', async () => {
    await install();
    await remove(['read.db', 'read.db-wal', 'read.db-shm']);
    await (await open()).close();
  });

  it('data keys that are gone from beside the log are refused in words that say how to go on, until somebody accepts it', async () => {
    await install();
    await remove(KEPT);
    const refusal = (): Promise<unknown> =>
      open().then(
        () => 'opened',
        (error: unknown) => error,
      );
    for (let start = 0; start < 2; start++) {
      const error = (await refusal()) as LostDataError;
      expect(error).toBeInstanceOf(LostDataError);
      expect(error.message).toMatch(/^the data keys are gone/);
      expect(error.advice).toContain(`put ${join(folder, 'kept.db')} back from a backup`);
      expect(error.advice).toContain('KEYFOLD_ACCEPT_LOST_DATA_KEYS=true');
    }
    const lines: string[] = [];
    const logger = createLogger({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
    const accepted = await open({ KEYFOLD_ACCEPT_LOST_DATA_KEYS: 'true' }, logger);
    expect(lines).toEqual([expect.stringContaining('KEYFOLD_ACCEPT_LOST_DATA_KEYS')]);
    // The next change makes a data key: from then on the setting is not needed.
    await accepted.store.dataKeys.insert(dataKeyRow('keyspaces.1'));
    await accepted.close();
    await (await open()).close();
  });

  it('a log that is gone from beside its read models is refused, and so is one that ends too early', async () => {
    await install();
    await remove(['log.db', 'log.db-wal', 'log.db-shm']);
    const refused = expect.objectContaining({ code: 'DATA_LOST' }) as Error;
    for (const more of [{}, { KEYFOLD_ACCEPT_LOST_DATA_KEYS: 'true' }]) {
      await expect(open(more)).rejects.toEqual(refused);
      await expect(open(more)).rejects.toThrow('it ends at p1_0-0, the read models have read up to p1_0-1');
    }
  });

  it('a log that ends too early can be gone on with, by the advice that comes with the refusal', async () => {
    await install();
    await remove(['log.db', 'log.db-wal', 'log.db-shm']);
    const error: unknown = await open().catch((refused: unknown) => refused);
    if (!(error instanceof LostDataError)) throw new Error('not refused');
    expect(error.advice).toContain(`remove ${join(folder, 'read.db')}, to go on with the log as it is`);
    await remove(['read.db', 'read.db-wal', 'read.db-shm']);
    await (await open()).close();
  });

  it('what was opened is closed again when a later step fails, so that a start can be tried over and over', async () => {
    await install();
    await remove(KEPT);
    for (let start = 0; start < 3; start++) await expect(open()).rejects.toThrow(LostDataError);
  });
});

describe('a new split installation', () => {
  const distributed = { storage: { kind: 'distributed' as const, kafka: {} as never, mongodbUrl: 'mongodb://a' } };
  const settings = (services: Settings['services'] = ['api']): Settings => ({
    ...settingsOf(),
    ...distributed,
    services,
  });

  it('is never taken for one that has lost something, whichever process starts between which of its first writes', async () => {
    const [log, store] = [createMemoryLog(), createMemoryStore()];
    const start = (): Promise<void> => checkBackends({ log, store: store.connect() }, settings(), quiet);
    await start();
    await store.dataKeys.insert(dataKeyRow('keyspaces.1'));
    await start();
    const [position] = await log.append([RECORD]);
    await start(); // no checkpoint yet
    if (!position) throw new Error('no position');
    await store.writer('g1').apply(folded(position), await log.end());
    await start();
    await store.parked.park({ ...parkedRow(0, 0), position: log.put({ value: Buffer.from('junk') }) });
    await start();
  });

  it('protocol E2: the log is asked before the data keys: an event that comes in between has brought its data key', async () => {
    const [log, store] = [createMemoryLog(), createMemoryStore()];
    const racing: EventLog = {
      ...log,
      end: async () => {
        const end = await log.end();
        await store.dataKeys.insert(dataKeyRow('keyspaces.1'));
        await log.append([RECORD]);
        return end;
      },
    };
    store.beforeCall = async (name) => {
      if (name === 'dataKeys.any') await log.append([RECORD]);
    };
    await checkBackends({ log: racing, store }, settings(), quiet);
  });

  it('an emptied database beside its topic is refused to those who write; a verifier alone goes on answering', async () => {
    const [log, store] = [createMemoryLog(), createMemoryStore()];
    await log.append([RECORD]);
    for (const services of [['api'], ['projector'], ['api', 'projector', 'verifier']] as const) {
      await expect(checkBackends({ log, store }, settings(services), quiet)).rejects.toThrow(LostDataError);
    }
    await checkBackends({ log, store }, settings(['verifier']), quiet);
  });
});
