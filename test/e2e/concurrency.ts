// Many writers on one key, and the same command sent more than once: the log decides, and every reader agrees with it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, type Api, type MutationName, type Result } from '../support/api.ts';
import { expectFoldOfLog, type Sources } from '../support/contents.ts';
import { change, codeOf, createKey, verdict } from '../support/keys.ts';
import { WORKSPACE, type System } from '../support/system.ts';

const CLIENTS = 8;
const MUTATIONS = 500;
const START_MS = 240_000;
const TEST_MS = 900_000;

export interface ConcurrentSystem extends System {
  /** How many API processes there are; each is asked by some of the clients. */
  readonly instances: number;
  readonly sources: Sources;
}

interface Sent {
  readonly name: MutationName;
  readonly commandId: string;
  readonly result: Result;
}

export function concurrentWriters(on: string, start: () => Promise<ConcurrentSystem>): void {
  describe(`concurrent writers, ${on}`, { timeout: TEST_MS }, () => {
    let system: ConcurrentSystem;
    const clients: Api[] = [];

    beforeAll(async () => {
      system = await start();
      for (let n = 0; n < CLIENTS; n++)
        clients.push(await system.api({ subject: `client-${n}` }, n % system.instances));
    }, START_MS);
    afterAll(() => system.stop(), START_MS);

    test(`${CLIENTS} clients × ${MUTATIONS} mutations of one key: one version each or VersionConflict, and all readers agree`, async () => {
      const { keyId, secret } = await createKey(clients[0]!, { name: 'Contended' });
      const sent = (await Promise.all(clients.map((api, n) => mutateAgainAndAgain(api, keyId, n)))).flat();
      expect(sent).toHaveLength(CLIENTS * MUTATIONS);

      const won = sent.filter(({ result }) => result.__typename.endsWith('Payload'));
      const lost = sent.filter(({ result }) => result.__typename === 'VersionConflict');
      expect(won.length + lost.length, JSON.stringify(sent.find((each) => ![...won, ...lost].includes(each)))).toBe(
        sent.length,
      );
      expect(lost.length).toBeGreaterThan(0);
      expect(new Set(won.map(({ result }) => result.position)).size).toBe(won.length);

      const events = await clients[0]!.history(keyId, won.at(-1)!.result.position);
      expect(events.map(({ version }) => version)).toEqual(Array.from({ length: won.length + 1 }, (_, n) => n + 1));
      expect(events.slice(1).map(({ prev }) => prev)).toEqual(events.slice(0, -1).map(({ hash }) => hash));
      expect(new Set(events.slice(1).map(({ commandId }) => commandId))).toEqual(
        new Set(won.map(({ commandId }) => commandId)),
      );
      const at = new Map(events.map(({ commandId, position }) => [commandId, position]));
      for (const { commandId, result } of won) expect(result.position).toBe(at.get(commandId));

      const folded = (await expectFoldOfLog(system.sources)).keys[keyId]!;
      const last = events.at(-1)!.position;
      for (const api of clients) {
        expect(await api.key(keyId, last)).toMatchObject({
          version: folded.state.version,
          name: folded.details.name,
          scopes: folded.state.scopes,
          status: folded.state.status,
        });
      }
      expect(folded.state.version).toBe(won.length + 1);
      expect(await verdict(system.verifiers, secret, { atLeast: last })).toMatchObject({
        version: folded.state.version,
        scopes: folded.state.scopes,
      });
    });

    test('one commandId sent by all clients at once is one create, whose secret one of them gets', async () => {
      for (let round = 0; round < 20; round++) {
        const input = { workspaceId: WORKSPACE, keyspace: 'default', name: 'Same', commandId: randomUUID() };
        const results = await Promise.all(clients.map((api) => api.settle('createKey', input)));
        const paid = results.filter(({ __typename }) => __typename === 'CreateKeyPayload');
        const told = results.filter(({ __typename }) => __typename === 'SecretAlreadyRevealed');
        expect(paid.length + told.length).toBe(CLIENTS);
        expect(paid.length).toBeLessThanOrEqual(1);
        expect(new Set(results.map(({ key }) => key?.keyId)).size).toBe(1);
        expect(new Set(results.map(({ position }) => position)).size).toBe(1);
        const [first] = results;
        expect(await clients[0]!.history(first!.key!.keyId, first!.position)).toHaveLength(1);
        const [payload] = paid;
        if (payload)
          expect(await codeOf(system.verifiers, payload.secret!, { atLeast: payload.position! })).toBe('VALID');
      }
    });

    test('one commandId sent by all clients at once, and once more after that, is one change with one outcome', async () => {
      const { keyId } = await createKey(clients[0]!);
      for (let round = 1; round <= 20; round++) {
        const input = { id: globalId(keyId), scopes: [`round:${round}`], commandId: randomUUID() };
        const results = await Promise.all(clients.map((api) => api.settle('changeScopes', input)));
        for (const api of clients.slice(0, 2)) results.push(await api.settle('changeScopes', input));
        expect(new Set(results.map(({ __typename }) => __typename))).toEqual(new Set(['ChangeScopesPayload']));
        expect(new Set(results.map(({ position }) => position)).size).toBe(1);
        const events = await clients[0]!.history(keyId, results[0]!.position);
        expect(events).toHaveLength(round + 1);
        const other = await clients[1]!.settle('changeScopes', { ...input, scopes: ['another:input'] });
        expect(other).toMatchObject({ __typename: 'InvalidInput', path: ['commandId'] });
      }
    });

    test('a client that never got its answer sends the same commandId again, and it has taken effect once', async () => {
      const { keyId } = await createKey(clients[0]!);
      const positions: string[] = [];
      for (let round = 1; round <= 30; round++) {
        const api = clients[round % CLIENTS]!;
        const input = { id: globalId(keyId), note: `round ${round}`, commandId: randomUUID() };
        // Gone before, while or after the answer is on its way; each of these moments comes up.
        const gone = AbortSignal.timeout(round % 10);
        await api.mutate('disableKey', input, gone).catch(() => undefined);
        const { position } = await change(clients[(round + 1) % CLIENTS]!, 'disableKey', keyId, input);
        positions.push(position);
      }
      const events = await clients[0]!.history(keyId, positions.at(-1));
      expect(events.slice(1).map(({ data }) => data.note)).toEqual(positions.map((_, n) => `round ${n + 1}`));
      expect(events.slice(1).map(({ position }) => position)).toEqual(positions);
    });
  });
}

/** One client: half of them insist on the version that they know, half leave it to the writer's own repetitions. */
async function mutateAgainAndAgain(api: Api, keyId: string, client: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  let version = 1;
  for (let n = 0; n < MUTATIONS; n++) {
    const commandId = `client-${client}-${n}`;
    const [name, input] = numbered(n);
    const ifVersion = client % 2 === 0 ? { ifVersion: version } : {};
    const result = await api.settle(name, { id: globalId(keyId), commandId, ...input, ...ifVersion });
    version = result.key?.version ?? result.actual ?? version;
    sent.push({ name, commandId, result });
  }
  return sent;

  function numbered(n: number): [MutationName, object] {
    switch (n % 4) {
      case 0:
        return ['changeScopes', { scopes: [`client:${client}`, `n:${n}`] }];
      case 1:
        return ['disableKey', { note: `client ${client}, ${n}` }];
      case 2:
        return ['updateKey', { name: `Client ${client}, ${n}` }];
      default:
        return ['changeRestrictions', { ipRanges: [`192.0.${client}.${n % 256}`] }];
    }
  }
}
