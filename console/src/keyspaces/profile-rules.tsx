// By which rules keys of a keyspace end, are limited, regenerated, removed and named.
import { Facts, Section } from '../app/section.tsx';
import { Chips } from '../components/chips.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import { texts } from '../texts/texts.ts';
import type { ProfileProps } from './profile-view.tsx';

const words = keyspaceTexts.rules;
const { days, seconds } = keyspaceTexts;
const chips = (labels: readonly string[]) =>
  labels.length === 0 ? null : <Chips chips={labels.map((label) => ({ label }))} />;

export function ProfileRules({ profile }: ProfileProps) {
  const { expiry, rateLimit, rotation, removal, naming, resourceNoun, resourceAll, resourceTypes } = profile;
  const rate = (limit: number): string => texts.units.rate(limit, rateLimit?.windowSeconds ?? 1);
  const resources = resourceTypes.map(({ id, scope }) => (scope == null ? id : words.resourceUnder(id, scope)));
  const named = [resourceNoun, resourceAll].filter((each) => each != null);
  return (
    <Section heading={words.heading}>
      <Facts
        facts={[
          [
            words.expiry,
            expiry == null
              ? words.expiryNever
              : expiry.required || !expiry.noExpiry
                ? words.expiryRequired
                : words.expiryOptional,
          ],
          expiry?.defaultDays == null ? null : [words.defaultDays, days(expiry.defaultDays)],
          expiry?.maxLifetimeDays == null ? null : [words.maxDays, days(expiry.maxLifetimeDays)],
          expiry == null ? null : [words.presets, chips(expiry.presets.map(({ label }) => label))],
          expiry == null ? null : [words.reminders, chips(expiry.reminders.map(days))],
          [
            words.rateLimit,
            rateLimit == null
              ? words.rateNone
              : words.rate(
                  rate(rateLimit.min),
                  rate(rateLimit.max),
                  rateLimit.default == null ? null : rate(rateLimit.default),
                ),
          ],
          [
            words.rotation,
            !rotation.enabled
              ? words.notRegenerated
              : rotation.maxOverlapSeconds === 0
                ? words.noOverlap
                : words.overlap(seconds(rotation.defaultOverlapSeconds), seconds(rotation.maxOverlapSeconds)),
          ],
          [
            words.removal,
            words.removals[removal.mode === 'DELETE' && removal.revoke ? 'DELETE_AND_REVOKE' : removal.mode],
          ],
          [words.erase, removal.erase ? keyspaceTexts.yes : keyspaceTexts.no],
          [words.reasons, chips(removal.reasons)],
          [words.resources, chips(resources.length > 0 ? resources : named)],
          [words.examples, chips(naming.examples)],
          [words.discouraged, chips(naming.discouraged)],
        ]}
      />
    </Section>
  );
}
