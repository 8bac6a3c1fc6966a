// What the product brings with it: every runtime package under a licence of the allow-list, and no more packages than
// the budget. A new one is a decision: it is made by changing package-budget.json in the same commit.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

interface Budget {
  /** Highest number of different packages (name and version) at run time. */
  readonly runtimePackages: number;
  readonly licences: readonly string[];
}

interface Node {
  readonly name?: string;
  readonly version?: string;
  readonly path?: string;
  readonly dependencies?: Readonly<Record<string, Node>>;
}

/** Installed runtime packages: `name@version` → folder. Optional ones that are not installed do not count. */
export function runtimePackages(tree: Node, found = new Map<string, string>()): ReadonlyMap<string, string> {
  for (const [name, node] of Object.entries(tree.dependencies ?? {})) {
    if (node.version === undefined || node.path === undefined) continue;
    found.set(`${name}@${node.version}`, node.path);
    runtimePackages(node, found);
  }
  return found;
}

/** Whether an SPDX expression allows one of the licences: any of `OR`, all of `AND`. */
export function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const parts = expression.replace(/^\((.*)\)$/, '$1');
  return parts
    .split(' OR ')
    .some((option) => option.split(' AND ').every((licence) => allowed.includes(licence.trim())));
}

export function problems(budget: Budget, licences: ReadonlyMap<string, string>): string[] {
  const refused = [...licences].filter(([, licence]) => !isAllowed(licence, budget.licences));
  return [
    ...refused.map(([name, licence]) => `${name} has the licence "${licence}", which is not on the list`),
    ...(licences.size > budget.runtimePackages
      ? [`${licences.size} runtime packages are installed, the budget is ${budget.runtimePackages}`]
      : []),
  ];
}

function licenceOf(folder: string): string {
  const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { license?: unknown };
  return typeof license === 'string' ? license : 'none named';
}

function main(): number {
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--long', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const budget = JSON.parse(readFileSync(join(import.meta.dirname, 'package-budget.json'), 'utf8')) as Budget;
  const licences = new Map(
    [...runtimePackages(JSON.parse(listed) as Node)].map(([name, folder]) => [name, licenceOf(folder)]),
  );
  const found = problems(budget, licences);
  for (const problem of found) console.error(problem);
  if (found.length === 0)
    console.log(`${licences.size} runtime packages of ${budget.runtimePackages}, all licences allowed`);
  return found.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) process.exitCode = main();
