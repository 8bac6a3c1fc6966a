// Publication: every accepted event reaches the public topic, whatever crashes, loses its answer or is done by two at once.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createPublisher, type Publisher } from '../../projections/publisher.ts';
import type { Projector } from '../../projections/projector.ts';
import { createWaiter, type Waiter } from '../../projections/waiter.ts';
import type { LogRecord } from '../../events/log.ts';
import type { CorpusFile } from '../corpus/file.ts';
import { recordsOf } from '../fakes/author.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import type { MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';
import { defined } from '../fakes/author.ts';
import { history, world, type World } from './world.ts';

const idOf = ({ headers }: LogRecord): string => headers.ce_id ?? '';

describe('protocol P7: the public topic', () => {
  const running: { stop(): Promise<void> }[] = [];
  const waiters: Waiter[] = [];

  function publish(
    w: World,
    topic: MemoryLog,
    holder = 'one',
    store: MemoryStore = w.store.connect(),
    claimMs = 60,
  ): Publisher & { readonly lines: ReturnType<typeof memoryLogger>['lines'] } {
    const waiter = createWaiter({ store, firstPauseMs: 1, maxPauseMs: 3, followPauseMs: 3 });
    waiters.push(waiter);
    const logger = memoryLogger();
    const publisher = createPublisher({
      ...{ log: w.log, store, waiter, topic, logger, holder, claimMs },
      backOff: { firstMs: 1, maxMs: 3 },
    });
    publisher.start();
    running.push(publisher);
    return { ...publisher, lines: logger.lines };
  }

  const project = (w: World): Projector => {
    const projector = runProjector(w);
    running.push(projector);
    return projector;
  };

  /** Accepted events, by partition, in the log's order. */
  const accepted = (w: World): string[] =>
    w.store
      .contents()
      .history.toSorted(({ position: a }, { position: b }) => a.partition - b.partition || a.offset - b.offset)
      .map(({ id }) => id);
  const byPartition = (topic: MemoryLog): LogRecord[] => [0, 1, 2].flatMap((partition) => topic.records(partition));
  const distinct = (ids: readonly string[]): string[] => [...new Set(ids)];
  const published = (w: World, topic: MemoryLog) =>
    until(() => distinct(topic.records().map(idOf)).length === accepted(w).length, 'everything is published');

  async function change(w: World, key: string, type: 'KeyEnabled' | 'KeyDisabled'): Promise<void> {
    const event = { type, data: {}, personal: { note: null }, private: {} } as const;
    await w.log.append(recordsOf([await w.author.next(w.author.keyId(key), event)]));
    await projected(w.log, w.store);
  }

  async function given(): Promise<{ w: World; topic: MemoryLog }> {
    const w = world();
    const records = recordsOf([await w.author.next('keyspaces', defined()), ...(await history(w, 12))]);
    // Copies and losers of races are in the log, too.
    await w.log.append(records.flatMap((record, index) => (index % 3 === 0 ? [record, record] : [record])));
    project(w);
    await until(() => accepted(w).length === records.length, 'projected');
    return { w, topic: createMemoryLog() };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    for (const waiter of waiters.splice(0)) waiter.close();
  });

  test('has every accepted event once, in the order of the log, and no ignored record', async () => {
    const { w, topic } = await given();
    publish(w, topic);
    await published(w, topic);
    expect(byPartition(topic).map(idOf)).toEqual(accepted(w));
    await change(w, 'k3', 'KeyEnabled');
    await published(w, topic);
    expect(byPartition(topic).map(idOf)).toEqual(accepted(w));
  });

  test('says what the event is in CloudEvents’ headers, keyed by the aggregate, and nothing that is sealed or private', async () => {
    const { w, topic } = await given();
    publish(w, topic);
    await published(w, topic);
    const rows = new Map(w.store.contents().history.map((row) => [row.id, row]));
    for (const record of topic.records()) {
      const row = rows.get(idOf(record))!;
      const { 'content-type': type, ce_specversion: version, ...rest } = record.headers;
      expect([type, version, record.key]).toEqual(['application/json', '1.0', row.aggregateId]);
      const attributes = Object.entries(row.attributes).map(([name, value]) => [`ce_${name}`, String(value)]);
      expect(rest).toEqual(Object.fromEntries(attributes));
      expect(JSON.parse(Buffer.from(record.value).toString())).toEqual(row.data);
      const text = Buffer.from(record.value).toString() + JSON.stringify(record.headers);
      expect(text).not.toContain(row.sealed);
      expect(text).not.toContain(row.fingerprint);
    }
  });

  test('has an event of a former version as it was written, under its own type, by the schema that is named there', async () => {
    const former = ['KeyspaceDefined.v1', 'KeyspaceChanged.v1'].map(
      (name) => JSON.parse(readFileSync(`test/corpus/${name}.json`, 'utf8')) as CorpusFile,
    );
    const w = world();
    await w.log.append(former.map(({ key, value }) => ({ key, value: Buffer.from(value), headers: {} })));
    project(w);
    await projected(w.log, w.store);
    const topic = createMemoryLog();
    publish(w, topic);
    await published(w, topic);
    const records = topic.records();
    expect(records.map(({ headers }) => headers.ce_type)).toEqual([
      'keyfold.KeyspaceDefined.v1',
      'keyfold.KeyspaceChanged.v1',
    ]);
    for (const [index, { value, headers }] of records.entries()) {
      const { data, dataschema } = JSON.parse(former[index]!.value) as { data: object; dataschema: string };
      const told = JSON.parse(Buffer.from(value).toString()) as object;
      expect([told, headers.ce_dataschema]).toEqual([data, dataschema]);
      const file = `docs/schemas/${dataschema.slice('urn:keyfold:schema:'.length)}.json`;
      const schema = z.fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof z.fromJSONSchema>[0]);
      expect(schema.safeParse(told).error).toBeUndefined();
    }
  });

  test('goes on behind what was published; what was not acknowledged there is published again', async () => {
    const { w, topic } = await given();
    const store = w.store.connect();
    let advances = 0;
    store.beforeCall = (name) => {
      if (name === 'publication.advance' && ++advances <= 3) throw new Error('the process dies here');
    };
    topic.script('lost', 'lost-acknowledgement', 'twice');
    const first = publish(w, topic, 'one', store);
    await published(w, topic);
    await until(() => first.trouble() === null && advances > 3, 'it goes on');
    expect(distinct(byPartition(topic).map(idOf))).toEqual(accepted(w));
    expect(topic.records().length).toBeGreaterThan(accepted(w).length);
    await first.stop();
    const before = topic.records().length;
    const again = publish(w, topic, 'two');
    await change(w, 'k5', 'KeyEnabled');
    await published(w, topic);
    expect(topic.records().length).toBe(before + 1);
    expect(again.trouble()).toBeNull();
  });

  test('is written by one of two processes; when that one is gone the other goes on, with nothing left out', async () => {
    const { w, topic } = await given();
    const one = publish(w, topic, 'one');
    await published(w, topic);
    const two = publish(w, topic, 'two');
    for (let round = 0; round < 5; round++) {
      const type = round % 2 === 0 ? 'KeyEnabled' : 'KeyDisabled';
      await change(w, 'k1', type);
      await published(w, topic);
    }
    expect(byPartition(topic).map(idOf)).toEqual(accepted(w));
    await one.stop();
    await change(w, 'k2', 'KeyEnabled');
    await published(w, topic);
    expect(two.trouble()).toBeNull();
    expect(distinct(byPartition(topic).map(idOf))).toEqual(accepted(w));
  });

  test('by two at once, neither of which knows of the other, still has each event’s first copy in order', async () => {
    const { w, topic } = await given();
    const stores = [w.store.connect(), w.store.connect()];
    // A claim that both are granted: what a clock that jumps comes to.
    const granted = stores.map((store) => ({
      ...store,
      publication: { ...store.publication, claim: () => Promise.resolve(true) },
    }));
    granted.forEach((store, index) => publish(w, topic, String(index), store));
    await published(w, topic);
    expect(distinct(byPartition(topic).map(idOf))).toEqual(accepted(w));
  });

  test('waits for a topic that is away, says so, and goes on when it is back', async () => {
    const { w, topic } = await given();
    topic.decideFate = () => 'lost';
    const publisher = publish(w, topic);
    await until(() => publisher.trouble() !== null, 'it says that it waits');
    topic.decideFate = () => 'ok';
    await published(w, topic);
    await until(() => publisher.trouble() === null, 'all is well again');
  });

  test('a store that was away while there was nothing to publish is no trouble once it answers again', async () => {
    const { w, topic } = await given();
    const publisher = publish(w, topic);
    await published(w, topic);
    w.store.setDown(true);
    await until(() => publisher.trouble() !== null, 'it says that it waits');
    w.store.setDown(false);
    await until(() => publisher.trouble() === null, 'all is well again, though nothing happens');
  });
});
