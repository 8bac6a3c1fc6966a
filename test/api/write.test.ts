// The write path under races: two API instances over a scripted log and store. Each protocol rule's test plays the trace
// that the rule prevents.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeRecordPosition, type Position, type RecordPosition } from '../../events/position.ts';
import { hashSecret, secret as secretOf } from '../../events/secret.ts';
import type { Caller, Outcome } from '../../schema/context.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { ADMIN, PEPPER, startInstallation, WORKSPACE, type Installation, type Instance } from './installation.ts';

let log: MemoryLog;
let store: MemoryStore;
let installation: Installation;
let a: Instance;
let b: Instance;

beforeEach(async () => {
  log = createMemoryLog();
  store = createMemoryStore();
  installation = await startInstallation({ log, store });
  a = installation.instance(store.connect());
  b = installation.instance(store.connect());
});
afterEach(() => installation.stop());

const keyRow = async (keyId: string) => {
  await installation.settled();
  const row = await store.read((view) => view.key(keyId));
  if (!row) throw new Error('no such key');
  return row;
};
const historyOf = async (keyId: string) => {
  await installation.settled();
  const all = { limit: 100, backward: false, after: null, before: null };
  return (await store.read((view) => view.listHistory({ scope: { aggregateId: keyId } }, all))).rows;
};
const typesOf = async (keyId: string) => (await historyOf(keyId)).map(({ type }) => type);
const isCurrent = async (keyId: string, secret: string): Promise<boolean> =>
  (await keyRow(keyId)).state.secret.hash === hashSecret(secretOf(secret), PEPPER).hash;
const errorOf = (outcome: Outcome): string => (outcome.ok ? 'ok' : outcome.error.type);
const secretIn = (outcome: Outcome): string | null => (outcome.ok ? (outcome.secret?.reveal() ?? null) : null);

