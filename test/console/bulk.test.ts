// One thing done to many keys: how many at a time, what is sent again and under which id, and how it stops.
import { expect, test } from 'vitest';
import { countsOf, createBulk, type Answer } from '../../console/src/keys/bulk.ts';
import { summaryOf } from '../../console/src/keys/bulk-summary.ts';

const DONE: Answer<string> = { kind: 'done', done: 'receipt' };
const AWAY: Answer<string> = { kind: 'unknown', why: 'away', away: true };

function world(count: number, answer: (key: number, attempt: number) => Answer<string>, atOnce = 4) {
  const sent: { readonly key: number; readonly id: string }[] = [];
  const waiting: (() => void)[] = [];
  let at = 0;
  let most = 0;
  let now = 0;
  let made = 0;
  const bulk = createBulk<number, string>({
    keys: Array.from({ length: count }, () => at++),
    atOnce,
    newId: () => `c${made++}`,
    send: async (key, id) => {
      sent.push({ key, id });
      now += 1;
      most = Math.max(most, now);
      await new Promise<void>((resolve) => waiting.push(resolve));
      now -= 1;
      return answer(key, sent.filter((each) => each.key === key).length);
    },
  });
  const settle = async (most = Infinity): Promise<void> => {
    for (let done = 0; done < most && waiting.length > 0; done += 1) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { bulk, sent, settle, most: () => most };
}

test('every key is done once, never more at a time than may be', async () => {
  const { bulk, sent, settle, most } = world(25, () => DONE);
  bulk.run();
  expect(sent).toHaveLength(4);
  await settle();
  expect(most()).toBe(4);
  expect(sent.map(({ key }) => key).sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, key) => key));
  expect(new Set(sent.map(({ id }) => id)).size).toBe(25);
  expect(bulk.state().phase).toBe('stopped');
  expect(countsOf(bulk.state().items)).toMatchObject({ done: 25, waiting: 0, sending: 0 });
});

test('what was stopped begins nothing more, keeps what was sent, and goes on with the rest', async () => {
  const { bulk, sent, settle } = world(10, () => DONE);
  bulk.run();
  await settle(2);
  bulk.stop();
  await settle();
  expect(bulk.state().phase).toBe('stopped');
  expect(sent).toHaveLength(6);
  expect(countsOf(bulk.state().items)).toMatchObject({ done: 6, waiting: 4 });
  bulk.run();
  await settle();
  expect(sent).toHaveLength(10);
  expect(countsOf(bulk.state().items).done).toBe(10);
});

test('what is not known is asked again under its own id; what was refused is another command', async () => {
  const { bulk, sent, settle } = world(2, (key, attempt) => {
    if (attempt > 1) return DONE;
    return key === 0 ? { kind: 'unknown', why: 'no answer', away: false } : { kind: 'refused', why: 'not now' };
  });
  bulk.run();
  await settle();
  expect(countsOf(bulk.state().items)).toMatchObject({ unknown: 1, refused: 1 });
  bulk.run();
  await settle();
  const idsOf = (key: number): string[] => sent.filter((each) => each.key === key).map(({ id }) => id);
  expect(new Set(idsOf(0)).size).toBe(1);
  expect(new Set(idsOf(1)).size).toBe(2);
  expect(countsOf(bulk.state().items).done).toBe(2);
});

test('where the server is away it stops by itself, and does not try all the others', async () => {
  const { bulk, sent, settle } = world(100, () => AWAY);
  bulk.run();
  await settle();
  expect(bulk.state().phase).toBe('stopped');
  expect(sent).toHaveLength(4);
  expect(countsOf(bulk.state().items)).toMatchObject({ unknown: 4, waiting: 96 });
});

test('what is done, or was done already, is not sent again', async () => {
  const { bulk, sent, settle } = world(3, (key) => (key === 1 ? { kind: 'already' } : DONE));
  bulk.run();
  await settle();
  bulk.run();
  await settle();
  expect(sent).toHaveLength(3);
  expect(bulk.state().phase).toBe('stopped');
});

test('many receipts are one: whole when each verifier has confirmed each key, as of the last of them', () => {
  const receipt = (a: string | null, b: string | null) => ({
    __typename: 'Enforcement' as const,
    confirmed: [a, b].filter((time) => time !== null).length,
    total: 2,
    confirmedAt: a !== null && b !== null ? [a, b].sort()[1]! : null,
    verifiers: [
      { __typename: 'VerifierConfirmation' as never, id: 'a', position: 'x', confirmedAt: a },
      { __typename: 'VerifierConfirmation' as never, id: 'b', position: 'x', confirmedAt: b },
    ],
  });
  const whole = summaryOf([receipt('T1', 'T2'), receipt('T4', 'T3')]);
  expect(whole).toMatchObject({ confirmed: 2, total: 2, confirmedAt: 'T4' });
  expect(whole.verifiers).toEqual([
    { id: 'a', confirmed: 2, confirmedAt: 'T4' },
    { id: 'b', confirmed: 2, confirmedAt: 'T3' },
  ]);
  const partial = summaryOf([receipt('T1', 'T2'), receipt('T4', null)]);
  expect(partial).toMatchObject({ confirmed: 1, total: 2, confirmedAt: null });
  expect(partial.verifiers[1]).toEqual({ id: 'b', confirmed: 1, confirmedAt: null });
  expect(summaryOf([])).toEqual({ confirmed: 0, total: 0, confirmedAt: null, verifiers: [] });
});
