// Every command of `keyfold`.
import { expect, test } from 'vitest';
import { cli } from '../../support/cli.ts';
import { WORKSPACE } from '../../support/system.ts';
import type { Watching } from './watch.ts';

export function commands(watching: Watching): void {
  test('every command', async () => {
    const { watched, canaries, heard, newSecret, withoutShown, command } = watching();
    const token = await cli(watched.tokenCommand, watched.env);
    expect(token.code).toBe(0);
    canaries.add('a token that was printed', token.stdout.trim());
    heard('keyfold token, errors', token.stderr);
    const env = { ...watched.env, KEYFOLD_TOKEN: token.stdout.trim() };
    const at = ['--workspace', WORKSPACE];

    const created = await command(
      'keys create',
      ['keys', 'create', '--name', 'By hand', '--scopes', 'orders:read', ...at],
      '',
      env,
    );
    expect(created.code).toBe(0);
    const { secret, rest } = withoutShown('the secret that keyfold keys create prints', created.stdout);
    heard('keyfold keys create', rest);
    const keyId = /key_\w{22}/.exec(rest)?.[0] ?? '';
    const commands: [name: string, args: string[], code: number, stdin?: string][] = [
      ['verify', ['verify', '--scope', 'orders:read'], 0, created.stdout],
      ['verify, json', ['verify', '--json'], 0, secret],
      ['verify, unknown', ['verify'], 1, newSecret('a secret on standard input')],
      ['verify, malformed', ['verify', '--json'], 1, `${secret}${secret}`],
      ['verify, bad option', ['verify', '--at-least', 'p1_9-9'], 2, secret],
      ['keys list', ['keys', 'list', ...at, '--json'], 0],
      ['keys list, text', ['keys', 'list', ...at, '--text', 'by'], 0],
      ['keys show', ['keys', 'show', keyId, ...at], 0],
      ['keys show, json', ['keys', 'show', keyId, ...at, '--json'], 0],
      ['keys update', ['keys', 'update', keyId, ...at, '--tags', 'x'], 0],
      ['keys scopes', ['keys', 'scopes', keyId, ...at, '--scopes', 'orders:write'], 0],
      ['keys restrictions', ['keys', 'restrictions', keyId, ...at, '--ip-ranges', '192.0.2.0/24'], 0],
      ['keys expiry', ['keys', 'expiry', keyId, ...at, '--in', '30d'], 0],
      ['keys disable', ['keys', 'disable', keyId, ...at, '--note', 'n'], 0],
      ['keys enable', ['keys', 'enable', keyId, ...at, '--json'], 0],
      ['keys history', ['keys', 'history', keyId, ...at], 0],
      ['keys history, json', ['keys', 'history', keyId, ...at, '--json'], 0],
      ['keys retire', ['keys', 'retire', keyId, ...at], 0],
      ['keys update, nothing', ['keys', 'update', keyId, ...at], 2],
      ['keys revoke', ['keys', 'revoke', keyId, ...at], 0],
      ['keys enable, revoked', ['keys', 'enable', keyId, ...at, '--json'], 1],
      ['keyspaces list', ['keyspaces', 'list', ...at], 0],
      ['keyspaces show', ['keyspaces', 'show', 'default', ...at], 0],
      ['projections status', ['projections', 'status', ...at], 0],
      ['projections status, json', ['projections', 'status', ...at, '--json'], 0],
      ['projections rebuild', ['projections', 'rebuild', ...at], 0],
      ['projections retry', ['projections', 'retry', ...at], 0],
      ['projections discard', ['projections', 'discard', ...at, '--position', 'p1_0-0', '--reason', 'r'], 1],
      ['help', ['--help'], 0],
    ];
    for (const [name, args, code, stdin] of commands) {
      const result = await command(name, args, stdin, env);
      expect([name, result.code, result.stderr]).toEqual([name, code, result.stderr]);
      heard(`keyfold ${name}`, result.stdout);
    }
    for (const shape of ['--json', '--shell']) {
      const again = await command('keys create', ['keys', 'create', '--name', 'Again', shape, ...at], '', env);
      heard('keyfold keys create', withoutShown(`the secret that keys create ${shape} prints`, again.stdout).rest);
      const id = /key_\w{22}/.exec(again.stdout)?.[0] ?? '';
      const renewed = await command('keys regenerate', ['keys', 'regenerate', id, shape, ...at], '', env);
      heard('keyfold keys regenerate', withoutShown(`the secret that regenerate ${shape} prints`, renewed.stdout).rest);
      expect((await command('keys delete', ['keys', 'delete', id, ...at], '', env)).code).toBe(0);
    }
    for (const wrong of [newSecret('a secret as a token'), `${token.stdout.trim()}x`]) {
      const refused = await command('keys list', ['keys', 'list'], '', { ...env, KEYFOLD_TOKEN: wrong });
      expect(refused.code).toBe(1);
      heard('keyfold keys list', refused.stdout);
    }
  });
}
