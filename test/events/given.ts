// given / when / then for decisions: `given(events).when(command).then(outcome)`. Whatever is decided is also recorded,
// read back and folded, so that no test accepts an event that a reader would park.
import { expect } from 'vitest';
import type { AnyEvent, AnyNewEvent, EventType } from '../../events/catalogue.ts';
import type { Decision, Refusal } from '../../events/decision.ts';
import { keyIdFor } from '../../events/ids.ts';
import type { KeyCommand, KeyCommandName } from '../../events/key/commands.ts';
import { decide } from '../../events/key/decide.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import type { KeyspacesState } from '../../events/keyspaces/state.ts';
import { decodeRecord, encodeRecord } from '../../events/record.ts';
import type { RandomBytes } from '../../events/secret.ts';
import { readCommand } from './read-command.ts';
import { seededBytes } from './seeded.ts';
import {
  ADMIN,
  NOTHING,
  NOW,
  PEPPER,
  WORKSPACE,
  foldOne,
  keyspacesWith,
  profileOf,
  recordAll,
  recordOn,
  type Caller,
  type Folded,
} from './world.ts';

/** What a decision depends on besides the history; what is left out is an admin of the default keyspace, at {@link NOW}. */
export interface Surroundings {
  readonly profile?: Profile;
  readonly now?: string;
  readonly caller?: Caller;
  readonly ifVersion?: number;
  readonly parked?: readonly string[];
  /** When the given events happened. */
  readonly since?: string;
}

export const NEW_KEY_ID = keyIdFor(WORKSPACE, 'new-1');

/** What is expected: members that are named must match. */
export type Expected =
  | {
      readonly event: EventType;
      readonly data?: object;
      readonly personal?: object;
      readonly warnings?: readonly object[];
    }
  | { readonly successor: object; readonly personal?: object; readonly warnings?: readonly object[] }
  | {
      readonly refused: Refusal['type'];
      readonly path?: readonly string[];
      readonly message?: string;
      readonly status?: string;
    }
  | 'unchanged';

/** What came of a command. */
export interface Came {
  readonly decision: Decision;
  /** The key after the event; before it where none was decided. A successor's own. */
  readonly key: Folded;
  readonly recorded: AnyEvent | null;
}

export function given(events: readonly AnyNewEvent[], surroundings: Surroundings = {}) {
  const { since = NOW } = surroundings;
  const before = recordAll(events, { now: since }).key;
  return {
    when: (name: KeyCommandName, input: unknown) => {
      const came = carryOut(before, name, input, surroundings);
      return { ...came, then: (expected: Expected): Came => (check(came, expected), came) };
    },
  };
}

function carryOut(before: Folded, name: KeyCommandName, input: unknown, surroundings: Surroundings): Came {
  const { now = NOW } = surroundings;
  const read = readCommand(name, input);
  if (!read.ok) return { decision: { kind: 'refused', refusal: read.refusal }, key: before, recorded: null };
  const decision = decideOn(before, read.command, surroundings);
  if (decision.kind !== 'event' && decision.kind !== 'successor') return { decision, key: before, recorded: null };
  const on = decision.kind === 'successor' ? NOTHING : before;
  const recorded = recordOn(on, decision.event, { now });
  const decoded = decodeRecord(encodeRecord(recorded));
  expect(decoded).toEqual({ ok: true, event: recorded });
  return { decision, key: foldOne(on, recorded), recorded };
}

const DEFAULT = profileOf();
const keyspaces = new WeakMap<Profile, KeyspacesState>();

function keyspacesOf(profile: Profile): KeyspacesState {
  const state = keyspaces.get(profile) ?? keyspacesWith(profile);
  keyspaces.set(profile, state);
  return state;
}

/** Decides a command that was read already. */
export function decideOn(
  before: Folded,
  command: KeyCommand,
  surroundings: Surroundings,
  randomBytes?: RandomBytes,
): Decision {
  const { profile = DEFAULT, now = NOW, caller = ADMIN, ifVersion, parked = [] } = surroundings;
  const { state, details } = before;
  return decide(
    command,
    { state, details: state && details, keyspaces: keyspacesOf(profile), parked },
    {
      now,
      caller,
      ifVersion,
      newKeyId: NEW_KEY_ID,
      pepper: PEPPER,
      randomBytes: randomBytes ?? seededBytes('decided'),
    },
  );
}

function check({ decision }: Came, expected: Expected): void {
  if (expected === 'unchanged') {
    expect(decision).toEqual({ kind: 'unchanged' });
  } else if ('refused' in expected) {
    const { refused: type, ...members } = expected;
    expect(decision).toMatchObject({ kind: 'refused', refusal: { type, ...members } });
  } else {
    const [kind, type, data] =
      'event' in expected
        ? ['event', expected.event, expected.data ?? {}]
        : ['successor', 'KeyCreated', expected.successor];
    expect(decision).toMatchObject({ kind, event: { type, data, personal: expected.personal ?? {} } });
    if (expected.warnings) expect('warnings' in decision && decision.warnings).toEqual(expected.warnings);
  }
}
