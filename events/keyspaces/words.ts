// The words of a profile as they are read: what it says, and where it says nothing what stands for it. A profile itself is
// never filled in, since events keep it as it was written. Pure.
import type { Profile } from './profile.ts';
import { CONFIRMED_ACTIONS, TOLD_ACTIONS } from './profile/names.ts';
import { DEFAULT_LABELS, DEFAULT_REVEAL, DEFAULT_TEXTS } from './profile/words.ts';

type Told = (typeof TOLD_ACTIONS)[number];
type Confirmed = (typeof CONFIRMED_ACTIONS)[number];
type Filled<T> = { readonly [K in keyof T]: string };

/** What is asked before an action. */
export interface Confirmation {
  readonly title: string;
  readonly text: string;
  readonly button: string;
}

export interface Words {
  readonly labels: Filled<typeof DEFAULT_LABELS>;
  readonly reveal: Filled<typeof DEFAULT_REVEAL>;
  readonly texts: Filled<typeof DEFAULT_TEXTS>;
  /** What is told once an action is done. */
  readonly success: Readonly<Record<Told, string>>;
}

const filled = <T extends Readonly<Record<string, string>>>(
  defaults: T,
  given: Partial<Readonly<Record<string, unknown>>> = {},
): Filled<T> =>
  Object.fromEntries(
    Object.entries(defaults).map(([name, word]) => [name, typeof given[name] === 'string' ? given[name] : word]),
  ) as Filled<T>;

const known = new WeakMap<Profile, Words>();

/** Remembered, since each label of a page asks for it. */
export function wordsOf(profile: Profile): Words {
  const before = known.get(profile);
  if (before) return before;
  const { labels, texts } = profile;
  const words = {
    labels: filled(DEFAULT_LABELS, labels),
    reveal: filled(DEFAULT_REVEAL, labels.reveal),
    texts: filled(DEFAULT_TEXTS, texts),
    success: { ...successes(labels.noun), ...texts.success },
  };
  known.set(profile, words);
  return words;
}

function successes(noun: string): Record<Told, string> {
  const one = noun.charAt(0).toUpperCase() + noun.slice(1);
  const updated = `${one} updated.`;
  return {
    CREATE: `${one} created.`,
    UPDATE: updated,
    CHANGE_SCOPES: updated,
    CHANGE_RESTRICTIONS: updated,
    CHANGE_EXPIRY: updated,
    SUCCESSOR: `New ${noun} created. The old one works until it is revoked.`,
    DISABLE: `${one} disabled.`,
    ENABLE: `${one} enabled.`,
    REGENERATE: `${one} regenerated.`,
    RETIRE_PREVIOUS_SECRET: 'Old secret retired.',
    REVOKE: `${one} revoked.`,
    DELETE: `${one} deleted.`,
    FORGET: 'Personal data erased.',
  };
}

/** What the button of an action says: `See history` for SEE_HISTORY where the product has no words of its own. */
export function actionLabel({ labels }: Profile, action: string): string {
  const words = action.toLowerCase().replaceAll('_', ' ');
  return labels.actions[action] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

const QUESTION = {
  DISABLE: 'disable',
  REGENERATE: 'regenerate',
  RETIRE_PREVIOUS_SECRET: 'retirePreviousSecret',
  REVOKE: 'revoke',
  DELETE: 'delete',
} as const satisfies Record<Confirmed, keyof Profile['texts']>;

const isConfirmed = (action: string): action is Confirmed => Object.hasOwn(QUESTION, action);

/** What is asked before an action; `null`: nothing is, since it takes nothing away. */
export function confirmationOf(profile: Profile, action: string): Confirmation | null {
  if (!isConfirmed(action)) return null;
  const { labels, texts } = profile;
  const own = labels.confirmations?.[action];
  const button = actionLabel(profile, action);
  const question = action === 'RETIRE_PREVIOUS_SECRET' ? button : `${button} this ${labels.noun}`;
  return {
    title: own?.title ?? `${question}?`,
    text: texts[QUESTION[action]] ?? DEFAULT_TEXTS.retirePreviousSecret,
    button: own?.button ?? button,
  };
}

const DAYS_OF_A_YEAR = 365;

/** What a lifetime of so many days is called. */
export function lifetimeLabel({ labels }: Profile, days: number): string {
  const own = labels.lifetimes?.[String(days)];
  if (own !== undefined) return own;
  const [count, unit] = days % DAYS_OF_A_YEAR === 0 ? [days / DAYS_OF_A_YEAR, 'year'] : [days, 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
