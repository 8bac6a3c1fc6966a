// Random histories: whatever is written twice, lost, reordered between partitions or delivered again, and however many
// projectors run, the read model is the fold of the log.
import { expect, test } from 'vitest';
import type { AnyEvent } from '../../events/catalogue.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import {
  at,
  created,
  createAuthor,
  defined,
  noted,
  regenerated,
  renamed,
  seededRandom,
  testDataKeys,
} from '../fakes/author.ts';
import { asExpected, foldLog } from '../fakes/expected.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { projected, runProjector } from '../fakes/running.ts';

const RUNS = 300;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

/** One random history: keys and keyspaces with losers, each record one to three times, aggregates interleaved. */
async function randomHistory(seed: number) {
  const random = seededRandom(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const store = createMemoryStore();
  const author = createAuthor({ dataKeys: testDataKeys(store), seed });
  const streams: AnyEvent[][] = [];
  for (let k = 0; k < 1 + pick(6); k++) {
    const id = author.keyId(`k${k}`);
    const stream: AnyEvent[] = [await author.next(id, created(`name ${k}`))];
    for (let e = pick(8); e > 0; e--) {
      const events = [
        noted('KeyDisabled'),
        noted('KeyEnabled'),
        renamed(`n${e}`),
        regenerated(`${k}-${e}-${seed}`, at(pick(2000))),
      ];
      const winner = await author.next(id, events[pick(4)]!);
      const loser = random() < 0.4 ? await author.rival(id, renamed('loser')) : null;
      // Copies may come anywhere behind their first: that is what ×3 means.
      stream.push(winner, ...(loser ? [loser] : []));
    }
    streams.push(stream);
  }
  const keyspaces: AnyEvent[] = [];
  for (let v = 1; v <= 1 + pick(3); v++)
    keyspaces.push(await author.next('keyspaces', defined({ ...DEFAULT_PROFILE, name: `v${v}` }, v)));
  streams.push(keyspaces);

  const records: AnyEvent[] = [];
  const sent: AnyEvent[][] = streams.map(() => []);
  while (streams.some((stream, n) => sent[n]!.length < stream.length)) {
    const n = pick(streams.length);
    const next = streams[n]![sent[n]!.length];
    if (!next) continue;
    sent[n]!.push(next);
    records.push(next);
    // ×3: any record that is in the log already may come again, twice.
    for (let copies = pick(3); copies > 0; copies--) records.push(sent[n]![pick(sent[n]!.length)]!);
    // Rarely one comes too early, and breaks the chain.
    const early = streams[n]![sent[n]!.length + 1];
    if (early && random() < 0.05) records.push(early);
  }
  return { random, pick, store, author, records };
}

test(
  `the read model of ${RUNS} random histories is the fold of the log (SEED=${SEED})`,
  { timeout: 300_000 },
  async () => {
    for (let run = 0; run < RUNS; run++) {
      const seed = SEED + run;
      const { random, pick, store, author, records } = await randomHistory(seed);
      const log = createMemoryLog({ partitions: 1 + pick(4), batchSize: 1 + pick(20) });
      const count = 1 + pick(3);
      // Each step may fail, each batch may be delivered again, and each process may read all partitions.
      const projectors = Array.from({ length: count }, (_, n) => {
        const own = n === 0 ? store : store.connect();
        own.beforeStep = () => {
          if (random() < 0.03) throw new Error('crash');
        };
        return runProjector({
          log,
          store: own,
          dataKeys: author.dataKeys,
          ...(random() < 0.5 ? { group: `own-${n}` } : {}),
        });
      });
      for (const record of records) {
        await log.append([encodeRecord(record)]);
        if (random() < 0.05) log.rewind(pick(log.partitions), 0);
        if (random() < 0.03) log.rebalance();
      }
      await projected(log, store);
      await Promise.all(projectors.map((projector) => projector.stop()));

      const rows = store.parkedRows();
      const copies = new Set(
        rows
          .filter(({ reason }) => reason.startsWith('a copy of'))
          .map(({ position }) => encodeRecordPosition(position)),
      );
      const { broken, ...expected } = await foldLog(log.records(), author.dataKeys, copies);
      expect(asExpected(store.contents()), `SEED=${seed}`).toEqual(expected);
      expect(rows.map(({ position }) => encodeRecordPosition(position)).sort(), `SEED=${seed}`).toEqual(
        [...broken, ...copies].sort(),
      );
    }
  },
);
