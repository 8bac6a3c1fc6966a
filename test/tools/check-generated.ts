// Checks that schema/schema.graphql, docs/roles.md and the typed documents are what code generation would write now. Writes
// nothing; exits with 1 and names what is stale and what to run.
import { generate } from '@graphql-codegen/cli';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import config from '../../codegen.ts';

const root = join(import.meta.dirname, '..', '..');
const FOLDERS = ['test/generated', 'console/src/api/generated'];

process.chdir(root);
const outputs = (await generate({ ...config, silent: true }, false)) as readonly {
  readonly filename: string;
  readonly content: string;
}[];
const wanted = new Map(outputs.map(({ filename, content }) => [filename, content]));
const there = FOLDERS.filter(existsSync).flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));

const stale = [
  ...[...wanted].flatMap(([path, content]) => {
    if (!existsSync(path)) return [`${path} is missing`];
    return readFileSync(path, 'utf8') === content ? [] : [`${path} is stale`];
  }),
  ...there.filter((path) => !wanted.has(path)).map((path) => `${path} is not generated any more`),
];
for (const problem of stale) console.error(problem);
if (wanted.size === 0) console.error('nothing was generated');
if (stale.length > 0) console.error('run: npm run codegen');
process.exitCode = stale.length > 0 || wanted.size === 0 ? 1 : 0;
