// How long a mutation may keep its caller waiting, through a running system whose log loses a record.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppendUnknownError, type EventLog } from '../../events/log.ts';
import { globalId, type Api } from '../support/api.ts';
import { startEmbedded, type InProcess } from '../support/in-process.ts';
import { createKey } from '../support/keys.ts';

const OUTCOME_MS = 5000;
/** For a busy machine; far below what a forgotten deadline would take. */
const SLACK_MS = 10_000;

let system: InProcess;
let admin: Api;

beforeAll(async () => {
  system = await startEmbedded();
  admin = await system.api();
});
afterAll(() => system.stop());

/** The log of the running system, with an `append` of the test's own. */
async function whileAppending<T>(append: EventLog['append'], work: () => Promise<T>): Promise<T> {
  const log = system.core.log as { append: EventLog['append'] };
  const own = log.append;
  log.append = append;
  try {
    return await work();
  } finally {
    log.append = own;
  }
}

test('protocol L9: a mutation waits 5 s for its outcome, then it is OutcomeUnknown, and sent again it has one effect', async () => {
  const { keyId } = await createKey(admin);
  const input = { id: globalId(keyId), commandId: 'c-lost' };
  const begun = performance.now();
  const unknown = await whileAppending(
    () => Promise.reject(new AppendUnknownError('nobody knows')),
    () => admin.mutate('disableKey', input),
  );
  const waited = performance.now() - begun;
  expect(unknown).toMatchObject({ __typename: 'OutcomeUnknown', commandId: 'c-lost' });
  expect(waited).toBeGreaterThan(OUTCOME_MS * 0.9);
  expect(waited).toBeLessThan(OUTCOME_MS + SLACK_MS);

  expect(await admin.settle('disableKey', input)).toMatchObject({ __typename: 'DisableKeyPayload' });
  expect((await admin.history(keyId)).map(({ type }) => type)).toEqual(['KEY_CREATED', 'KEY_DISABLED']);
});
