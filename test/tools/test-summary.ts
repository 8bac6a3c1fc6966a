// Adds up the JSON reports of several vitest runs: prints what failed, then `N passed, N failed` as the last line.
// Whatever was left out has failed.
// Exits 1 when a test or a file failed, when one was skipped, and when a run has no report or executed no test.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** The part of vitest's JSON report that is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const problems: string[] = [];
let passed = 0;
let failed = 0;

function fail(problem: string): void {
  failed += 1;
  problems.push(problem);
}

for (const file of process.argv.slice(2)) {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    fail(`${file}: no report; the run ended before it could write one`);
    continue;
  }
  let executed = 0;
  for (const { name, status, message, assertionResults } of report.testResults) {
    const path = relative(process.cwd(), name);
    let failedHere = 0;
    for (const test of assertionResults) {
      if (test.status === 'passed') passed += 1;
      else {
        failedHere += 1;
        fail(`${path}: ${test.fullName} (${test.status})`);
      }
      if (test.status === 'passed' || test.status === 'failed') executed += 1;
    }
    if (status === 'failed' && failedHere === 0) fail(`${path}: ${message.split('\n')[0] ?? 'the file failed'}`);
  }
  if (executed === 0) fail(`${file}: no test was executed`);
}

for (const problem of problems) console.log(`failed: ${problem}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && process.argv.length > 2 ? 0 : 1;
