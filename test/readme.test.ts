// The README's own commands, as they stand there, in one shell against a freshly started embedded server.
// Every step of the walk-through states what it prints.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from './support/embedded-folder.ts';
import { pattern, replaced, stepsOf } from './support/readme.ts';
import { openShell, type Shell } from './support/shell.ts';

const life = stepsOf("A key's life");
const steps = [...life, ...stepsOf('For auditors')];

let folder: EmbeddedFolder;
let running: RunningFolder;
let shell: Shell;
const printed: string[] = [];

beforeAll(async () => {
  folder = await makeFolder();
  running = await folder.start();
  const { api, verifier } = running;
  shell = openShell({ KEYFOLD_DATA: folder.path, KEYFOLD_URL: api.url, KEYFOLD_VERIFIER_URL: verifier.url });
  const inFolder = ['checkpoint.json', 'keys.json', 'demo.ndjson'].map(
    (name) => [name, join(folder.path, name)] as const,
  );
  const addresses = {
    ...Object.fromEntries(inFolder),
    'http://127.0.0.1:4000': api.url,
    'http://127.0.0.1:4100': verifier.url,
  };
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
    expect(life.map(({ title }) => titles.find((start) => title.startsWith(start)))).toEqual(titles);
  });

  it.each(steps.map((step, index) => ({ ...step, index })))('do what the README says: $title', ({ outcome, index }) => {
    const actual = (printed[index] ?? '').trim();
    const told = `printed:\n${actual}\nstated:\n${outcome ?? 'nothing'}\nstderr so far:\n${shell.complaints()}`;
    expect(outcome !== null || actual === '', 'it must state what it prints').toBe(true);
    expect(actual, told).toMatch(pattern(outcome ?? ''));
  });
});
