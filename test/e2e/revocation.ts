// Access that is taken, while verifiers are asked all the time: once a receipt is whole, none of them accepts it (L10).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, type Api, type Result, type VerifierClient } from '../support/api.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';
import type { System } from '../support/system.ts';

const VERIFIERS = 3;
const KEYS = 40;
const WORKERS = 16;
const ASKERS_EACH = 2;
const START_MS = 240_000;
const TEST_MS = 900_000;

/** How access was taken from a secret last, and until when that is so. */
interface Taken {
  readonly secret: string;
  /** Whether a receipt said that every verifier knows. */
  confirmed: boolean;
}

/** @param times how often access is taken. */
export function revocations(on: string, times: number, start: () => Promise<System>): void {
  describe(`access that is taken, ${on}`, { timeout: TEST_MS }, () => {
    let system: System;
    let api: Api;
    beforeAll(async () => {
      system = await start();
      api = await system.api();
    }, START_MS);
    afterAll(() => system.stop(), START_MS);

    test(`${times} times under load: 0 VALID after a receipt that is whole, and all are`, async () => {
      expect(system.verifiers).toHaveLength(VERIFIERS);
      const keys = await Promise.all(Array.from({ length: KEYS }, (_, n) => createKey(api, { name: `Key ${n}` })));
      const load = startLoad(system.verifiers);
      const done = { taken: 0, whole: 0 };
      const queue = [...keys];
      const work = async (): Promise<void> => {
        while (done.taken < times) {
          const key = queue.shift();
          if (!key) throw new Error('there are more workers than keys');
          queue.push(await takeAndGive(api, key, done, load));
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, work));
      const { asked, accepted } = await load.stop();
      expect(accepted).toEqual([]);
      expect(asked).toBeGreaterThan(times);
      expect(done.whole).toBe(done.taken);
    });

    test('the receipt names each verifier with its time, and the key tells it again later', async () => {
      const { keyId } = await createKey(api);
      const { enforcement, position } = await change(api, 'disableKey', keyId, { waitFor: 'VERIFIERS' });
      expect(enforcement).toMatchObject({ confirmed: VERIFIERS, total: VERIFIERS });
      expect(new Set(enforcement!.verifiers.map(({ id }) => id)).size).toBe(VERIFIERS);
      for (const { confirmedAt } of enforcement!.verifiers) expect(Date.parse(confirmedAt!)).toBeGreaterThan(0);
      const { key } = await api.query<{ key: { enforcement: unknown; never: unknown } }>(
        `query ($id: ID!, $atLeast: Position) { key(id: $id, atLeast: $atLeast) {
          enforcement(version: 2) { confirmed total confirmedAt verifiers { id } } never: enforcement(version: 9) { total } } }`,
        { id: globalId(keyId), atLeast: position },
      );
      expect(key).toMatchObject({ enforcement: { confirmed: VERIFIERS, total: VERIFIERS }, never: null });
      const ids = (await api.health()).verifiers.map(({ id }) => id);
      expect(ids.toSorted()).toEqual(enforcement!.verifiers.map(({ id }) => id).toSorted());
    });

    test('a mutation that changes nothing waits for what the key was changed by last', async () => {
      const { keyId } = await createKey(api);
      const first = await change(api, 'updateKey', keyId, { name: 'Renamed' });
      const again = await change(api, 'updateKey', keyId, { name: 'Renamed', waitFor: 'VERIFIERS' });
      expect(again.position).toBe(first.position);
      expect(again.enforcement?.confirmedAt).toEqual(expect.any(String));
      expect((await change(api, 'updateKey', keyId, { name: 'Other' })).enforcement).toBeNull();
    });
  });
}

interface Load {
  readonly taken: Map<string, Taken>;
  stop(): Promise<{ readonly asked: number; readonly accepted: readonly string[] }>;
}

/** Asks every verifier about secrets from which access was taken, without a pause. */
function startLoad(verifiers: readonly VerifierClient[]): Load {
  const taken = new Map<string, Taken>();
  const accepted: string[] = [];
  let asked = 0;
  let ending = false;
  const ask = async (verifier: VerifierClient, n: number): Promise<void> => {
    for (let turn = n; !ending; turn++) {
      const all = [...taken.values()];
      const one = all[turn % Math.max(1, all.length)];
      const confirmed = one?.confirmed === true;
      const { body } = await verifier.ask({ key: one?.secret ?? 'none' });
      asked++;
      // Given back since then: it may be accepted again.
      if (one && confirmed && body.valid && taken.get(one.secret) === one) accepted.push(body.requestId ?? 'unknown');
    }
  };
  const asking = verifiers.flatMap((verifier) => Array.from({ length: ASKERS_EACH }, (_, n) => ask(verifier, n)));
  return {
    taken,
    stop: async () => {
      ending = true;
      await Promise.all(asking);
      return { asked, accepted };
    },
  };
}

/** Takes access twice, and gives it back in between: the key is disabled and enabled, then it gets another secret. */
async function takeAndGive(
  api: Api,
  { keyId, secret, position }: MadeKey,
  done: { taken: number; whole: number },
  { taken }: Load,
): Promise<MadeKey> {
  const note = ({ enforcement }: Result): void => {
    done.taken++;
    if (enforcement?.confirmedAt == null) return;
    done.whole++;
    taken.set(secret, { secret, confirmed: true });
  };
  note(await change(api, 'disableKey', keyId, { waitFor: 'VERIFIERS' }));
  taken.delete(secret);
  await change(api, 'enableKey', keyId);
  const next = await change(api, 'regenerateKey', keyId, { waitFor: 'VERIFIERS' });
  note(next);
  if (!next.secret) throw new Error('a regenerated key has a secret');
  return { keyId, secret: next.secret, position };
}
