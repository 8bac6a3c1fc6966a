// Turns: many requests are judged together and answered together, and nothing comes between a verdict and its answer (L4).
import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { reply, type Reply } from '../../services/verifier/responses.ts';
import { createTurns, type Judge } from '../../services/verifier/turns.ts';

const UNWRITABLE = 'a\nb';

function harness(most?: number) {
  const seen: string[] = [];
  const turns = createTurns({
    fail: (requestId) => {
      seen.push(`${requestId} failed`);
      return reply(500, '{}');
    },
    onAnswered: ({ requestId }) => seen.push(`${requestId} answered`),
    ...(most === undefined ? {} : { most }),
  });
  const response = (requestId: string) =>
    ({
      writeHead: (status: number, headers: readonly unknown[]) => {
        if (headers.includes(UNWRITABLE)) throw new TypeError('not a header');
        seen.push(`${requestId} ${status}`);
      },
      end: () => undefined,
    }) as unknown as ServerResponse;
  const arrived = (requestId: string, judge: Judge = () => reply(200, '{}')) => ({
    ...{ response: response(requestId), requestId, at: 0 },
    judge: () => {
      seen.push(`${requestId} judged`);
      return judge();
    },
  });
  return { seen, turns, arrived };
}

const whole = (requestId: string): readonly string[] => [`${requestId} 200`, `${requestId} answered`];

describe('what arrives in one turn', () => {
  test('is judged together, then answered, in the order of its arrival', async () => {
    const { seen, turns, arrived } = harness();
    for (const id of ['a', 'b', 'c']) turns.add(arrived(id));
    expect(seen).toEqual([]);
    await turn();
    expect(seen).toEqual(['a judged', 'b judged', 'c judged', ...whole('a'), ...whole('b'), ...whole('c')]);
  });

  test('has its answers before anything that waits can run (L4)', async () => {
    const { seen, turns, arrived } = harness();
    const folds = () => {
      queueMicrotask(() => seen.push('folded'));
      process.nextTick(() => seen.push('folded'));
      return reply(200, '{}');
    };
    turns.add(arrived('a', folds));
    turns.add(arrived('b', folds));
    await turn();
    await turn();
    expect(seen.slice(0, 6)).toEqual(['a judged', 'b judged', ...whole('a'), ...whole('b')]);
    expect(seen.slice(6)).toEqual(['folded', 'folded', 'folded', 'folded']);
  });

  test('is judged in bunches where there is much of it, each answered before the next is judged', async () => {
    const { seen, turns, arrived } = harness(2);
    for (const id of ['a', 'b', 'c']) turns.add(arrived(id));
    await turn();
    expect(seen).toEqual(['a judged', 'b judged', ...whole('a'), ...whole('b'), 'c judged', ...whole('c')]);
  });

  test('fails by itself: the others have their answers', async () => {
    const { seen, turns, arrived } = harness();
    const broken = () => {
      throw new Error('a defect');
    };
    turns.add(arrived('a', broken));
    turns.add(arrived('b'));
    await turn();
    expect(seen).toEqual(['a judged', 'a failed', 'b judged', 'a 500', 'a answered', ...whole('b')]);
  });

  test('waits for nobody: what is judged later is answered later, or fails then', async () => {
    const { seen, turns, arrived } = harness();
    let decide: (reply: Reply) => void = () => undefined;
    turns.add(arrived('a', () => new Promise((resolve) => (decide = resolve))));
    turns.add(arrived('b', () => Promise.reject(new Error('a defect'))));
    turns.add(arrived('c'));
    await turn();
    expect(seen).toEqual(['a judged', 'b judged', 'c judged', ...whole('c'), 'b failed', 'b 500', 'b answered']);
    decide(reply(200, '{}'));
    await turn();
    expect(seen.slice(-2)).toEqual(whole('a'));
  });
});

test('what has to wait is judged in the turn in which it need not any more, and answered in it (L4)', async () => {
  const { seen, turns, arrived } = harness();
  const again = (requestId: string) => () => {
    seen.push(`${requestId} judged again`);
    queueMicrotask(() => seen.push('folded'));
    return reply(200, '{}');
  };
  for (const id of ['a', 'b']) turns.add(arrived(id, () => Promise.resolve(again(id))));
  await turn();
  await turn();
  expect(seen.slice(2, 8)).toEqual(['a judged again', 'b judged again', ...whole('a'), ...whole('b')]);
  expect(seen.slice(8)).toEqual(['folded', 'folded']);
});

test('a reply that cannot be written fails by itself, at once or later', async () => {
  const { seen, turns, arrived } = harness();
  const bad = reply(200, '{}', ['x-a', UNWRITABLE]);
  turns.add(arrived('a', () => bad));
  turns.add(arrived('b', () => Promise.resolve(bad)));
  turns.add(arrived('c'));
  await turn();
  const failed = (id: string) => [`${id} failed`, `${id} 500`, `${id} answered`];
  expect(seen.slice(3)).toEqual([...failed('a'), ...whole('c'), ...failed('b')]);
});

test('what is answered alone has its answer at once', () => {
  const { seen, turns, arrived } = harness();
  turns.add(arrived('a'));
  turns.answerAlone(arrived('b'));
  expect(seen).toEqual(['b judged', ...whole('b')]);
});
