// A world whose checks are logged: random commands on a few keys, random checks through the judge and the recorder, and a plain
// account of both, kept by hand beside them: what was asked of what, and which command had made it so.
import type { Data } from '../../events/catalogue.ts';
import { eventId, KEYSPACES } from '../../events/ids.ts';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import type { NewRecord } from '../../events/log.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { NOTHING_FOLDED, reduceUsage } from '../../projections/usage-reduce.ts';
import type { RequestRow } from '../../projections/usage.ts';
import { createJudge } from '../../services/verifier/judge.ts';
import { createRecorder } from '../../services/verifier/recorder.ts';
import { batchesOf } from '../../services/verifier/usage-batches.ts';
import { verify, type Ask, type VerifyCode } from '../../services/verifier/verify.ts';
import { createView, FROM_NOTHING } from '../../services/verifier/view.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createRandom } from './random.ts';
import { createWriter, iso, NOW, plain, project, type Created } from './support.ts';
import { readBatch } from './usage-support.ts';
import { PEPPERS, tail } from './view-support.ts';

const SCOPES = ['read', 'write', 'admin', 'agents'];
const ORIGINS = ['https://a.example.com', 'https://b.example.com'];
const RANGES = ['192.0.2.1', '2001:db8::/32'];
const ADDRESSES: Readonly<Record<string, string | null>> = {
  '192.0.2.1': '192.0.2.1',
  '::ffff:192.0.2.1': '192.0.2.1',
  '2001:DB8::7': '2001:db8::/32',
  '198.51.100.9': null,
};
const IDS = ['r1', 'r2'];
const HOUR = 3_600_000;

/** The profile in one of its forms: who implies whom, and under which scope resources are reached. */
function profileOf(form: number): ProfileInput {
  return {
    slug: 'default',
    name: `Default ${form}`,
    types: [
      { id: 'secret', label: 'Secret', prefix: 'kf' },
      { id: 'page', label: 'Page', prefix: 'pg', originsRequired: form % 3 === 1 },
    ],
    permissions: {
      freeForm: true,
      implications: form % 2 === 0 ? [{ scope: 'write', implies: ['read'] }] : [],
      superScopes: form % 4 === 3 ? ['admin'] : [],
    },
    resources: {
      noun: 'Agent',
      types: [
        { id: 'agent', scope: form % 2 === 0 ? 'agents' : null },
        ...(form % 5 === 4 ? [] : [{ id: 'file', scope: null }]),
      ],
    },
  };
}

interface Plain extends Created {
  readonly status: string;
  readonly quarantined: boolean;
}

/** What was so since an event: the key, and the profile's form. */
interface Moment {
  readonly event: string;
  readonly key: Plain;
  readonly form: number;
}

interface PlainSecret {
  readonly text: string;
  /** The event by which it became a previous one, and until when it was good then. */
  ended: { readonly by: string; readonly at: number } | null;
  /** The event that took it away. */
  dropped: string | null;
}

interface PlainKey {
  readonly id: string;
  readonly moments: Moment[];
  readonly secrets: PlainSecret[];
}

/** A check as it was answered, and the id of the event that made it so, by the account. */
export interface Answered {
  readonly requestId: string;
  readonly code: VerifyCode;
  readonly decidedBy: string | null;
}

type Reason = (key: Plain, form: number, asked: Ask, now: number) => boolean;

const has = (key: Plain, form: number, scope: string): boolean =>
  key.unrestricted ||
  key.scopes.includes(scope) ||
  (form % 4 === 3 && key.scopes.includes('admin')) ||
  (form % 2 === 0 && scope === 'read' && key.scopes.includes('write'));

/** The reasons for refusals, each by itself. */
const REASONS: Partial<Record<VerifyCode, Reason>> = {
  REVOKED: ({ status }) => status === 'REVOKED',
  DISABLED: ({ status }) => status === 'DISABLED',
  WRONG_KEYSPACE: ({ keyspace }, _, asked) => asked.keyspace !== undefined && asked.keyspace !== keyspace,
  WRONG_ENVIRONMENT: ({ environment }, _, asked) =>
    asked.environment !== undefined && asked.environment !== environment,
  IP_NOT_ALLOWED: ({ ipRanges }, _, { ip }) =>
    ipRanges.length > 0 && !ipRanges.includes((ip === undefined ? null : ADDRESSES[ip]) ?? 'nowhere'),
  ORIGIN_NOT_ALLOWED: ({ origins, type }, form, { origin }) =>
    origins.length > 0 ? !origins.includes(origin ?? '') : type === 'page' && form % 3 === 1,
  INSUFFICIENT_SCOPE: (key, form, { scopes = [], permission, flags = [], resource }) =>
    !scopes.every((scope) => has(key, form, scope)) ||
    (permission !== undefined && !(has(key, form, 'read') && (has(key, form, 'write') || has(key, form, 'agents')))) ||
    !flags.every((flag) => key.flags.includes(flag)) ||
    (resource?.type === 'agent' && form % 2 === 0 && !has(key, form, 'agents')),
  RESOURCE_NOT_ALLOWED: ({ resources }, form, { resource }) =>
    resource !== undefined &&
    ((resource.type === 'file' && form % 5 === 4) ||
      !['agent', 'file'].includes(resource.type) ||
      !(resources.all || resources.ids.includes(resource.id))),
};

