// The README's commands for Kafka and MongoDB, as they stand there, in one shell; then the walk-through in the same one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from './services/process.ts';
import { makePlace, sharedServers, type OwnPlace } from './support/distributed.ts';
import { pattern, replaced, stepsOf, type Step } from './support/readme.ts';
import { openShell, type Shell } from './support/shell.ts';

/** A whole banner. */
const READY = /^Keyfold is ready\.\n\n {2}\w+ +http\S+\n\n/gm;
const MINUTE = 60_000;

vi.setConfig({ testTimeout: 6 * MINUTE });

const steps = stepsOf('On Kafka and MongoDB');
const titled = (title: string): Step => {
  const step = steps.find((each) => each.title === title);
  if (!step) throw new Error(`the README has no step "${title}"`);
  return step;
};

let place: OwnPlace;
let folder: string;
let shell: Shell;
let ports: Readonly<Record<'api' | 'verifier' | 'second' | 'issuer', number>>;

/** The README's folder and ports are this machine's business. */
function here(commands: string): string {
  return replaced(commands, {
    'dev env ./data/dev ': `dev env ${folder} --port ${ports.issuer} `,
    './data/dev': folder,
    'PROJECTOR_PORT=4201': 'PROJECTOR_PORT=0',
    'VERIFIER_PORT=4101': `VERIFIER_PORT=${ports.second}`,
    '127.0.0.1:4000': `127.0.0.1:${ports.api}`,
    '127.0.0.1:4100': `127.0.0.1:${ports.verifier}`,
  });
}

async function run({ commands, outcome }: Step): Promise<void> {
  const printed = (await shell.run(here(commands))).trim();
  if (outcome === null) return;
  // The walk-through's history names who signed in there; here it is who signed in above.
  expect(printed, shell.complaints()).toMatch(pattern(outcome.replaceAll('user:cli', 'user:local')));
}

beforeAll(async () => {
  place = makePlace(sharedServers());
  folder = await mkdtemp(join(tmpdir(), 'keyfold-readme-'));
  ports = {
    api: await freePort(),
    verifier: await freePort(),
    second: await freePort(),
    issuer: await freePort(),
  };
  shell = openShell({
    ...place.env,
    API_PORT: String(ports.api),
    VERIFIER_PORT: String(ports.verifier),
    PROJECTOR_PORT: '0',
    KEYFOLD_URL: `http://127.0.0.1:${ports.api}`,
    KEYFOLD_VERIFIER_URL: `http://127.0.0.1:${ports.verifier}`,
  });
});

afterAll(async () => {
  await shell.run('kill $(jobs -p) 2>/dev/null; wait');
  await shell.exit();
  await place.drop();
  await rm(folder, { recursive: true, force: true });
}, MINUTE);

test('the README starts every process on Kafka and MongoDB, and its walk-through works there', async () => {
  await run(titled('Start the processes'));
  await vi.waitFor(
    () => {
      const started = shell.printed().match(READY) ?? [];
      expect(started.length, shell.printed() + shell.complaints()).toBe(5);
    },
    { timeout: 2 * MINUTE, interval: 100 },
  );
  shell.skip();
  await run(titled('Sign in'));
  for (const step of stepsOf("A key's life")) await run(step);
});

test('the README stops what it has started', async () => {
  await run(titled('Stop them'));
  expect((await shell.run('jobs -r')).trim()).toBe('');
  for (const port of Object.values(ports)) await expect(fetch(`http://127.0.0.1:${port}/readyz`)).rejects.toThrow();
});
