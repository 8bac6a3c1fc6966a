// The summary of a run lets nothing be left out.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-summary-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the summary on a report for each list of tests. */
async function summary(...reports: readonly (readonly (readonly [title: string, status: string])[])[]) {
  const files = reports.map((_, index) => join(folder, `${index}.json`));
  for (const [index, tests] of reports.entries()) {
    const assertionResults = tests.map(([title, status]) => ({ title, status, fullName: `a suite ${title}` }));
    const failed = assertionResults.some(({ status }) => status === 'failed');
    const file = { name: join(ROOT, 'a.test.ts'), status: failed ? 'failed' : 'passed', message: '', assertionResults };
    await writeFile(files[index] ?? '', JSON.stringify({ testResults: [file] }));
  }
  const args = ['--import', 'tsx', join(import.meta.dirname, 'test-summary.ts'), ...files];
  return new Promise<{ code: number; lines: string[] }>((resolve) => {
    const child = execFile(process.execPath, args, { cwd: ROOT }, (_, stdout) => {
      resolve({ code: child.exitCode ?? -1, lines: stdout.trimEnd().split('\n') });
    });
  });
}

describe('the summary of a run', () => {
  test('adds up what passed in all of them', async () => {
    expect(
      await summary(
        [['one', 'passed']],
        [
          ['two', 'passed'],
          ['three', 'passed'],
        ],
      ),
    ).toEqual({
      code: 0,
      lines: ['3 passed, 0 failed'],
    });
  });

  test.each([
    ['a todo', 'something else', 'todo'],
    ['a test that is skipped', 'something', 'skipped'],
    ['a test that was not run', 'something', 'pending'],
    ['a test that failed', 'something', 'failed'],
  ])('%s fails', async (_, title, status) => {
    const { code, lines } = await summary([
      ['one', 'passed'],
      [title, status],
    ]);
    expect(code).toBe(1);
    expect(lines).toEqual([`failed: a.test.ts: a suite ${title} (${status})`, '1 passed, 1 failed']);
  });

  test('a run of nothing but todos fails', async () => {
    const { code, lines } = await summary([['something', 'todo']]);
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe('0 passed, 2 failed');
  });
});
