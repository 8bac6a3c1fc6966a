// Events, checkpoints, bundles, and their proof by the command that checks them offline; on any system.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedCheckpoint, type SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import { cli } from '../support/cli.ts';
import { change, createKey } from '../support/keys.ts';
import type { System } from '../support/system.ts';

const START_MS = 240_000;
const PERSONAL = 'Agatha Canary';

/** What a test needs of a system besides it. */
export interface ExportSystem {
  readonly system: System;
  /** Tokens of callers. */
  readonly token: (as: Parameters<System['api']>[0]) => Promise<string>;
  /** Fills the read models anew and switches to them. */
  readonly rebuild: () => Promise<void>;
  /** Destroys an aggregate's data key. */
  readonly eraseDataKey: (id: string) => Promise<void>;
}

export function exportTests(on: string, start: () => Promise<ExportSystem>): void {
  describe(`bundles prove themselves, ${on}`, { timeout: 180_000 }, () => {
    let started: ExportSystem;
    let folder: string;
    let operator: string;
    beforeAll(async () => {
      started = await start();
      folder = await mkdtemp(join(tmpdir(), 'keyfold-export-'));
      operator = await started.token({ subject: 'olga', workspaces: {}, operator: true });
    }, START_MS);
    afterAll(async () => {
      await started.system.stop();
      await rm(folder, { recursive: true, force: true });
    }, START_MS);

    let files = 0;
    const env = (token: string) => ({ KEYFOLD_URL: started.system.addresses.api, KEYFOLD_TOKEN: token });
    const exported = async (token: string, ...args: readonly string[]) => {
      const path = join(folder, `bundle-${++files}.ndjson`);
      const { code, stderr } = await cli(['events', 'export', '--quiet', '--out', path, ...args], env(token));
      expect([code, stderr]).toEqual([0, '']);
      return path;
    };
    const verified = async (path: string, ...args: readonly string[]) => {
      const { code, stdout, stderr } = await cli(['audit', 'verify', path, '--json', ...args], {});
      return { code, told: (JSON.parse(stdout || 'null') ?? stderr) as { summary?: { events: number; keys: number } } };
    };
    const intact = async (path: string, ...args: readonly string[]) => {
      const { code, told } = await verified(path, ...args);
      expect([code, told]).toEqual([0, expect.objectContaining({ kind: 'intact' })]);
      return told.summary!;
    };
    const checkpoint = async (): Promise<{ readonly path: string; readonly row: SignedCheckpoint }> => {
      const { code, stdout, stderr } = await cli(['audit', 'checkpoint'], env(operator));
      expect([code, stderr]).toEqual([0, '']);
      const path = join(folder, `checkpoint-${++files}.json`);
      await writeFile(path, stdout);
      return { path, row: signedCheckpoint.parse(JSON.parse(stdout)) };
    };
    const keyFile = async () => {
      const response = await fetch(`${started.system.addresses.api}/.well-known/keyfold/checkpoint-keys`);
      const path = join(folder, `keys-${++files}.json`);
      await writeFile(path, await response.text());
      return path;
    };
    const admins = () => started.system.api({ workspaces: { acme: 'admin', beta: 'admin' }, operator: true });

    test('whole, by workspace, by range, with older checkpoints, after a rebuild and after an erasure', async () => {
      const api = await admins();
      const made: Awaited<ReturnType<typeof createKey>>[] = [];
      for (const workspaceId of ['acme', 'beta', 'acme', 'acme'])
        made.push(await createKey(api, { workspaceId, description: PERSONAL }));
      const first = await checkpoint();
      expect(first.row.checkpoint.number).toBeGreaterThan(0);
      await change(api, 'disableKey', made[0]!.keyId);
      const second = await checkpoint();
      expect(second.row.checkpoint.number).toBe(first.row.checkpoint.number + 1);
      expect((await checkpoint()).row).toEqual(second.row); // nothing happened since
      const late = await createKey(api, { workspaceId: 'beta' });
      await change(api, 'revokeKey', made[1]!.keyId);

      const keys = await keyFile();
      const all = await exported(operator);
      expect((await intact(all, '--keys', keys)).keys).toBe(made.length + 2);
      const auditor = await started.token({ subject: 'aude', workspaces: { acme: 'auditor' }, operator: false });
      const acme = await exported(auditor, '--workspace', 'acme');
      expect(await intact(acme, '--keys', keys)).toMatchObject({ keys: 3, events: 4 });
      expect(await readFile(acme, 'utf8')).toContain(PERSONAL);
      for (const secret of made.map((key) => key.secret)) expect(await readFile(all, 'utf8')).not.toContain(secret);
      const lines = (await readFile(all, 'utf8')).trim().split('\n');
      const events = lines.slice(0, -1).map((line) => (JSON.parse(line) as { event: object }).event);
      expect(events.filter((event) => 'private' in event || 'sealed' in event)).toEqual([]);

      const behind = ['--checkpoint', first.path, '--checkpoint', second.path];
      for (const scope of [[], ['--workspace', 'beta'], ['--workspace', 'acme']]) {
        const path = await exported(operator, ...scope, ...behind);
        for (const kept of [first, second]) await intact(path, '--checkpoint', kept.path);
        const range = ['--from', first.row.checkpoint.position, '--checkpoint', second.path];
        const ranged = await exported(operator, ...scope, ...range);
        await intact(ranged, '--checkpoint', first.path);
        await intact(ranged, '--checkpoint', second.path);
        const upTo = await exported(operator, ...scope, '--to', second.row.checkpoint.position);
        await intact(upTo, '--checkpoint', second.path);
        expect(await readFile(upTo, 'utf8')).not.toContain(late.keyId);
      }

      // An auditor who keeps nothing but checkpoints finds that nothing was changed by what comes now.
      await started.rebuild();
      await started.eraseDataKey(`${made[2]!.keyId}.1`);
      const after = await exported(operator, '--workspace', 'acme', ...behind);
      expect(await intact(after, '--checkpoint', first.path)).toMatchObject({ keys: 3, events: 4 });
      const erased = (await readFile(after, 'utf8')).split('\n').filter((line) => line.includes(`"${made[2]!.keyId}@`));
      expect(erased).toHaveLength(1);
      expect(erased[0]).not.toContain('"personal"');
    });

    test('honest while keys are made and changed all the time', async () => {
      const api = await admins();
      const writing = new AbortController();
      const traffic = (async () => {
        while (!writing.signal.aborted)
          await change(api, 'disableKey', (await createKey(api, { workspaceId: 'beta' })).keyId);
      })();
      const kept = await checkpoint();
      for (let round = 0; round < 4; round++) {
        const scope = round % 2 === 0 ? [] : ['--workspace', 'beta'];
        const path = await exported(operator, ...scope, '--checkpoint', kept.path);
        await intact(path);
        await intact(path, '--checkpoint', kept.path);
        const ranged = await exported(operator, ...scope, '--from', kept.row.checkpoint.position).catch(() => null);
        if (ranged !== null) await intact(ranged, '--checkpoint', kept.path);
      }
      writing.abort();
      await traffic;
    });

    test('honest, or none and said so, while read models are made anew and switched to', async () => {
      const api = await admins();
      for (let n = 0; n < 30; n++) await createKey(api, { workspaceId: 'beta' });
      const switched = new AbortController();
      const rebuilding = started.rebuild().finally(() => switched.abort());
      let honest = 0;
      for (let after = false; !after;) {
        after = switched.signal.aborted; // one more behind the switch
        const path = join(folder, `bundle-${++files}.ndjson`);
        const { code, stderr } = await cli(['events', 'export', '--quiet', '--out', path], env(operator));
        if (code === 0) await intact(path);
        else expect([stderr === '', existsSync(path)]).toEqual([false, false]);
        honest += Number(code === 0);
      }
      await rebuilding;
      expect(honest).toBeGreaterThan(0);
    });

    test('the foreign checker in Python finds them intact, too', async () => {
      const path = await exported(operator);
      const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
        execFile('python3', [join(import.meta.dirname, '../../docs/verify.py'), path], (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
        );
      });
      expect([code, output]).toEqual([0, expect.anything()]);
    });

    test('checkpoints and their keys are there for everybody, page by page, in one chain', async () => {
      const url = `${started.system.addresses.api}/.well-known/keyfold/checkpoints`;
      const rows: SignedCheckpoint[] = [];
      for (let before: number | null = 1e9; before !== null;) {
        const response: Response = await fetch(`${url}?before=${before}&limit=2`);
        expect(response.status).toBe(200);
        expect(response.headers.get('cache-control')).toContain('public');
        const page = (await response.json()) as { checkpoints: SignedCheckpoint[]; before: number | null };
        rows.push(...page.checkpoints);
        before = page.before;
      }
      expect(rows.map(({ checkpoint: { number } }) => number)).toEqual(rows.map((_, index) => rows.length - index));
      expect(JSON.stringify(rows)).not.toMatch(/acme|beta|key_/);
      for (const bad of ['before=x', 'limit=0', 'limit=101']) expect((await fetch(`${url}?${bad}`)).status).toBe(400);
      expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    });

    test('an export is for those who see all of the history: of a workspace, or of everything', async () => {
      const ask = async (token: string | null, query: string, headers: Record<string, string> = {}) => {
        const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
        const response = await fetch(`${started.system.addresses.api}/v1/events/export?${query}`, {
          headers: { 'x-keyfold-csrf': '1', ...authorization, ...headers },
        });
        await response.text();
        return response.status;
      };
      const as = (role: 'admin' | 'auditor' | 'member' | 'viewer') =>
        started.token({ subject: role, workspaces: { acme: role }, operator: false });
      for (const role of ['admin', 'auditor'] as const) {
        expect(await ask(await as(role), 'workspace=acme')).toBe(200);
        for (const query of ['', 'workspace=beta', 'workspace=nowhere'])
          expect(await ask(await as(role), query)).toBe(403);
      }
      for (const role of ['member', 'viewer'] as const) expect(await ask(await as(role), 'workspace=acme')).toBe(403);
      expect(await ask(operator, '')).toBe(200);
      expect(await ask(null, '')).toBe(401);
      expect(await ask(operator, '', { 'x-keyfold-csrf': '' })).toBe(403);
      for (const bad of ['workspace=%20', 'from=x', 'from=p1_99-1', 'to=p1', 'checkpoint=0', 'checkpoint=999999'])
        expect([bad, await ask(operator, bad)]).toEqual([bad, 400]);
      const { secret } = await createKey(await admins(), { workspaceId: 'acme' });
      // 503 until the first key that is shown has been checked.
      await expect.poll(() => ask(secret, 'workspace=acme'), { timeout: 60_000 }).not.toBe(503);
      expect([401, 403]).toContain(await ask(secret, 'workspace=acme'));
    });
  });
}
