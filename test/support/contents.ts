// What the read models hold, read through the port, and what they must hold: the plain fold of the log.
import { expect } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import type { EventLog } from '../../events/log.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import type { DataKeys } from '../../projections/personal.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import {
  isFact,
  type FactRow,
  type HistoryCursor,
  type HistoryQuery,
  type HistoryRow,
  type KeyRow,
} from '../../projections/rows.ts';
import { readToEnd } from '../contracts/event-log.ts';
import { asExpected, foldLog, type Expected } from '../fakes/expected.ts';
import { projected } from '../fakes/running.ts';

const PAGE = 500;
/** Bounds a hang. */
const PROJECTED_MS = 120_000;

export interface Sources {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly dataKeys: Pick<DataKeys, 'open'>;
}

/**
 * Waits until everything in the log is projected, and expects of the read models that they are the fold of the log,
 * row by row. Answers that fold.
 */
export async function expectFoldOfLog({ log, store, dataKeys }: Sources): Promise<Expected> {
  await projected(log, store, undefined, PROJECTED_MS);
  const records = await readToEnd(log);
  const settled = new Set<string>();
  const parked = new Set<string>();
  for (const record of records) {
    const row = await store.parked.at(record);
    if (row?.status === 'OPEN') parked.add(encodeRecordPosition(record));
    else if (row) settled.add(encodeRecordPosition(record));
  }
  const expected = await foldLog(records, dataKeys, settled);
  const contents = await store.read((view) => read(view, expected));
  const { broken, ...rest } = expected;
  expect(asExpected(contents)).toEqual(rest);
  expect(new Set(broken)).toEqual(parked);
  return expected;
}

async function read(view: GenerationView, { secrets: expected }: Expected) {
  const keys: KeyRow[] = [];
  for (let after: string | null = null; ;) {
    const page = await view.scanKeys(after, PAGE);
    keys.push(...page);
    if (page.length < PAGE) break;
    after = page.at(-1)!.state.keyId;
  }
  const workspaces = [...new Set(keys.map(({ state }) => state.workspaceId))];
  const scopes = [{ aggregateId: KEYSPACES }, ...workspaces.map((workspaceId) => ({ workspaceId }))];
  const history = (await Promise.all(scopes.map((scope) => allHistory(view, { scope })))).flat();
  const secrets = await Promise.all(
    Object.keys(expected).map(async (hash) => ({ hash, keyId: (await view.keyBySecret(hash))?.keyId ?? '' })),
  );
  const facts = (await Promise.all(workspaces.map((workspaceId) => allFacts(view, workspaceId)))).flat();
  return { keys, history, facts, secrets, keyspaces: await view.keyspaces() };
}

async function allFacts(view: GenerationView, workspaceId: string): Promise<FactRow[]> {
  const query = { scope: { workspaceId }, types: ['KeyExpiring', 'KeyExpired'] } as const;
  const window = { limit: 1_000_000, backward: false, after: null, before: null };
  return (await view.listTimeline(query, window)).rows.filter(isFact);
}

async function allHistory(view: GenerationView, query: HistoryQuery): Promise<HistoryRow[]> {
  const found: HistoryRow[] = [];
  for (let after: HistoryCursor | null = null; ;) {
    const { rows, more } = await view.listHistory(query, { limit: PAGE, backward: false, after, before: null });
    found.push(...rows);
    if (!more) return found;
    const { time, aggregateId, version } = rows.at(-1)!;
    after = { time, aggregateId, version };
  }
}