/** A promise and what resolves it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe('an outcome is read from the accepted history', () => {
  test('protocol W1: an attempt that lost the race hands out no secret, and its repetition hands out the one that is stored', async () => {
    const { keyId } = await a.create();
    const late = gate();
    log.script({ after: late.opened });
    const first = a.run('regenerateKey', keyId, {});
    const second = await b.run('regenerateKey', keyId, {});
    late.open();
    const repeated = await first;
    expect(errorOf(second)).toBe('ok');
    expect(errorOf(repeated)).toBe('ok');
    expect(await isCurrent(keyId, secretIn(repeated)!)).toBe(true);
    expect(await isCurrent(keyId, secretIn(second)!)).toBe(false);
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyRegenerated', 'KeyRegenerated']);
  });

  test('protocol W1: with ifVersion the loser gets VersionConflict, no secret, and nothing of it is applied', async () => {
    const { keyId } = await a.create();
    const late = gate();
    log.script({ after: late.opened });
    const first = a.run('regenerateKey', keyId, {}, { ifVersion: 1 });
    const second = await b.run('regenerateKey', keyId, {}, { ifVersion: 1 });
    late.open();
    const outcome = await first;
    expect(outcome).toMatchObject({ ok: false, error: { type: 'VersionConflict', expected: 1, actual: 2 } });
    expect(await isCurrent(keyId, secretIn(second)!)).toBe(true);
  });

  test('protocol W1: an attempt that always loses is given up after three tries', async () => {
    const { keyId } = await a.create();
    let interrupted = 0;
    log.decideFate = (records) => {
      const type = (JSON.parse(Buffer.from(records[0]!.value).toString()) as { type: string }).type;
      if (!type.startsWith('keyfold.KeyRegenerated')) return 'ok';
      interrupted += 1;
      return { after: b.run('disableKey', keyId, {}).then(() => b.run('enableKey', keyId, {})) };
    };
    expect(errorOf(await a.run('regenerateKey', keyId, {}))).toBe('VersionConflict');
    expect(interrupted).toBe(3);
    expect(await typesOf(keyId)).not.toContain('KeyRegenerated');
  });

  test('protocol W1: a lost acknowledgement is no lost mutation: the event is there, so the secret is handed out', async () => {
    log.script('lost-acknowledgement');
    const { keyId, secret } = await a.create();
    expect(await isCurrent(keyId, secret)).toBe(true);
  });

  test('protocol W1: an append that was written twice has one effect', async () => {
    const { keyId } = await a.create();
    log.script('twice');
    expect(errorOf(await a.run('disableKey', keyId, {}))).toBe('ok');
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyDisabled']);
  });

  test('protocol W1: an append that nobody knows the end of is OutcomeUnknown, and its retry takes effect once', async () => {
    const { keyId } = await a.create();
    const hasty = installation.instance(store.connect(), { outcomeMs: 200 });
    log.script('lost');
    const outcome = await hasty.run('disableKey', keyId, {}, { commandId: 'c-1' });
    expect(outcome).toMatchObject({ ok: false, error: { type: 'OutcomeUnknown', commandId: 'c-1' } });
    expect(errorOf(await hasty.run('disableKey', keyId, {}, { commandId: 'c-1' }))).toBe('ok');
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyDisabled']);
  });

  test('protocol W1: the same commandId with another input is refused and told nothing of the first outcome', async () => {
    const { keyId } = await a.create();
    const first = await a.run('disableKey', keyId, { note: 'one' }, { commandId: 'c-2' });
    const other = await b.run('disableKey', keyId, { note: 'two' }, { commandId: 'c-2' });
    const another = await b.run('enableKey', keyId, { note: 'one' }, { commandId: 'c-2' });
    expect(errorOf(first)).toBe('ok');
    for (const refused of [other, another])
      expect(refused).toMatchObject({ ok: false, error: { type: 'InvalidInput', path: ['commandId'] } });
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyDisabled']);
  });
});

describe('the same commandId is one command', () => {
  test('protocol W2: sent from two instances at once it is applied once, and one of them gets the secret', async () => {
    const { keyId } = await a.create();
    for (let round = 0; round < 20; round++) {
      const commandId = `round-${round}`;
      const outcomes = await Promise.all([a, b].map((each) => each.run('regenerateKey', keyId, {}, { commandId })));
      expect(outcomes.map(errorOf).sort()).toEqual(['SecretAlreadyRevealed', 'ok']);
    }
    expect((await keyRow(keyId)).state.version).toBe(21);
  });

  test('protocol W2: a retry with the ifVersion of the first try gets the first outcome, not VersionConflict', async () => {
    const { keyId } = await a.create();
    const rest = { commandId: 'c-3', ifVersion: 1 };
    const first = await a.run('disableKey', keyId, {}, rest);
    const again = await b.run('disableKey', keyId, {}, rest);
    expect(first).toMatchObject({ ok: true, changed: { key: { state: { keyId } } } });
    expect(again).toEqual(first);
    expect((await keyRow(keyId)).state.version).toBe(2);
  });

  test('protocol W2: an operator’s commandId counts in the whole installation: another record under it is refused', async () => {
    const [one, two] = [await a.create(), await a.create()];
    const parked = [one, two].map(({ keyId }) => log.put({ key: keyId, value: Buffer.from(`broken ${keyId}`) }));
    await installation.settled();
    const discard = (position: RecordPosition) => {
      const input = { position: encodeRecordPosition(position), reason: 'broken' };
      return b.run('discardRecord', null, input, { commandId: 'c-9' });
    };
    const first = await discard(parked[0]!);
    expect(first).toMatchObject({ ok: true, changed: { key: { state: { keyId: one.keyId } } } });
    expect(await discard(parked[1]!)).toMatchObject({
      ok: false,
      error: { type: 'InvalidInput', path: ['commandId'] },
    });
    expect(await discard(parked[0]!)).toEqual(first);
    expect(await typesOf(two.keyId)).toEqual(['KeyCreated']);
  });

  test('protocol P1: a retry that finds the event before the key that it changed answers with the key as it became', async () => {
    const { keyId } = await a.create();
    const keys = gate();
    let frozen = false;
    store.beforeStep = ({ kind }) => {
      if (kind !== 'keys') return;
      frozen = true;
      return keys.opened;
    };
    const first = a.run('disableKey', keyId, {}, { commandId: 'c-9' });
    await vi.waitFor(() => expect(frozen).toBe(true));
    const retry = b.run('disableKey', keyId, {}, { commandId: 'c-9' });
    const hasty = installation.instance(store.connect(), { outcomeMs: 100 });
    expect(await hasty.run('disableKey', keyId, {}, { commandId: 'c-9' })).toMatchObject({
      error: { type: 'OutcomeUnknown', commandId: 'c-9' },
    });
    keys.open();
    for (const outcome of await Promise.all([first, retry]))
      expect(outcome).toMatchObject({ ok: true, changed: { key: { state: { status: 'DISABLED', version: 2 } } } });
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyDisabled']);
  });

  test('protocol W2: a retry whose first try is still on its way is applied once', async () => {
    const { keyId } = await a.create();
    const late = gate();
    log.script({ after: late.opened });
    const first = a.run('disableKey', keyId, {}, { commandId: 'c-4' });
    const again = await b.run('disableKey', keyId, {}, { commandId: 'c-4' });
    late.open();
    expect([errorOf(await first), errorOf(again)]).toEqual(['ok', 'ok']);
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyDisabled']);
  });

  test('protocol E3: a create that is sent again meets its own key: same id, SecretAlreadyRevealed, one event', async () => {
    const input = { workspaceId: WORKSPACE, keyspace: 'default', name: 'Orders' };
    const send = (instance: Instance) => instance.run('createKey', null, input, { commandId: 'create-1' });
    const outcomes = await Promise.all([send(a), send(b), send(a)]);
    const winners = outcomes.filter((outcome) => outcome.ok);
    expect(winners).toHaveLength(1);
    const keyId = winners[0]!.changed.key!.state.keyId;
    for (const outcome of outcomes.filter((each) => !each.ok))
      expect(outcome).toMatchObject({ error: { type: 'SecretAlreadyRevealed', keyId } });
    expect(await typesOf(keyId)).toEqual(['KeyCreated']);
  });

  test('the same commandId and input on another key is another command: no successor is shared between two keys', async () => {
    const [one, two] = [await a.create(), await a.create()];
    const print = async (keyId: string) => (await historyOf(keyId)).at(-1)?.fingerprint;
    await a.run('disableKey', one.keyId, {}, { commandId: 'c-7' });
    expect(errorOf(await a.run('disableKey', two.keyId, {}, { commandId: 'c-7' }))).toBe('ok');
    expect(await print(one.keyId)).not.toBe(await print(two.keyId));
  });

  test('a foreign caller learns nothing of a command that was carried out under the same id', async () => {
    const { keyId } = await a.create();
    await a.run('disableKey', keyId, {}, { commandId: 'c-5' });
    const stranger = { ...ADMIN, workspaces: new Map([['other', 'admin' as const]]), operator: false };
    const request = { command: { name: 'disableKey' as const, input: {} }, commandId: 'c-5' };
    const foreign = await a.execute({ ...request, keyId }, stranger);
    const random = await a.execute({ ...request, keyId: `key_${'0'.repeat(22)}` }, stranger);
    expect(foreign).toEqual(random);
    expect(errorOf(foreign)).toBe('NotFound');
  });
});

test('a caller whose role does not carry a command out learns nothing of an earlier one under its commandId', async () => {
  const viewer: Caller = { ...ADMIN, operator: false, workspaces: new Map([[WORKSPACE, 'viewer']]) };
  const { keyId } = await a.create();
  const disable = { command: { name: 'disableKey', input: {} }, keyId, commandId: 'cleanup-1' } as const;
  const remove = { command: { name: 'deleteKey', input: {} }, keyId, commandId: 'cleanup-2' } as const;
  expect(errorOf(await a.execute(disable))).toBe('ok');
  expect(errorOf(await b.execute(disable, viewer))).toBe('NotAllowed');
  expect(errorOf(await a.execute(remove))).toBe('ok');
  expect(errorOf(await b.execute(remove, viewer))).toBe('NotFound');
  const other = { ...remove, command: { name: 'deleteKey', input: { note: 'mine' } } } as const;
  expect(errorOf(await b.execute(other, viewer))).toBe('NotFound');
  expect(errorOf(await b.execute(remove))).toBe('ok');
});

describe('a decision that appends nothing is made on what the log holds', () => {
  test('protocol W3: "already so" is not answered from a stale read model', async () => {
    const { keyId } = await a.create();
    log.hold();
    const disabling = a.run('disableKey', keyId, {});
    await expect.poll(() => log.records().length).toBe(3);
    const enabling = b.run('enableKey', keyId, {});
    log.release();
    expect([errorOf(await disabling), errorOf(await enabling)]).toEqual(['ok', 'ok']);
    expect((await keyRow(keyId)).state.status).toBe('ACTIVE');
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyDisabled', 'KeyEnabled']);
  });

  test('protocol W3: NotFound is not answered from a read model that has not seen the key yet', async () => {
    log.hold();
    const creating = a.create('create-2');
    await expect.poll(() => log.records().length).toBe(2);
    const { key } = log.records().at(-1)!;
    const disabling = b.run('disableKey', key, {});
    log.release();
    const { keyId } = await creating;
    expect(keyId).toBe(key);
    expect(errorOf(await disabling)).toBe('ok');
  });

  test('protocol W3: while the read model cannot catch up the answer is Unavailable, never a guess', async () => {
    const { keyId } = await a.create();
    await installation.settled();
    log.hold();
    log.put({ key: keyId, value: Buffer.from('one more record') });
    const hasty = installation.instance(store.connect(), { outcomeMs: 200 });
    expect(errorOf(await hasty.run('enableKey', keyId, {}))).toBe('Unavailable');
    log.release();
  });

  test('protocol W4: a disable of a disabled key is appended, so that an old enable cannot land behind it', async () => {
    const { keyId } = await a.create();
    await a.run('disableKey', keyId, {});
    const late = gate();
    log.script({ after: late.opened });
    const enabling = a.run('enableKey', keyId, {}, { ifVersion: 2 });
    const disabling = await b.run('disableKey', keyId, {});
    late.open();
    expect(errorOf(disabling)).toBe('ok');
    expect(errorOf(await enabling)).toBe('VersionConflict');
    expect((await keyRow(keyId)).state).toMatchObject({ status: 'DISABLED', version: 3 });
  });

  test('protocol W5: a refusal speaks for its own attempt: an earlier one that is on its way may still land', async () => {
    const { keyId } = await a.create();
    const late = gate();
    log.script({ after: late.opened });
    const first = a.run('disableKey', keyId, {}, { commandId: 'c-6' });
    const viewer = { ...ADMIN, workspaces: new Map([[WORKSPACE, 'viewer' as const]]) };
    const refused = await b.execute({ command: { name: 'disableKey', input: {} }, keyId, commandId: 'c-6' }, viewer);
    late.open();
    expect(errorOf(refused)).toBe('NotAllowed');
    expect(errorOf(await first)).toBe('ok');
    expect((await keyRow(keyId)).state.status).toBe('DISABLED');
  });
});

test('protocol L1: who waits for verifiers has the receipt begun with the append, and only they', async () => {
  const { keyId } = await a.create();
  const expected: Position[] = [];
  const waiting = installation.instance(store.connect(), {
    receipts: { expect: (position) => void expected.push(position) },
  });
  const projection = gate();
  store.beforeCall = (name) => (name === 'apply' ? projection.opened : Promise.resolve());
  const disabling = waiting.run('disableKey', keyId, {}, { waitFor: 'VERIFIERS' });
  await vi.waitFor(() => expect(expected).toHaveLength(1));
  projection.open();
  const outcome = await disabling;
  expect(outcome).toMatchObject({ ok: true, position: expected[0] });
  expect(errorOf(await waiting.run('enableKey', keyId, {}))).toBe('ok');
  expect(expected).toHaveLength(1);
});

describe('what cannot be carried out says so', () => {
  test('a full log is StorageFull, and nothing is changed', async () => {
    const { keyId } = await a.create();
    log.script('full');
    expect(errorOf(await a.run('disableKey', keyId, {}))).toBe('StorageFull');
    expect(await typesOf(keyId)).toEqual(['KeyCreated']);
    expect(errorOf(await a.run('disableKey', keyId, {}))).toBe('ok');
  });

  test('a log that is away is Unavailable with a time to try again', async () => {
    const { keyId } = await a.create();
    log.script('unavailable');
    expect(await a.run('disableKey', keyId, {})).toMatchObject({
      error: { type: 'Unavailable', retryAfterSeconds: 1 },
    });
    expect(await typesOf(keyId)).toEqual(['KeyCreated']);
  });

  test('protocol L9: an append that never answers is OutcomeUnknown once the time is over, and its retry has one effect', async () => {
    const { keyId } = await a.create();
    const hurried = installation.instance(store.connect(), { outcomeMs: 500 });
    const late = gate();
    log.script({ after: late.opened });
    const rest = { commandId: 'c-late' };
    expect(errorOf(await hurried.run('disableKey', keyId, {}, rest))).toBe('OutcomeUnknown');
    late.open();
    expect(errorOf(await b.run('disableKey', keyId, {}, rest))).toBe('ok');
    expect(await typesOf(keyId)).toEqual(['KeyCreated', 'KeyDisabled']);
  });

  test('a store that is away is Unavailable before the append, and no obstacle after it', async () => {
    const { keyId } = await a.create();
    store.setDown(true);
    expect(errorOf(await a.run('disableKey', keyId, {}))).toBe('Unavailable');
    store.setDown(false);
    const away = gate();
    log.script({ after: away.opened });
    const disabling = a.run('disableKey', keyId, {});
    await expect.poll(() => store.calls.get('read')).toBeGreaterThan(0);
    away.open();
    expect(errorOf(await disabling)).toBe('ok');
  });

  test('nobody may change the keys of another workspace, and the answer is the one for a random id', async () => {
    const { keyId } = await a.create();
    const stranger = { ...ADMIN, workspaces: new Map([['other', 'admin' as const]]), operator: false };
    const request = { command: { name: 'revokeKey' as const, input: {} } };
    expect(await a.execute({ ...request, keyId }, stranger)).toEqual(
      await a.execute({ ...request, keyId: `key_${'z'.repeat(22)}` }, stranger),
    );
    expect(await typesOf(keyId)).toEqual(['KeyCreated']);
  });
});
