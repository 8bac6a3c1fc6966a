// Append and adjudicate: when the rows of an outcome are read.
import { expect, test } from 'vitest';
import { AppendUnknownError, type EventLog } from '../../events/log.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { Waiter } from '../../projections/waiter.ts';
import { appendAndAdjudicate } from '../../services/api/append.ts';
import { deadlineIn } from '../../services/api/deadline.ts';
import { created, createAuthor, testDataKeys } from '../fakes/author.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

test('protocol P1: an event whose acknowledgement was lost is read once its position is processed, not once its row is there', async () => {
  const author = createAuthor({ dataKeys: testDataKeys(createMemoryStore()) });
  const event = await author.next(author.keyId('k'), created('n'));
  const { hash } = event.attributes;
  const order: unknown[] = [];
  const log = {
    append: () => Promise.reject(new AppendUnknownError('no acknowledgement')),
  } as unknown as EventLog;
  const waiter = {
    whenEvent: () => {
      order.push('row');
      return Promise.resolve({ attributes: { hash }, position: { partition: 2, offset: 7 } } as HistoryRow);
    },
    whenProcessed: (position: unknown) => {
      order.push(position);
      return Promise.resolve(true);
    },
  } as unknown as Waiter;
  const accepted = { row: { attributes: { hash } }, changed: {} };
  const store = {
    read: () => {
      order.push('read');
      return Promise.resolve(accepted);
    },
  } as unknown as ReadStore;
  const result = await appendAndAdjudicate({ log, store, waiter }, event, deadlineIn(5000));
  expect(result).toEqual({ kind: 'won', ...accepted });
  expect(order).toEqual(['row', { 2: 8 }, 'read']);
});
