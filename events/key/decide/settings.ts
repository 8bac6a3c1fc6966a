// changeScopes, changeRestrictions, changeExpiry. Narrowing removes access, so they append also what is so already (W4).
import { invalid, refused, type Decision } from '../../decision.ts';
import type { KeyCommandInput } from '../commands.ts';
import type { Meeting } from '../decide.ts';
import { limitRefusal } from '../limits.ts';
import { settingsRefusal } from '../rules.ts';
import { edited, FIELD_OF, namedIn, settingsOf, type AskedSettings, type Settings } from '../settings.ts';
import { expiryWarnings } from '../warnings.ts';
import { detailsOf, edit } from './edit.ts';

type Change = Extract<Decision, { kind: 'event' }>;

export function changeScopes(input: KeyCommandInput<'changeScopes'>, meeting: Meeting): Decision {
  const part = ({ scopes, unrestricted, resources, flags }: Settings) => ({ scopes, unrestricted, resources, flags });
  return change(input, meeting, (before, after) => ({
    kind: 'event',
    event: { type: 'ScopesChanged', data: { before: part(before), after: part(after) }, personal: {}, private: {} },
  }));
}

export function changeRestrictions(input: KeyCommandInput<'changeRestrictions'>, meeting: Meeting): Decision {
  const part = ({ origins, ipRanges, rateLimit }: Settings) => ({ origins, ipRanges, rateLimit });
  return change(input, meeting, (before, after) => ({
    kind: 'event',
    event: {
      type: 'RestrictionsChanged',
      data: { before: part(before), after: part(after) },
      personal: {},
      private: {},
    },
  }));
}

export function changeExpiry(input: KeyCommandInput<'changeExpiry'>, meeting: Meeting): Decision {
  const { profile, now } = meeting.subject;
  return change(input, meeting, ({ expiresAt: before }, { expiresAt: after }) => ({
    kind: 'event',
    event: { type: 'ExpiryChanged', data: { before, after }, personal: {}, private: {} },
    warnings: expiryWarnings(profile, after, now),
  }));
}

function change(
  asked: AskedSettings,
  meeting: Meeting,
  event: (before: Settings, after: Settings) => Change,
): Decision {
  const { state, profile, standing, now } = meeting.subject;
  const named = namedIn(asked);
  if (named.length === 0) return refused(invalid([], 'must name something to change'));
  const before = settingsOf(state);
  const after = edited(profile, before, asked);
  const touched = named.map((member) => FIELD_OF[member]);
  return edit({ touched, asked, details: detailsOf(meeting) }, meeting, () => {
    // Only what the input names is judged: a rule that came later does not stand in the way of another member.
    // A creation that lies ahead is that of a clock that ran fast: it makes no lifetime longer.
    const createdAt = state.createdAt < now ? state.createdAt : now;
    const refusal =
      settingsRefusal(profile, after, named, { now, createdAt }) ?? limitRefusal(profile, standing, after);
    return refusal ? refused(refusal) : event(before, after);
  });
}
