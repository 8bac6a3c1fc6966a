// What the read models must hold: the plain fold of a log, record by record, with nothing of the projector in it.
import { sha256 } from '../../events/canonical.ts';
import type { KeyEvent, Personal } from '../../events/catalogue.ts';
import { foldKey, foldKeyspaces } from '../../events/fold.ts';
import { evolveDetails } from '../../events/key/evolve.ts';
import { FORGOTTEN, type KeyDetails, type KeyState } from '../../events/key/state.ts';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import type { LogRecord } from '../../events/log.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { readRecord } from '../../events/quarantine.ts';
import type { DataKeys } from '../../projections/personal.ts';
import type { Contents } from './memory-store.ts';

export interface Expected {
  readonly keys: Readonly<Record<string, { readonly state: KeyState; readonly details: KeyDetails }>>;
  /** `aggregate@version` → hash and place of the accepted event. */
  readonly history: Readonly<Record<string, string>>;
  /** Id of a fact → place of its first record and its data. */
  readonly facts: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly keyspaces: KeyspacesState;
  /** Tokens of the records that no fold could take. */
  readonly broken: readonly string[];
}

const sorted = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Folds every partition in order; `settled` are positions that folds pass over. */
export async function foldLog(
  records: readonly LogRecord[],
  dataKeys: Pick<DataKeys, 'open'>,
  settled: ReadonlySet<string> = new Set(),
): Promise<Expected> {
  const keys = new Map<string, { state: KeyState; details: KeyDetails }>();
  const history = new Map<string, string>();
  const secrets = new Map<string, string>();
  const facts = new Map<string, string>();
  const broken: string[] = [];
  let keyspaces = NO_KEYSPACES;
  for (const record of records) {
    const token = encodeRecordPosition(record);
    if (settled.has(token)) continue;
    const read = readRecord(record);
    if (read.kind === 'unreadable') {
      broken.push(token);
      continue;
    }
    if (read.kind === 'fact') {
      const { attributes, data } = read.fact;
      if (!facts.has(attributes.id)) facts.set(attributes.id, `${token} ${JSON.stringify(data)}`);
      continue;
    }
    const { attributes } = read.event;
    if (read.kind === 'keyspaces') {
      const verdict = foldKeyspaces(keyspaces, read.event);
      if (verdict.kind === 'broken') broken.push(token);
      if (verdict.kind !== 'applied') continue;
      keyspaces = verdict.state;
    } else {
      const before = keys.get(attributes.subject);
      const verdict = foldKey(before?.state ?? null, read.event);
      if (verdict.kind === 'broken') broken.push(token);
      if (verdict.kind !== 'applied') continue;
      const [personal] = (await dataKeys.open([read.event])) as (Personal<KeyEvent['type']> | null)[];
      const details = evolveDetails(before?.details ?? FORGOTTEN, read.event, personal ?? null);
      keys.set(attributes.subject, { state: verdict.state, details });
      if ('hash' in read.event.private) secrets.set(read.event.private.hash, attributes.subject);
    }
    history.set(attributes.id, `${attributes.hash} ${token} ${sha256(JSON.stringify(read.event.data))}`);
  }
  return {
    ...{ keys: sorted(keys), history: sorted(history), facts: sorted(facts), secrets: sorted(secrets) },
    ...{ keyspaces, broken: broken.sort() },
  };
}

/** The contents of a generation in the same form. */
export function asExpected({ keys, history, facts, secrets, keyspaces }: Contents): Omit<Expected, 'broken'> {
  return {
    keys: sorted(keys.map(({ state, details }) => [state.keyId, { state, details }] as const)),
    history: sorted(
      history.map(
        ({ id, attributes, position, data }) =>
          [id, `${attributes.hash} ${encodeRecordPosition(position)} ${sha256(JSON.stringify(data))}`] as const,
      ),
    ),
    facts: sorted(
      facts.map(({ id, position, data }) => [id, `${encodeRecordPosition(position)} ${JSON.stringify(data)}`] as const),
    ),
    secrets: sorted(secrets.map(({ hash, keyId }) => [hash, keyId] as const)),
    keyspaces,
  };
}
