// Checks of expiry, limits, edits, rotation, removal and metadata.
import type { Problem } from '../../problem.ts';
import type { Profile } from '../profile.ts';
import { repeated, when } from './problems.ts';

export function lifecycleProblems(profile: Profile): readonly Problem[] {
  return [
    ...timeZoneProblems(profile),
    ...expiryProblems(profile),
    ...limitProblems(profile),
    ...editProblems(profile),
    ...rotationProblems(profile),
    ...removalProblems(profile),
    ...repeated(profile.metadataFields, ({ id }) => id, ['metadataFields'], 'id'),
  ];
}

function timeZoneProblems({ timeZone }: Profile): readonly Problem[] {
  try {
    Intl.DateTimeFormat('en', { timeZone });
    return [];
  } catch {
    return when(true, ['timeZone'], 'must be an IANA time zone');
  }
}

function expiryProblems({ expiry }: Profile): readonly Problem[] {
  if (expiry === null) return [];
  const { presetDays, maxLifetimeDays, defaultDays, custom, bands, reminders = [] } = expiry;
  const longest = maxLifetimeDays ?? Infinity;
  const tooLong = `must be at most ${maxLifetimeDays}: expiry.maxLifetimeDays`;
  const ends = bands.map(({ upToDays }) => upToDays ?? Infinity);
  return [
    ...presetDays.flatMap((each, index) => when(each > longest, ['expiry', 'presetDays', index], tooLong)),
    ...repeated(presetDays, String, ['expiry', 'presetDays']),
    ...repeated(reminders, String, ['expiry', 'reminders']),
    ...when(defaultDays !== null && defaultDays > longest, ['expiry', 'defaultDays'], tooLong),
    ...when(
      !custom && presetDays.length === 0,
      ['expiry', 'custom'],
      'must be true: there is no preset to choose in its place',
    ),
    ...ends.flatMap((end, index) =>
      when(
        index > 0 && end <= (ends[index - 1] ?? 0),
        ['expiry', 'bands', index, 'upToDays'],
        'must be more than that of the band before it',
      ),
    ),
  ];
}

function limitProblems({ rateLimit }: Profile): readonly Problem[] {
  if (rateLimit === null) return [];
  const { min, max, default: initial } = rateLimit;
  return [
    ...when(min > max, ['rateLimit', 'min'], 'must be at most rateLimit.max'),
    ...when(
      initial !== null && (initial < min || initial > max),
      ['rateLimit', 'default'],
      'must lie between rateLimit.min and rateLimit.max',
    ),
  ];
}

function editProblems({ edit, resources, expiry }: Profile): readonly Problem[] {
  return [
    ...Object.entries(edit).flatMap(([field, rule]) =>
      when(
        rule.reason !== null && rule.how !== 'FORBIDDEN',
        ['edit', field, 'reason'],
        'must be absent: only what is FORBIDDEN has one',
      ),
    ),
    ...when(
      resources === null && edit.resources !== undefined,
      ['edit', 'resources'],
      'must be absent: keys have none',
    ),
    ...when(expiry === null && edit.expiry !== undefined, ['edit', 'expiry'], 'must be absent: keys do not expire'),
  ];
}

function rotationProblems({ rotation }: Profile): readonly Problem[] {
  const { enabled, defaultOverlapSeconds, maxOverlapSeconds } = rotation;
  return [
    ...when(
      defaultOverlapSeconds > maxOverlapSeconds,
      ['rotation', 'defaultOverlapSeconds'],
      'must be at most rotation.maxOverlapSeconds',
    ),
    ...when(
      !enabled && defaultOverlapSeconds > 0,
      ['rotation', 'defaultOverlapSeconds'],
      'must be 0: keys are not regenerated',
    ),
  ];
}

function removalProblems({ removal }: Profile): readonly Problem[] {
  const { mode, revoke, erase, reasons } = removal;
  return [
    ...reasons.flatMap((reason, index) =>
      when(reason.trim() === '', ['removal', 'reasons', index], 'must not be empty'),
    ),
    ...repeated(reasons, (reason) => reason, ['removal', 'reasons']),
    ...when(
      reasons.length > 0 && mode !== 'REVOKE' && !revoke,
      ['removal', 'reasons'],
      'must be empty: keys are not revoked with a reason',
    ),
    ...when(erase && mode !== 'DELETE', ['removal', 'erase'], 'must be false: keys are never deleted'),
  ];
}
