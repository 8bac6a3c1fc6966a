// docs/verify.py on many bundles, in one process of Python: its exit code and what it says of each.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jwksOf, type SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import { KEYS } from './bundles.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', 'docs', 'verify.py');

/** Calls `main` of the script once for each line of arguments; writes a line of exit code and output for each. */
const HARNESS = `
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import verify
answers = []
for line in open(sys.argv[2]):
    out = io.StringIO()
    with contextlib.redirect_stdout(out): code = verify.main(json.loads(line))
    answers.append({"code": code, "result": json.loads(out.getvalue())})
json.dump(answers, open(sys.argv[3], "w"))
`;

export interface Bundled {
  readonly text: string | Buffer;
  readonly kept?: SignedCheckpoint | undefined;
  /** Whether the key file is given. */
  readonly keys: boolean;
}

export interface Answered {
  readonly code: number;
  readonly result: {
    readonly kind: string;
    readonly line?: number;
    readonly eventId?: string | null;
    readonly problem?: string;
    readonly summary?: unknown;
  };
}

export async function verifyPy(python: string, bundles: readonly Bundled[]): Promise<Answered[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-verify-py-'));
  const file = (name: string): string => join(folder, name);
  try {
    await writeFile(file('keys.json'), JSON.stringify(jwksOf(KEYS)));
    const calls: string[] = [];
    for (const [n, { text, kept, keys }] of bundles.entries()) {
      await writeFile(file(`${n}.ndjson`), text);
      if (kept) await writeFile(file(`${n}.json`), JSON.stringify(kept));
      const given = [
        ...(kept ? ['--checkpoint', file(`${n}.json`)] : []),
        ...(keys ? ['--keys', file('keys.json')] : []),
      ];
      calls.push(JSON.stringify([file(`${n}.ndjson`), ...given]));
    }
    await writeFile(file('calls'), calls.join('\n'));
    await promisify(execFile)(python, ['-c', HARNESS, join(SCRIPT, '..'), file('calls'), file('answers')]);
    return JSON.parse(await readFile(file('answers'), 'utf8')) as Answered[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The script itself, on one file. */
export function verifyPyFile(python: string, path: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    execFile(python, [SCRIPT, path], (error, stdout, stderr) => {
      if (stderr !== '') reject(new Error(stderr));
      else resolve({ code: Number(error?.code ?? 0), result: JSON.parse(stdout) as Answered['result'] });
    });
  });
}
