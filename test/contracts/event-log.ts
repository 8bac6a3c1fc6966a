// The contract of the EventLog port: what every adapter guarantees, run against each of them.
// Needs two partitions at most; whatever the number is, the tests hold.
import { afterEach, describe, expect, test } from 'vitest';
import {
  LogUnavailableError,
  PositionOutOfRangeError,
  type EventLog,
  type LogBatch,
  type LogRecord,
  type NewRecord,
} from '../../events/log.ts';
import { covers, furthest, positionAfter, type Position } from '../../events/position.ts';

/** One log, empty at first. */
export interface LogFixture {
  readonly log: EventLog;
  /** Closes the log, if it is open, and opens the same one again. */
  readonly reopen: () => Promise<EventLog>;
  /** Puts a record into the log past the adapter, as an operator could with other tools. May close {@link log}. */
  readonly appendByHand: (record: { readonly key: string | null; readonly value: Uint8Array }) => Promise<void>;
  /** Closes the log and removes it. */
  readonly dispose: () => Promise<void>;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const record = (key: string, value = ''): NewRecord => ({ key, value: text(value), headers: {} });
const textOf = (entry: LogRecord): string => new TextDecoder().decode(entry.value);

/** Reads from a position up to the end that the log has now. */
export async function readToEnd(log: EventLog, from: Position = {}): Promise<LogRecord[]> {
  const end = await log.end();
  const records: LogRecord[] = [];
  let reached: Position = { ...Object.fromEntries(Object.keys(end).map((partition) => [partition, 0])), ...from };
  if (covers(reached, end)) return records;
  const stop = new AbortController();
  for await (const batch of log.read({ from: () => from, signal: stop.signal })) {
    records.push(...batch.records);
    reached = furthest(reached, { [batch.partition]: batch.next });
    if (covers(reached, end)) break;
  }
  return records;
}

export function eventLogContract(name: string, open: () => Promise<LogFixture>): void {
  describe(`the EventLog port on ${name}`, () => {
    let fixture: LogFixture | undefined;
    const openLog = async (): Promise<LogFixture> => (fixture = await open());

    afterEach(async () => {
      await fixture?.dispose();
      fixture = undefined;
    });

    test('records of one key lie in one partition, in the order in which they were appended', async () => {
      const { log } = await openLog();
      const keys = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(Array.from({ length: 200 }, (_, n) => log.append(keys.map((key) => record(key, String(n))))));
      const records = await readToEnd(log);
      expect(records).toHaveLength(1000);
      for (const key of keys) {
        const own = records.filter((entry) => entry.key === key);
        expect(own.map(textOf)).toEqual(Array.from({ length: 200 }, (_, n) => String(n)));
        expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      }
    });

    test('64 concurrent appenders of 100 records each get a position of its own for every record', async () => {
      const { log } = await openLog();
      const acknowledged = new Map<string, string>();
      await Promise.all(
        Array.from({ length: 64 }, async (_, appender) => {
          for (let n = 0; n < 100; n += 1) {
            const [position] = await log.append([record(`key-${appender}`, `${appender}/${n}`)]);
            if (position) acknowledged.set(`${position.partition}:${position.offset}`, `${appender}/${n}`);
          }
        }),
      );
      expect(acknowledged.size).toBe(6400);
      const records = await readToEnd(log);
      const found = new Map(records.map((entry) => [`${entry.partition}:${entry.offset}`, textOf(entry)]));
      expect(found).toEqual(acknowledged);
    });

    test('what was acknowledged is there when the log is opened again, at the same positions', async () => {
      const { log, reopen } = await openLog();
      const positions = await log.append(Array.from({ length: 150 }, (_, n) => record(`key-${n}`, String(n))));
      const again = await reopen();
      const records = await readToEnd(again);
      for (const [n, position] of positions.entries()) {
        expect(records).toContainEqual({ ...position, ...record(`key-${n}`, String(n)) });
      }
      const [next] = await again.append([record('key-0', 'next')]);
      expect(next?.offset).toBeGreaterThan(positions[0]?.offset ?? 0);
    });

    test('a reader gets exactly the records from its position on', async () => {
      const { log } = await openLog();
      const keys = Array.from({ length: 20 }, (_, n) => `key-${n}`);
      await log.append(keys.map((key) => record(key, 'before')));
      const middle = await log.end();
      await log.append(keys.map((key) => record(key, 'after')));
      const records = await readToEnd(log, middle);
      expect(records.map(textOf)).toEqual(keys.map(() => 'after'));
      for (const { partition, offset } of records) expect(offset).toBeGreaterThanOrEqual(middle[partition] ?? 0);
    });

    test('the batches of a partition join without a gap, and each names where the next one begins', async () => {
      const { log } = await openLog();
      for (let n = 0; n < 5; n += 1) await log.append(Array.from({ length: 400 }, (_, m) => record(`key-${m}`)));
      const end = await log.end();
      const reached: Record<number, number> = {};
      for await (const batch of log.read({ from: () => ({}), signal: new AbortController().signal })) {
        expect(batch.records[0]?.offset).toBe(reached[batch.partition] ?? 0);
        const last = batch.records.at(-1);
        expect(batch.next).toBeGreaterThan(last?.offset ?? Infinity);
        reached[batch.partition] = batch.next;
        if (covers(reached, end)) break;
      }
      expect(reached).toEqual(end);
    });

    test('a reader that has reached the end is handed a new record as it comes', async () => {
      const { log } = await openLog();
      const stop = new AbortController();
      const seen: string[] = [];
      let reached: Position = await log.end();
      for (let n = 0; n < 3; n += 1) {
        const start = reached;
        const batches = log.read({ from: () => start, signal: stop.signal })[Symbol.asyncIterator]();
        const next = batches.next();
        const [position] = await log.append([record('live', String(n))]);
        const { value } = (await next) as IteratorYieldResult<LogBatch>;
        seen.push(...value.records.map(textOf));
        if (position) reached = furthest(reached, positionAfter(position));
        await batches.return?.();
      }
      expect(seen).toEqual(['0', '1', '2']);
    });

    test('one reader follows appends one by one', async () => {
      const { log } = await openLog();
      const seen: string[] = [];
      const stop = new AbortController();
      await log.append([record('live', '0')]);
      for await (const batch of log.read({ from: () => ({}), signal: stop.signal })) {
        seen.push(...batch.records.map(textOf));
        if (seen.length === 20) break;
        await log.append([record('live', String(seen.length))]);
      }
      expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
    });

    test('aborting ends the iteration without an error: while it waits, while it holds a batch, and before it starts', async () => {
      const { log } = await openLog();
      await log.append([record('a')]);
      for (const when of ['before', 'holding', 'waiting'] as const) {
        const stop = new AbortController();
        let batches = 0;
        if (when === 'before') stop.abort();
        for await (const { records } of log.read({ from: () => ({}), signal: stop.signal })) {
          batches += records.length;
          if (when === 'holding') stop.abort();
          else setImmediate(() => stop.abort());
        }
        expect(batches).toBe(when === 'before' ? 0 : 1);
      }
    });

    test('a reader is handed nothing more until it asks, and misses nothing for it', async () => {
      const { log } = await openLog();
      let asked = 0;
      await log.append([record('a', 'first')]);
      const stop = new AbortController();
      const from = (): Position => {
        asked += 1;
        return {};
      };
      const batches = log.read({ from, signal: stop.signal })[Symbol.asyncIterator]();
      const first = (await batches.next()) as IteratorYieldResult<LogBatch>;
      for (let n = 0; n < 50; n += 1) await log.append([record('a', String(n))]);
      const seen: string[] = [];
      let next = first.value.next;
      while (seen.length < 50) {
        const { value } = (await batches.next()) as IteratorYieldResult<LogBatch>;
        expect(value.records[0]?.offset).toBe(next);
        next = value.next;
        seen.push(...value.records.map(textOf));
      }
      expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
      expect(asked).toBeGreaterThan(0);
      await batches.return?.();
    });

    test('the end covers every append that was acknowledged before it was asked for', async () => {
      const { log } = await openLog();
      const zero = await log.end();
      expect(Object.keys(zero)).toHaveLength(log.partitions);
      await Promise.all(
        Array.from({ length: 32 }, async (_, n) => {
          const [position] = await log.append([record(`key-${n}`)]);
          if (!position) throw new Error('no position');
          expect(covers(await log.end(), positionAfter(position))).toBe(true);
        }),
      );
    });

    test('protocol T: a position outside the log is refused, never jumped from', async () => {
      const { log } = await openLog();
      const [position] = await log.append([record('a')]);
      if (!position) throw new Error('no position');
      const end = await log.end();
      const wrong: Position[] = [
        { ...end, [position.partition]: (end[position.partition] ?? 0) + 1 },
        { ...end, [position.partition]: -1 },
        { ...end, [log.partitions]: 0 },
      ];
      for (const from of wrong) {
        const batches = log.read({ from: () => from, signal: new AbortController().signal });
        await expect(batches[Symbol.asyncIterator]().next()).rejects.toThrow(PositionOutOfRangeError);
      }
    });

    test('values, keys and headers come back byte for byte', async () => {
      const { log, reopen } = await openLog();
      const everyByte = Uint8Array.from({ length: 256 }, (_, n) => n);
      const records: NewRecord[] = [
        { key: 'bytes', value: everyByte, headers: {} },
        {
          key: 'view',
          value: everyByte.subarray(10, 20),
          headers: { 'content-type': 'application/json', ce_ü: '"\\\n😀' },
        },
        { key: 'buffer', value: Buffer.from('buffer'), headers: { empty: '' } },
        {
          key: 'empty',
          value: new Uint8Array(0),
          headers: JSON.parse('{"__proto__":"plain","constructor":"x"}') as Record<string, string>,
        },
        { key: "'; --\n\u202e😀", value: text('{"a":"\0"}'), headers: {} },
        { key: 'large', value: new Uint8Array(500_000).fill(7), headers: {} },
      ];
      const positions = await log.append(records);
      const compare = (found: readonly LogRecord[]): void => {
        for (const [n, { key, value, headers }] of records.entries()) {
          const { partition, offset } = positions[n]!;
          const own = found.find((entry) => entry.partition === partition && entry.offset === offset);
          expect(own?.key).toBe(key);
          expect(Buffer.compare(own!.value, value)).toBe(0);
          expect(Object.entries(own!.headers)).toEqual(Object.entries(headers));
        }
      };
      compare(await readToEnd(log));
      compare(await readToEnd(await reopen()));
    });

    test('a record that somebody wrote by hand, without a key, is read like any other', async () => {
      const { log, appendByHand, reopen } = await openLog();
      await log.append([record('a', 'before')]);
      await appendByHand({ key: null, value: text('by hand') });
      const again = await reopen();
      await again.append([record('a', 'after')]);
      const found = await readToEnd(again);
      expect(found.map((entry) => [entry.key, textOf(entry), entry.headers])).toHaveLength(3);
      expect(found.find(({ key }) => key === null)).toMatchObject({ value: text('by hand'), headers: {} });
    });

    test('text that a log cannot keep exactly is refused, and nothing is written', async () => {
      const { log } = await openLog();
      const bad: NewRecord[] = [
        record('nul\0'),
        record('lone \ud800'),
        { ...record('a'), headers: { a: '\0' } },
        { ...record('a'), headers: { '\udfff': 'a' } },
      ];
      for (const entry of bad) await expect(log.append([record('good'), entry])).rejects.toThrow(TypeError);
      await expect(log.append([{ ...record('a'), value: new Uint8Array(2_000_000) }])).rejects.toThrow(RangeError);
      expect(Object.values(await log.end()).every((offset) => offset === 0)).toBe(true);
      expect(await log.append([])).toEqual([]);
    });

    test('what a caller does to its buffers after the append changes nothing', async () => {
      const { log } = await openLog();
      const value = text('before');
      const appended = log.append([{ key: 'a', value, headers: {} }]);
      await appended;
      value.fill(0);
      expect((await readToEnd(log)).map(textOf)).toEqual(['before']);
    });

    test('readers without a group each get everything', async () => {
      const { log } = await openLog();
      await log.append(Array.from({ length: 30 }, (_, n) => record(`key-${n}`)));
      const [first, second] = await Promise.all([readToEnd(log), readToEnd(log)]);
      expect(first).toHaveLength(30);
      expect(second).toHaveLength(30);
    });

    test('readers of one group share the partitions, and one that leaves is succeeded from the position that is asked for', async () => {
      const { log } = await openLog();
      let stored: Position = {};
      const seen = new Set<string>();
      const reader = async (stop: AbortController): Promise<void> => {
        for await (const batch of log.read({ from: () => stored, group: 'shared', signal: stop.signal })) {
          for (const entry of batch.records) seen.add(textOf(entry));
          stored = furthest(stored, { [batch.partition]: batch.next });
          progress.dispatchEvent(new Event('batch'));
        }
      };
      const progress = new EventTarget();
      const reached = (wanted: Position): Promise<void> =>
        new Promise((resolve) => {
          const check = (): void => {
            if (!covers(stored, wanted)) return;
            progress.removeEventListener('batch', check);
            resolve();
          };
          progress.addEventListener('batch', check);
          check();
        });
      const [one, two] = [new AbortController(), new AbortController()];
      const first = reader(one);
      await log.append(Array.from({ length: 100 }, (_, n) => record(`key-${n}`, `a${n}`)));
      await reached(await log.end());
      const second = reader(two);
      await log.append(Array.from({ length: 100 }, (_, n) => record(`key-${n}`, `b${n}`)));
      await reached(await log.end());
      one.abort();
      await first;
      await log.append(Array.from({ length: 100 }, (_, n) => record(`key-${n}`, `c${n}`)));
      await reached(await log.end());
      two.abort();
      await second;
      expect(seen.size).toBe(300);
    });

    test('closing lets appends under way finish, ends readers, and refuses what comes later; twice is once', async () => {
      const { log } = await openLog();
      const reading = readAll(log);
      const appends = Array.from({ length: 10 }, (_, n) => log.append([record(`key-${n}`)]));
      await Promise.all([log.close(), log.close()]);
      for (const positions of await Promise.all(appends)) expect(positions).toHaveLength(1);
      await reading;
      await expect(log.append([record('late')])).rejects.toThrow(LogUnavailableError);
    });
  });
}

async function readAll(log: EventLog): Promise<void> {
  const batches = log.read({ from: () => ({}), signal: new AbortController().signal })[Symbol.asyncIterator]();
  while (!(await batches.next()).done);
}
