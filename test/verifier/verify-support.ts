// One key in a view, and the code that a check of it gets.
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import type { NewRecord } from '../../events/log.ts';
import { verify, type Check, type VerifyCode } from '../../services/verifier/verify.ts';
import { createView, FROM_NOTHING, type View } from '../../services/verifier/view.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { batches, createWriter, NOW, PEPPER, type Created, type Writer } from './support.ts';

export const PROFILE: ProfileInput = {
  slug: 'default',
  name: 'Default',
  types: [{ id: 'secret', label: 'Secret', prefix: 'kf' }],
  permissions: {
    freeForm: true,
    implications: [
      { scope: 'write', implies: ['read'] },
      { scope: 'admin', implies: ['write'] },
    ],
    superScopes: ['root'],
  },
  resources: {
    noun: 'Agent',
    types: [
      { id: 'agent', scope: 'agents' },
      { id: 'file', scope: null },
    ],
  },
};

/** A view that holds one key, after whatever else is written to it. */
export function given(data: Partial<Created> = {}, more: (writer: Writer, keyId: string) => NewRecord[] = () => []) {
  const log = createMemoryLog({ partitions: 1 });
  const writer = createWriter();
  const keyId = writer.keyId('a');
  const put = (record: Pick<NewRecord, 'key' | 'value'>) => log.put(record);
  [writer.keyspace(PROFILE), writer.create('a', data), ...more(writer, keyId)].forEach(put);
  return { ...view(log), log, writer, keyId, put };
}

export function view(log: ReturnType<typeof createMemoryLog>) {
  const of: View = createView(FROM_NOTHING, [PEPPER]);
  for (const batch of batches(log)) {
    for (const record of batch.records) of.fold(record);
    of.passed(batch);
  }
  return { view: of };
}

export const code = (of: ReturnType<typeof given>, check: Partial<Check> = {}, now = NOW): VerifyCode =>
  verify({ key: of.writer.secretOf(of.keyId), ...check }, of.view, now).code;