/** The event since which a reason has held. */
function since(moments: readonly Moment[], holds: (moment: Moment) => boolean): string | null {
  return moments[moments.findLastIndex((moment) => !holds(moment)) + 1]?.event ?? null;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(seed: number) {
  const random = createRandom(seed);
  const log = createMemoryLog({ partitions: 3 });
  const store = createMemoryStore();
  const preview = (text: string): string => `${text.slice(0, text.lastIndexOf('_') + 1)}...${text.slice(-4)}`;
  const writer = createWriter({ seed, preview });
  const view = createView(FROM_NOTHING, PEPPERS);
  const keys: PlainKey[] = [];
  const answered: Answered[] = [];
  let form = 0;
  let now = NOW;
  let created = 0;
  let junk = 0;

  const put = async (record: NewRecord): Promise<void> => {
    await log.append([record]);
    tail(view, log);
  };
  const headOf = (id: string): string => eventId(id, writer.head(id).version);
  const last = (key: PlainKey): Moment => key.moments.at(-1)!;
  const become = (key: PlainKey, changes: Partial<Plain>): void => {
    key.moments.push({ event: headOf(key.id), key: { ...last(key).key, ...changes }, form });
  };

  async function define(): Promise<void> {
    form += 1 + random.below(3);
    await put(writer.keyspace(profileOf(form), (view.keyspaces.profiles.default?.version ?? 0) + 1));
    for (const key of keys) key.moments.push({ event: headOf(KEYSPACES), key: last(key).key, form });
  }

  const access = () => ({
    scopes: random.some(SCOPES),
    unrestricted: random.chance(5),
    resources: random.chance(50) ? { all: true, ids: [] } : { all: false, ids: random.some(IDS) },
    flags: random.some(['beta']),
  });
  const restrictions = () => ({
    origins: random.chance(60) ? [] : random.some(ORIGINS),
    ipRanges: random.chance(60) ? [] : random.some(RANGES),
    rateLimit: null,
  });
  const expiry = (): string | null => (random.chance(50) ? null : iso(now + random.below(60) * HOUR - 20 * HOUR));

  async function create(): Promise<void> {
    const name = `k${++created}`;
    const settings = {
      ...{ ...access(), ...restrictions(), expiresAt: expiry(), type: random.pick(['secret', 'secret', 'page']) },
      environment: random.pick([null, 'live']),
    };
    await put(writer.create(name, settings));
    const id = writer.keyId(name);
    const key = { ...settings, keyspace: 'default', preview: '', predecessor: null, ownerId: null };
    keys.push({
      id,
      moments: [{ event: eventId(id, 1), key: { ...key, status: 'ACTIVE', quarantined: false }, form }],
      secrets: [{ text: writer.secretOf(id), ended: null, dropped: null }],
    });
  }

  const drop = (key: PlainKey): void => {
    for (const secret of key.secrets.slice(0, -1)) if (secret.ended) secret.dropped ??= headOf(key.id);
  };
  const isOver = ({ key }: Moment): boolean => key.status === 'REVOKED' || key.status === 'DELETED';

  async function regenerate(key: PlainKey): Promise<void> {
    const retiresAt = now + random.pick([-90_000, 0, 2, 30]) * HOUR;
    const { time } = writer.head(key.id);
    await put(writer.regenerate(key.id, retiresAt));
    drop(key);
    const before = key.secrets.at(-1)!;
    before.ended = { by: headOf(key.id), at: time !== null && retiresAt < NOW - 20_000 * HOUR ? -Infinity : retiresAt };
    key.secrets.push({ text: writer.secretOf(key.id), ended: null, dropped: null });
    become(key, {});
  }

  async function event<T extends Parameters<typeof plain>[0]>(
    key: PlainKey,
    type: T,
    data: Data<T>,
    changes: Partial<Plain> = {},
  ) {
    await put(writer.event(key.id, type, data));
    if (['PreviousSecretRetired', 'KeyRevoked', 'KeyDeleted'].includes(type)) drop(key);
    const stays = isOver(last(key)) && !(type === 'KeyDeleted' && last(key).key.status === 'REVOKED');
    become(key, stays ? { ...changes, status: last(key).key.status } : changes);
  }

  /** A broken record, and what settles it: a discard, or the copy of one that has come too early. */
  async function breakKey(key: PlainKey): Promise<void> {
    if (last(key).key.quarantined) {
      await project(log, store);
      for (const { position, aggregateId } of [...view.quarantine.open.values()]) {
        if (aggregateId !== key.id) continue;
        await event(
          key,
          'RecordDiscarded',
          { position: encodeRecordPosition(position), reason: 'random' },
          { quarantined: false },
        );
      }
      return;
    }
    log.put({ key: key.id, value: Buffer.from(`junk ${++junk}`) });
    tail(view, log);
    // No event made it so; the account of reasons is of events.
    const moment = last(key);
    key.moments[key.moments.length - 1] = { ...moment, key: { ...moment.key, quarantined: true } };
  }

  async function step(): Promise<void> {
    now += random.below(HOUR / 2);
    const dice = random.below(100);
    const key = keys.length === 0 ? undefined : random.pick(keys);
    if (key === undefined || (keys.length < 8 && dice < 15)) return create();
    const { key: was } = last(key);
    if (dice < 22) return define();
    if (dice < 36) {
      const after = access();
      const { scopes, unrestricted, resources, flags } = was;
      return event(
        key,
        'ScopesChanged',
        { before: { scopes, unrestricted, resources, flags }, after },
        after as Partial<Plain>,
      );
    }
    if (dice < 50) {
      const after = restrictions();
      const { origins, ipRanges, rateLimit } = was;
      return event(key, 'RestrictionsChanged', { before: { origins, ipRanges, rateLimit }, after }, after);
    }
    if (dice < 58) {
      const after = expiry();
      return event(key, 'ExpiryChanged', { before: was.expiresAt, after }, { expiresAt: after });
    }
    if (dice < 66) return event(key, 'KeyDisabled', {}, { status: 'DISABLED' });
    if (dice < 76) return event(key, 'KeyEnabled', {}, { status: 'ACTIVE' });
    if (dice < 86) return isOver(last(key)) ? undefined : regenerate(key);
    if (dice < 89) return event(key, 'PreviousSecretRetired', {});
    if (dice < 91) return event(key, 'KeyRevoked', { reason: null }, { status: 'REVOKED' });
    if (dice < 93) return event(key, 'KeyDeleted', { destroyedDataKey: null }, { status: 'DELETED' });
    if (dice < 96) return breakKey(key);
    return event(key, 'KeyDetailsChanged', { ownerId: null });
  }

  const recorder = createRecorder({
    position: () => view.position,
    partitions: log.partitions,
    onDropped: () => undefined,
  });
  const judge = createJudge({
    checker: {
      check: (asked) => ({ verdict: verify(asked, view, now), asOf: iso(now), now }),
      prepare: () => null,
      ready: () => true,
      holdBack: () => () => true,
    },
    limiter: null,
    invalidKeys: null,
    recorder,
  });

  function askSomething(): Ask {
    const maybe = <T>(percent: number, value: () => T): T | undefined => (random.chance(percent) ? value() : undefined);
    const asked = {
      keyspace: maybe(20, () => random.pick(['default', 'default', 'default', 'other'])),
      environment: maybe(8, () => random.pick(['live', 'test'])),
      scopes: maybe(40, () => random.some(SCOPES).slice(0, 2)),
      permission: maybe(10, () => 'read and (write or agents)'),
      flags: maybe(10, () => ['beta']),
      resource: maybe(35, () => ({ type: random.pick(['agent', 'agent', 'file', 'tool']), id: random.pick(IDS) })),
      origin: maybe(85, () => random.pick(ORIGINS)),
      ip: maybe(90, () => random.pick(Object.keys(ADDRESSES))),
    };
    return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  }

  /** The account's answer: which event made it so. */
  function decidedBy({ moments }: PlainKey, secret: PlainSecret, code: VerifyCode, asked: Ask): string | null {
    const reason = REASONS[code];
    if (reason) return since(moments, ({ key, form: of }) => reason(key, of, asked, now));
    const { expiresAt } = moments.at(-1)!.key;
    if (code === 'EXPIRED') return since(moments, ({ key }) => key.expiresAt === expiresAt);
    if (code !== 'NOT_FOUND') return null;
    if (secret.ended && secret.ended.at <= now) return secret.ended.by;
    return secret.dropped ?? since(moments, ({ key }) => key.status === 'DELETED');
  }

  async function check(): Promise<void> {
    now += random.below(10_000);
    const key = random.pick(keys);
    const secret = random.chance(75) ? key.secrets.at(-1)! : random.pick(key.secrets);
    const asked = askSomething();
    const requestId = `q-${seed}-${answered.length}`;
    const judged = await judge.judge({ key: secret.text, ...asked }, requestId);
    if (judged === null) throw new Error('a view that is whole answers');
    const { code } = judged.verdict;
    answered.push({ requestId, code, decidedBy: decidedBy(key, secret, code, asked) });
  }

  /** What was recorded, as the request log has it. */
  async function logged(): Promise<readonly RequestRow[]> {
    const pending = recorder.take();
    if (pending === null) return [];
    const rows: RequestRow[] = [];
    let sequence = 0;
    for await (const { json } of batchesOf(pending, { verifier: `v${seed}`, nextSequence: () => ++sequence })) {
      readBatch(json);
      const batch = {
        partition: 0,
        records: [{ key: 'v', value: json, headers: {}, partition: 0, offset: 0 }],
        next: 1,
      };
      const loaded = { checkpoint: NOTHING_FOLDED, logDays: () => 30, forgetAfterMs: 1e12, now: iso(NOW) };
      rows.push(...reduceUsage(loaded, batch).writes.requests);
    }
    return rows;
  }

  await define();
  return { log, store, view, step, check, logged, answered, project: () => project(log, store) };
}
