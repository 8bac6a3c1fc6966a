// Records that Keyfold would not write: a key's next event as a person, a damaged process or a newer build leaves it.
import { randomBytes } from 'node:crypto';
import type { Attributes } from '../../events/catalogue.ts';
import { eventHash } from '../../events/chain.ts';
import { encodeRecord, recordEvent } from '../../events/record.ts';
import type { Core } from '../../services/core.ts';

/** What stands in a record: its attributes, and the three parts. */
export type Written = Attributes & { readonly data: object; readonly personal: string; readonly private: object };

/** The JSON of the event that would disable a key, right in all, or changed and, with `rehash`, hashed over the change. */
export async function nextEvent(
  { store, dataKeys, now }: Pick<Core, 'store' | 'dataKeys' | 'now'>,
  keyId: string,
  changes: Partial<Written> = {},
  { rehash = true } = {},
): Promise<Buffer> {
  const row = await store.read((view) => view.key(keyId));
  if (!row) throw new Error(`there is no key ${keyId}`);
  const { version, head, time, workspaceId, keyspaceVersion, dataKeyNumber } = row.state;
  const event = recordEvent(
    { type: 'KeyDisabled', data: {}, personal: { note: 'written by hand' }, private: {} },
    { aggregateId: keyId, version, head, time },
    {
      commandId: randomBytes(8).toString('hex'),
      fingerprint: '0'.repeat(64),
      requestId: 'by-hand',
      actor: { kind: 'user', id: 'somebody' },
      ip: null,
      userAgent: null,
      workspaceId,
      keyspaceVersion,
      now: now(),
    },
    await dataKeys.forWriting(keyId, dataKeyNumber),
    randomBytes,
  );
  const written = JSON.parse(Buffer.from(encodeRecord(event).value).toString()) as Written;
  const { data, personal, private: hidden, hash, ...covered } = { ...written, ...changes };
  const again = rehash ? eventHash(covered, data) : hash;
  return Buffer.from(JSON.stringify({ ...covered, hash: again, data, personal, private: hidden }));
}
