// The words of forms about keys: making, editing and regenerating them, and showing a secret once.
import { number, plural } from './count.ts';

const list = (items: readonly string[]): string => new Intl.ListFormat('en').format(items);

export const formTexts = {
  optional: '(optional)',
  choose: 'Choose…',
  examples: (examples: string) => `For example: ${examples}.`,
  nameAdvice: 'Choose a name that says what the key is for.',
  freeScopes: 'What the key may do: type a scope and press Enter.',
  presets: 'Begin with',
  includedIn: (scope: string) => `Included in ${scope}`,
  includes: (level: string) => `Includes ${level}.`,
  resource: 'Resource',
  setAll: (level: string) => `Set all to ${level}`,
  levelOf: (resource: string, level: string) => `${resource}: ${level}`,
  originExample: 'https://app.example.com',
  addressExample: '203.0.113.0/24',
  tags: 'Press Enter after each.',
  metadata: 'A JSON object of your own; Keyfold does not read it.',
  perWindow: ({ min, max, windowSeconds }: { min: number; max: number; windowSeconds: number }) =>
    `${number(min)} to ${number(max)} requests in ${windowSeconds === 60 ? 'a minute' : `${number(windowSeconds)} s`}.`,
  days: (days: number) => `${number(days)} ${plural(days, 'day', 'days')}`,
  until: (time: string, zone: string) => `Works until ${time} (${zone}).`,
  missing: (labels: readonly string[]) => `To be filled in or mended: ${list(labels)}.`,
  mayUse: (scopes: readonly string[]) => `It may use ${list(scopes)}.`,
  mayNothing: 'It may do nothing yet.',
  reachesAll: (all: string) => `It reaches: ${all}.`,
  reaches: (count: number, noun: string) => `It reaches ${number(count)} of: ${noun}.`,
  isPublic: 'Anybody can read it where it is used.',

  owner: {
    caller: 'Me',
    named: 'Somebody else',
    nobody: 'Nobody',
    id: 'User id',
    idHelp: 'Of your directory, not an e-mail address.',
    email: 'E-mail address',
    emailUntold: 'Your sign-in has told none.',
  },

  resources: {
    noun: 'Resource',
    some: 'Only these',
    ids: (noun: string) => `${noun} ids`,
    idsHelp: 'Type or paste ids, each ended by Enter or a comma.',
    none: 'With an empty list it reaches nothing.',
  },

  problems: {
    required: 'This is needed.',
    invalid: 'This is not as it must be.',
    unknown: 'Choose one of those that there are.',
    json: 'This is no JSON object.',
    integer: 'Give a whole number.',
    origin: 'Give each as http(s)://host or http(s)://host:port, in lower case and without a path.',
    network: 'Give each as an IP address, or as a network like 203.0.113.0/24 whose host bits are zero.',
    email: 'An e-mail address is needed.',
    past: 'Choose a day that is not over.',
    afterToday: 'Choose a day after today.',
    tooLate: (days: number) => `Choose a day within ${number(days)} days.`,
    range: (min: number, max: number) => `Give a number from ${number(min)} to ${number(max)}.`,
    tooLong: (most: number) => `At most ${number(most)} characters.`,
    tooFew: (least: number) => `Choose at least ${number(least)}.`,
    tooMany: (most: number) => `At most ${number(most)}.`,
  },

  discard: {
    title: 'Discard what you entered?',
    text: 'Nothing of it is kept.',
    confirm: 'Discard',
    keep: 'Go on',
    unknown: 'Leave without checking?',
    leave: 'Leave',
  },

  unknown: {
    text: 'It is not known yet whether this was done. Checking again does it at most once.',
    check: 'Check again',
  },

  reveal: {
    secret: (name: string) => `Secret of ${name}`,
    closeTitle: 'Close without the key?',
    closeText: 'It has not been copied, and cannot be shown again.',
    close: 'Close without it',
    back: 'Back to the key',
  },

  lost: {
    title: 'The key exists, its secret is lost',
    text: (name: string) =>
      `“${name}” was made or regenerated, but the answer with its secret did not arrive, and no secret is shown twice. Give it a new secret, or take it away.`,
    keep: 'Leave it as it is',
  },

  edit: {
    /** A field that makes a new key when it is edited. */
    successor: 'A change of this makes a new key; the old one works until it is revoked.',
    successorOther: 'It cannot be changed together with what you have changed: each makes a new key. Save first.',
    successorNotice: 'Saving makes a new key with these changes. The old one works until it is revoked.',
    forbidden: 'This cannot be edited.',
    notAllowed: 'Your role does not let you edit this.',
    unchanged: 'Nothing is changed yet.',
    conflict: 'Somebody changed this key meanwhile. What you entered is kept.',
    conflictUnknown: 'Who it was is for administrators and auditors to see.',
    conflictField: (label: string, before: string, after: string) => `${label}: ${before} → ${after}`,
    conflictBy: (type: string, who: string, when: string) => `${type} by ${who}, ${when}`,
    applyAgain: 'Apply again',
    none: 'none',
    /** What happened to the key meanwhile. */
    events: {
      KEY_DETAILS_CHANGED: 'Details changed',
      SCOPES_CHANGED: 'Permissions changed',
      RESTRICTIONS_CHANGED: 'Restrictions changed',
      EXPIRY_CHANGED: 'Expiry changed',
      KEY_DISABLED: 'Disabled',
      KEY_ENABLED: 'Enabled',
      KEY_REGENERATED: 'Regenerated',
      PREVIOUS_SECRET_RETIRED: 'Old secret retired',
      KEY_REVOKED: 'Revoked',
      KEY_DELETED: 'Deleted',
      KEY_FORGOTTEN: 'Personal data erased',
    },
  },

  regenerate: {
    unknown: 'If it was, the old secret is about to stop, or has stopped, and the new one is lost.',
    overlap: 'The old secret stops',
    atOnce: 'At once',
    after: (duration: string) => `After ${duration}`,
    custom: 'After another time',
    hours: 'Hours',
    hoursHelp: (most: number) => `0 to ${number(most)}`,
    hour: (count: number) => `${number(count)} ${plural(count, 'hour', 'hours')}`,
    day: (count: number) => `${number(count)} ${plural(count, 'day', 'days')}`,
  },
} as const;
