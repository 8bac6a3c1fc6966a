// Quarantine in the view: whom a broken record shuts out, and what lets them back in.
import { describe, expect, test } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { quarantined } from '../../events/quarantine.ts';
import { plain, project } from './support.ts';
import { code, fullFold, load, setUp, tail } from './view-support.ts';

describe('protocol F1: quarantine', () => {
  async function withBroken(bytes?: Uint8Array) {
    const { log, store, writer } = setUp();
    const [a, b] = [writer.keyId('a'), writer.keyId('b')];
    await log.append([writer.keyspace(), writer.create('a'), writer.create('b')]);
    const position = log.put({ key: a, value: bytes ?? Buffer.from('{ not json') });
    return { log, store, writer, a, b, position };
  }

  test('protocol F1: an unreadable record shuts out its own key and nobody else', async () => {
    const { log, writer, a, b } = await withBroken();
    const view = fullFold(log);
    expect([code(view, writer.secretOf(a)), code(view, writer.secretOf(b))]).toEqual(['QUARANTINED', 'VALID']);
  });

  test('protocol F1: a record of no aggregate shuts out nobody, and is kept in sight', async () => {
    const { log, writer, a } = await withBroken(Buffer.from('x'));
    log.put({ value: Buffer.from('y') });
    log.put({ key: 'customers', value: Buffer.from('z') });
    const view = fullFold(log);
    expect(code(view, writer.secretOf(a))).toBe('QUARANTINED');
    expect([...quarantined(view.quarantine)]).toEqual([a]);
    expect(view.quarantine.open.size).toBe(3);
  });

  test('protocol F1: events that extend the head apply while the key is quarantined', async () => {
    const { log, writer, a, position } = await withBroken();
    await log.append([writer.event(a, 'KeyDisabled', {})]);
    const view = fullFold(log);
    expect(view.keys.get(a)?.status).toBe('DISABLED');
    expect(code(view, writer.secretOf(a))).toBe('QUARANTINED');
    const discarded = writer.event(a, 'RecordDiscarded', {
      position: encodeRecordPosition(position),
      reason: 'by hand',
    });
    await log.append([discarded]);
    expect(code(tail(view, log), writer.secretOf(a))).toBe('DISABLED');
  });

  test('protocol F1: a RecordDiscarded that loses its race lifts nothing', async () => {
    const { log, writer, a, position } = await withBroken();
    const data = { position: encodeRecordPosition(position), reason: 'by hand' };
    const loser = writer.draft(a, plain('RecordDiscarded', data));
    await log.append([writer.event(a, 'KeyDisabled', {}), loser]);
    expect(code(fullFold(log), writer.secretOf(a))).toBe('QUARANTINED');
  });

  test('protocol F1: an event of another aggregate may discard the record', async () => {
    const { log, writer, a, position } = await withBroken();
    await log.append([
      writer.write(
        KEYSPACES,
        plain('RecordDiscarded', { position: encodeRecordPosition(position), reason: 'by hand' }),
      ),
    ]);
    expect(code(fullFold(log), writer.secretOf(a))).toBe('VALID');
  });

  test('protocol F1: copies of a parked record are not parked a second time', async () => {
    const { log, writer, a, position } = await withBroken();
    log.put({ key: a, value: Buffer.from('{ not json') });
    const view = fullFold(log);
    expect(view.quarantine.open.size).toBe(1);
    await log.append([
      writer.event(a, 'RecordDiscarded', { position: encodeRecordPosition(position), reason: 'by hand' }),
    ]);
    expect(code(tail(view, log), writer.secretOf(a))).toBe('VALID');
  });

  test('protocol F1: the same bytes appended again, once they can be folded, lift the quarantine', async () => {
    const { log, writer } = setUp();
    const keyId = writer.keyId('a');
    const first = writer.create('a');
    const second = writer.event(keyId, 'KeyDisabled', {});
    const third = writer.event(keyId, 'KeyEnabled', {});
    // Version 3 before version 2: a gap, until 2 is there and 3 comes again.
    await log.append([first, third, second]);
    const view = fullFold(log);
    expect(code(view, writer.secretOf(keyId))).toBe('QUARANTINED');
    await log.append([third]);
    expect(code(tail(view, log), writer.secretOf(keyId))).toBe('VALID');
    expect(view.quarantine.open.size).toBe(0);
  });

  test('protocol F1: what was parked, discarded or retried while the view was away is known after loading', async () => {
    const { log, store, writer, a, b, position } = await withBroken();
    const other = log.put({ key: b, value: Buffer.from('{ neither') });
    await project(log, store);
    let view = await load(store, log);
    expect(code(view, writer.secretOf(a))).toBe('QUARANTINED');
    await log.append([
      writer.event(a, 'RecordDiscarded', { position: encodeRecordPosition(position), reason: 'by hand' }),
    ]);
    await project(log, store);
    view = tail(await load(store, log), log);
    expect([code(view, writer.secretOf(a)), code(view, writer.secretOf(b))]).toEqual(['VALID', 'QUARANTINED']);
    expect([...view.quarantine.open.keys()]).toEqual([encodeRecordPosition(other)]);
  });
});
