// The README's own commands, as they stand there, in one shell against a freshly started embedded server.
// Every step of the walk-through states what it prints.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from './support/embedded-folder.ts';
import { pattern, replaced, stepsOf } from './support/readme.ts';
import { openShell, type Shell } from './support/shell.ts';

const steps = stepsOf("A key's life");

let folder: EmbeddedFolder;
let running: RunningFolder;
let shell: Shell;
const printed: string[] = [];

beforeAll(async () => {
  folder = await makeFolder();
  running = await folder.start();
  const { api, verifier } = running;
  shell = openShell({ KEYFOLD_DATA: folder.path, KEYFOLD_URL: api.url, KEYFOLD_VERIFIER_URL: verifier.url });
  const addresses = { 'http://127.0.0.1:4000': api.url, 'http://127.0.0.1:4100': verifier.url };
  for (const { commands } of steps) printed.push(await shell.run(replaced(commands, addresses)));
}, 600_000);

afterAll(async () => {
  await shell.exit();
  await running.process.stop();
  await folder.remove();
});

describe('the commands of the README', () => {
  it('walk through a whole life', () => {
    const titles = [
      'Create',
      'Verify',
      'Take a scope',
      'Disable',
      'Enable',
      'Give it a new secret',
      'Ask from a gateway',
      'List keys from a frontend',
      'Read its history',
      'Delete',
    ];
    expect(steps.map(({ title }) => titles.find((start) => title.startsWith(start)))).toEqual(titles);
  });

  it.each(steps.map((step, index) => ({ ...step, index })))('do what the README says: $title', ({ outcome, index }) => {
    const actual = (printed[index] ?? '').trim();
    const told = `printed:\n${actual}\nstated:\n${outcome ?? 'nothing'}\nstderr so far:\n${shell.complaints()}`;
    expect(outcome, 'it must state what it prints').not.toBeNull();
    expect(actual, told).toMatch(pattern(outcome ?? ''));
  });
});
