// The README's own commands, as they stand there, in one shell against a freshly started embedded server.
// Every `sh` block of the walk-through is followed by a `text` block: what it prints, with … for what differs each time.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from './services/process.ts';

const root = join(import.meta.dirname, '..');
const SECTION = "## A key's life";
const END_OF_STEP = '\u001e';

interface Step {
  readonly title: string;
  readonly commands: string;
  readonly outcome: string;
}

const steps = readSteps(readFileSync(join(root, 'README.md'), 'utf8'));

/** The section's steps: a `###` heading, one `sh` block, one `text` block. */
function readSteps(readme: string): Step[] {
  const from = readme.indexOf(`\n${SECTION}\n`);
  if (from < 0) throw new Error(`the README has no section "${SECTION}"`);
  const after = readme.slice(from + SECTION.length + 2);
  const end = after.search(/^## /m);
  const section = end < 0 ? after : after.slice(0, end);
  return section
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const title = part.slice(0, part.indexOf('\n'));
      const blocks = [...part.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
        language,
        text,
      }));
      const [commands, outcome, ...more] = blocks;
      if (commands?.language !== 'sh' || outcome?.language !== 'text' || more.length > 0) {
        throw new Error(`"${title}" must have one sh block and then one text block`);
      }
      return { title, commands: commands.text ?? '', outcome: outcome.text ?? '' };
    });
}

/** What a step may print: its text block, with … for anything within a line, and columns as wide as they are. */
function pattern(outcome: string): RegExp {
  const lines = outcome.trim().split('\n');
  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const escaped = lines.map((line) => line.trim().split('…').map(escape).join('\\S.*?').replace(/ {2,}/g, ' {2,}'));
  return new RegExp(`^${escaped.join('\\s*\\n\\s*')}$`);
}

let folder: string;
let server: ChildProcess;
let serverOutput = '';
let printed: string[] = [];
let complaints = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfold-readme-'));
  const [api, verifier] = [await freePort(), await freePort()];
  const environment = {
    ...process.env,
    API_PORT: String(api),
    VERIFIER_PORT: String(verifier),
    KEYFOLD_DATA: join(folder, 'data'),
    KEYFOLD_URL: `http://127.0.0.1:${api}`,
    KEYFOLD_VERIFIER_URL: `http://127.0.0.1:${verifier}`,
  };
  server = spawn(process.execPath, [join(root, 'bin', 'keyfold.js'), 'serve'], { cwd: root, env: environment });
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (serverOutput += String(chunk)));
  for (const port of [api, verifier]) await ready(port);

  // One shell for all of them, as a reader has: variables of a step are there in the next.
  const script = steps.map(({ commands }) => `${commands}\nprintf '${END_OF_STEP}'\n`).join('');
  const shell = spawn('bash', ['-c', script], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  shell.stdout.on('data', (chunk) => (output += String(chunk)));
  shell.stderr.on('data', (chunk) => (complaints += String(chunk)));
  await once(shell, 'close');
  printed = output.split(END_OF_STEP);
}, 600_000);

afterAll(async () => {
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

async function ready(port: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      if (answer.status !== 200) throw new Error(`the server is not ready:\n${serverOutput}`);
    },
    { timeout: 30_000, interval: 50 },
  );
}

describe('the commands of the README', () => {
  it('walk through a whole life', () => {
    const titles = [
      'Create',
      'Verify',
      'Take a scope',
      'Disable',
      'Enable',
      'Give it a new secret',
      'Read its history',
      'Delete',
    ];
    expect(steps.map(({ title }) => titles.find((start) => title.startsWith(start)))).toEqual(titles);
  });

  it.each(steps.map((step, index) => ({ ...step, index })))('do what the README says: $title', ({ outcome, index }) => {
    const actual = (printed[index] ?? '').trim();
    expect(actual, `printed:\n${actual}\nstated:\n${outcome}\nstderr so far:\n${complaints}`).toMatch(pattern(outcome));
  });
});
