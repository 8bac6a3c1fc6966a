// The seam: whether a log is the one that read models were made from, told by the last record that they have read of it.
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeFact, factAt } from '../../events/fact-record.ts';
import type { LogBatch } from '../../events/log.ts';
import { LogUnavailableError, type EventLog } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { parkedBeyond, unknownRecord } from '../../services/log-seam.ts';
import {
  at,
  createAuthor,
  created,
  noted,
  recordsOf,
  regenerated,
  testDataKeys,
  WORKSPACE,
  type Author,
} from '../fakes/author.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { projected, runProjector } from '../fakes/running.ts';

const EXPIRY = at(9_000_000);

describe('the seam between log and read models', () => {
  let store: MemoryStore;
  let log: MemoryLog;
  let author: Author;
  let id: string;

  beforeEach(async () => {
    store = createMemoryStore();
    log = createMemoryLog({ partitions: 1 });
    author = createAuthor({ dataKeys: testDataKeys(store) });
    id = author.keyId('k');
    const made = created('n', { data: { expiresAt: EXPIRY } });
    await log.append(recordsOf([await author.next(id, made), await author.next(id, regenerated('s', at(9000)))]));
  });

  async function project(): Promise<Position> {
    const projector = runProjector({ log, store });
    await projected(log, store);
    await projector.stop();
    return (await store.control()).generations[0]?.checkpoint ?? {};
  }
  const unknownIn = async (of: EventLog, { parkedLost = false } = {}) => {
    const { generations } = await store.control();
    const checkpoint = generations[0]?.checkpoint ?? {};
    return unknownRecord({ log: of, store }, { checkpoint, end: await of.end(), parkedLost });
  };
  /** A log that holds what `log` does, changed. */
  function another(change: (values: Uint8Array[]) => Uint8Array[]): MemoryLog {
    const other = createMemoryLog({ partitions: 1 });
    const values = change(log.records().map(({ value }) => value));
    for (const value of values) other.put({ key: id, value });
    return other;
  }

  test('protocol T: what was applied, what was ignored and what was parked is known, whichever comes last', async () => {
    await project();
    expect(await unknownIn(log)).toBeNull();
    const [first, second] = log.records();
    for (const copy of [first!, second!]) {
      log.put({ key: id, value: copy.value }); // ignored
      await project();
      expect(await unknownIn(log)).toBeNull();
    }
    for (const value of [Buffer.from('junk'), Buffer.from('{"subject":"x","version":1,"hash":"y"}')]) {
      log.put({ key: id, value });
      await project();
      expect(await unknownIn(log)).toBeNull();
    }
    // Nothing is asked of a log that was not read yet, and nothing of what came since.
    expect(await unknownRecord({ log, store }, { checkpoint: {}, end: await log.end(), parkedLost: false })).toBeNull();
    await log.append(recordsOf([await author.next(author.keyId('other'), created('o'))]));
    expect(await unknownIn(log)).toBeNull();
  });

  test('protocol T: another log that has grown past the checkpoint is told by its place, whatever it holds there', async () => {
    const mallory = createAuthor({ dataKeys: testDataKeys(createMemoryStore(), 7), seed: 7 });
    const foreign = [
      encodeRecord(await mallory.next(mallory.keyId('m'), created('m'))),
      encodeRecord(await mallory.next(id, created('m'))),
    ].map(({ value }) => value);
    await project();
    const more = log.records().map(({ value }) => value);
    const logs = [
      another(() => [...foreign, ...more]),
      another(([first]) => [foreign[0]!, foreign[1]!, first!]), // the same version of the same key, with another hash
      another(([first, second]) => [second!, first!]),
      another(([first]) => [first!, Buffer.from('junk'), Buffer.from('junk')]),
    ];
    for (const other of logs) expect(await unknownIn(other)).not.toBeNull();
    expect(await unknownIn(another((values) => values))).toBeNull();
  });

  test('protocol T E6: a fact is known by its bytes at its place; a copy is passed over, any other fact there is not known', async () => {
    const about = { keyId: id, workspaceId: WORKSPACE, keyspace: 'default', expiresAt: EXPIRY };
    const fact = encodeFact(factAt(about, 30));
    await log.append([fact]);
    await project();
    expect(await unknownIn(log)).toBeNull();

    const others = [
      factAt(about, 7),
      factAt(about, 0),
      factAt({ ...about, keyId: author.keyId('other') }, 30),
      factAt({ ...about, expiresAt: at(9_000_001) }, 30),
    ].map((each) => encodeFact(each).value);
    const text = Buffer.from(fact.value).toString();
    // The same id, and not the same record; what is no fact, and says so.
    others.push(Buffer.from(text.replace('"default"', '"another"')), Buffer.from(text.replace(/"id":"[^"]*",/, '')));
    for (const value of others) expect(await unknownIn(another(([a, b]) => [a!, b!, value]))).not.toBeNull();
    // It lay elsewhere.
    expect(await unknownIn(another(([a, b, c]) => [a!, c!, b!]))).not.toBeNull();

    log.put({ key: id, value: fact.value }); // ignored: the first record of an id counts
    await project();
    expect(await unknownIn(log)).toBeNull();
    expect(await unknownIn(another(([a, b, , copy]) => [a!, b!, others[0]!, copy!]))).not.toBeNull();
    expect(store.contents().facts).toHaveLength(1);
  });

  test('protocol T: a parked place does not excuse other bytes there', async () => {
    log.put({ key: id, value: Buffer.from('junk') });
    await project();
    expect(await unknownIn(another(([a, b]) => [a!, b!, Buffer.from('other junk')]))).toEqual({
      partition: 0,
      offset: 2,
    });
  });

  test('protocol T: offsets that hold nothing are stepped over, back to the last record; where there is none it is missing', async () => {
    await log.append(recordsOf([await author.next(id, noted('KeyDisabled'))]));
    await project();
    // As on Kafka: the last record is at 2, markers lie behind it up to `next`.
    const sparse = (last: readonly LogBatch['records'][number][], next: number): EventLog => ({
      ...log,
      end: () => Promise.resolve({ 0: next }),
      async *read({ from }) {
        const start = (await from())[0] ?? 0;
        yield { partition: 0, records: last.filter(({ offset }) => offset >= start), next };
        await new Promise(() => undefined);
      },
    });
    const check = (of: EventLog, offset: number) =>
      unknownRecord({ log: of, store }, { checkpoint: { 0: offset }, end: { 0: offset }, parkedLost: false });
    for (const markers of [1, 15, 16, 300])
      expect(await check(sparse(log.records(), 3 + markers), 3 + markers)).toBeNull();
    expect(await check(sparse([], 3), 3)).toEqual({ partition: 0, offset: 2 });
    expect(await check(sparse([], 300), 300)).toEqual({ partition: 0, offset: 299 });
    log.truncate({ 0: 3 });
    expect(await unknownIn(log)).toEqual({ partition: 0, offset: 2 });
  });

  test('protocol T: when nobody remembers what was parked, the last record that is known tells', async () => {
    log.put({ key: id, value: Buffer.from('junk') });
    await project();
    const emptied = createMemoryStore();
    Object.assign(store, { parked: emptied.parked });
    expect(await unknownIn(log)).toEqual({ partition: 0, offset: 2 });
    expect(await unknownIn(log, { parkedLost: true })).toBeNull();
    const other = another(() => [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]);
    expect(await unknownIn(other, { parkedLost: true })).not.toBeNull();
  });

  test('protocol T: a record that is parked behind the end of the log is told: what came there would be passed over', async () => {
    log.put({ key: id, value: Buffer.from('junk') });
    await project();
    expect(await parkedBeyond({ log, store }, await log.end())).toBeNull();
    const shorter = another(([a, b]) => [a!, b!]);
    expect(await parkedBeyond({ log: shorter, store }, await shorter.end())).toEqual({ partition: 0, offset: 2 });
    // One that came and was parked after the end was asked for.
    expect(await parkedBeyond({ log, store }, { 0: 1 })).toBeNull();
  });

  test('a log that hands nothing out is waited for, like one that does not answer', async () => {
    await project();
    log.hold();
    const signal = AbortSignal.timeout(0);
    const original = AbortSignal.timeout.bind(AbortSignal);
    AbortSignal.timeout = () => signal;
    try {
      await expect(unknownIn(log)).rejects.toThrow(LogUnavailableError);
    } finally {
      AbortSignal.timeout = original;
    }
  });
});
