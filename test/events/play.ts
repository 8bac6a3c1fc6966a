// Plays commands on a key, one after the other: what is decided is recorded and folded; what is refused changes nothing.
import type { AnyEvent } from '../../events/catalogue.ts';
import type { KeyCommand } from '../../events/key/commands.ts';
import type { Decision } from '../../events/decision.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import type { Step } from './arbitrary.ts';
import { decideOn } from './given.ts';
import { seededBytes } from './seeded.ts';
import { ADMIN, created, foldOne, NOTHING, NOW, recordOn, type Folded } from './world.ts';

/** What became of one step. */
export interface Played {
  readonly command: KeyCommand;
  readonly decision: Decision;
  readonly before: Folded;
  readonly after: Folded;
}

export interface History {
  readonly events: readonly AnyEvent[];
  readonly key: Folded;
  readonly steps: readonly Played[];
  /** The time of the last step. */
  readonly now: string;
}

/** A key's history under a profile; successors are decided and left aside, since they are other keys. */
export function play(steps: readonly Step[], profile: Profile): History {
  const first = recordOn(NOTHING, created());
  const randomBytes = seededBytes('play');
  let key = foldOne(NOTHING, first);
  let now = NOW;
  const events = [first];
  const played = steps.map(({ command, after }) => {
    now = new Date(Date.parse(now) + after * 1000).toISOString();
    const before = key;
    const decision = decideOn(before, command, { profile, now, caller: ADMIN }, randomBytes);
    if (decision.kind === 'event') {
      const event = recordOn(before, decision.event, { now }, randomBytes);
      events.push(event);
      key = foldOne(before, event);
    }
    return { command, decision, before, after: key };
  });
  return { events, key, steps: played, now };
}
