// The servers' programs: Kafka's jars by Maven, SecantusDB by pip, kept in a cache folder outside the repository.
// A download is tried three times, made aside and then renamed: what is in the cache is whole. A failure says which.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ATTEMPTS = 3;
const MONGODB_PACKAGE = 'SecantusDB==0.6.0b17'; // the version that carries the server; later ones do not

/** The folder of Kafka's jars. Needs `mvn` the first time. */
export function kafkaJars(): Promise<string> {
  const pom = join(import.meta.dirname, 'kafka', 'pom.xml');
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  return cached(`kafka-${version}`, 'Kafka (Maven Central)', async (folder) => {
    const goal = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime'];
    await run('mvn', [...goal, `-DoutputDirectory=${folder}`]);
  });
}

/** The folder of the Python environment that holds the MongoDB-compatible server. Needs `python3` the first time. */
export function mongodbEnvironment(): Promise<string> {
  return pythonWith(MONGODB_PACKAGE, '--pre');
}

/** The folder of a Python environment with one package, `name==version`. Needs `python3` the first time. */
export function pythonWith(what: string, ...options: readonly string[]): Promise<string> {
  return cached(what.replace('==', '-').toLowerCase(), `${what} (PyPI)`, async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...options, what];
    await run(join(folder, 'bin', 'python3'), pip);
  });
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'keyfold-test-services');
}

/** A folder of the cache, made by `make` in a folder aside where it is not there yet. */
export async function cached(name: string, what: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  for (let attempt = 1; !existsSync(folder); attempt += 1) {
    await mkdir(cacheFolder(), { recursive: true });
    const aside = await mkdtemp(`${folder}.part-`);
    try {
      await make(aside);
      await rename(aside, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error; // else another process was first: its copy is as good
      });
    } catch (error) {
      if (attempt >= ATTEMPTS)
        throw new Error(`${what} could not be fetched in ${ATTEMPTS} attempts`, { cause: error });
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }
  return folder;
}
