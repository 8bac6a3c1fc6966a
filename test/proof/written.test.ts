// What a bundle is made of: history rows hold the data that the hash covers, in whichever version it was written, and a
// personal part is opened as it was sealed, so that it proves itself.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { eventHash } from '../../events/chain.ts';
import { checkBundle } from '../../events/proof/check.ts';
import { eventLine } from '../../events/proof/bundle.ts';
import { linesOf, LineTooLongError } from '../../events/proof/lines.ts';
import { readLine } from '../../events/proof/read-line.ts';
import { decodeRecord, openPersonal, openSealed } from '../../events/record.ts';
import { historyRow } from '../../projections/history.ts';
import { fromStoredHistory, toHistoryRecord } from '../../projections/stores/history-record.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import type { CorpusFile } from '../corpus/file.ts';
import { createAuthor, created, testDataKeys } from '../fakes/author.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const CORPUS = new URL('../corpus/', import.meta.url);
/** Facts about time are in no chain, and in no bundle. */
const FACTS = 'KeyExpir';
const files = readdirSync(CORPUS).filter((file) => file.endsWith('.json') && !file.startsWith(FACTS));

const stored = (file: string) => {
  const { key, value } = JSON.parse(readFileSync(new URL(file, CORPUS), 'utf8')) as CorpusFile;
  const read = decodeRecord({ key, value: Buffer.from(value) });
  if (!read.ok || !read.event) throw new Error('no event');
  const record = toHistoryRecord(historyRow(read.event, { partition: 0, offset: 0 }));
  return { row: fromStoredHistory(record, damagedRow), raw: JSON.parse(value) as { data: unknown } };
};

describe.each(files)('%s', (file) => {
  it('is in the history as it was written, so that its line in a bundle has the hash of the log', () => {
    const { row, raw } = stored(file);
    const read = readLine(Buffer.from(eventLine(row, null).trimEnd()));
    if (read.kind !== 'event') throw new Error('no line of an event');
    const { data, ...attributes } = read.said.event;
    const { hash, ...covered } = attributes;
    expect(data).toEqual(raw.data);
    expect(eventHash(covered, data)).toBe(hash);
  });

  it('keeps the written data beside the current one only where an older version wrote it otherwise', () => {
    expect(stored(file).row.written !== undefined).toBe(/^Keyspace(?:Defined|Changed)\.v1/.test(file));
  });
});

test('a personal part is opened with its salt, and by no other key', async () => {
  const dataKeys = testDataKeys(createMemoryStore());
  const author = createAuthor({ dataKeys });
  const event = await author.next(author.keyId('a'), created('named'));
  const { key } = await dataKeys.forWriting(event.attributes.subject, 1);
  const sealed = openSealed(event, key);
  const { salt, ...rest } = sealed ?? { salt: '' };
  expect(salt).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(rest).toEqual(openPersonal(event, key));
  expect(openSealed(event, Buffer.alloc(32, 1))).toBeNull();
  expect(await dataKeys.openSealed([event])).toEqual([sealed]);
});

test('lines are cut at line feeds and nowhere else, whatever pieces they come in', async () => {
  const text = 'a\u2028b\r\n\n{"ü":1}\nlast';
  for (let size = 1; size <= text.length; size++) {
    const bytes = Buffer.from(text);
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    );
    const lines: string[] = [];
    for await (const line of linesOf(pieces)) lines.push(Buffer.from(line).toString());
    expect(lines).toEqual(text.split('\n'));
  }
  const long = linesOf([Buffer.alloc(10, 65), Buffer.alloc(10, 65)], 15);
  await expect(long.next()).rejects.toThrow(LineTooLongError);
});

test('a file that never was a bundle is told apart from one that somebody has tampered with', async () => {
  const check = (text: string) => checkBundle({ lines: linesOf([Buffer.from(text)]) });
  for (const text of ['', '\n', 'a,b\n1,2\n', '{"a":1}\n', '\u0000', '['.repeat(100_000)])
    expect(await check(text)).toMatchObject({ kind: 'untold' });
  expect(await check('junk\n{"event":{}}\n')).toMatchObject({ kind: 'tampered', line: 1 });
  expect(await check(`{"event":${'['.repeat(50_000)}${']'.repeat(50_000)}}\n`)).not.toMatchObject({ kind: 'intact' });
});
