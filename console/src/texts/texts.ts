// Every word of the console that no keyspace says itself, in one place: a translation is another object of this shape.
// Texts with parts in them are functions, so that a language orders and counts them as it does.
import { number, plural } from './count.ts';
import { formTexts } from './form.ts';

/** What a person may be in a workspace. */
const roles: Readonly<Record<string, string>> = {
  ADMIN: 'Admin',
  MEMBER: 'Member',
  AUDITOR: 'Auditor',
  VIEWER: 'Viewer',
};

export const texts = {
  product: 'Keyfold',
  pageTitle: (title: string) => `${title} · Keyfold`,
  loading: 'Loading…',
  retry: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  dismiss: 'Dismiss',
  notifications: 'Notifications',
  more: (count: number) => `+${number(count)}`,
  moreOf: (labels: string) => `Also: ${labels}`,
  nothing: '–',
  removeOf: (label: string) => `Remove ${label}`,
  noOption: 'Nothing fits.',
  skipToContent: 'Skip to content',

  copy: {
    copy: 'Copy',
    copied: 'Copied',
    /** The clipboard is not to be had: the text is selected instead. */
    byHand: 'Press Ctrl+C or ⌘C: it could not be copied for you.',
  },

  session: {
    title: 'Sign in',
    subtitle: 'The console of your API keys.',
    signingIn: 'Signing you in…',
    code: 'One-time code',
    codeHelp: 'Of the link that the server printed when it was started. It works once, for ten minutes.',
    submit: 'Sign in',
    provider: 'Continue with your organisation',
    newLink: 'For another one, run',
    newLinkCommand: 'npx keyfold sign-in',
    copyCommand: 'Copy the command',
    failed: 'Signing in failed. Try again.',
    /** What the identity provider's way back says. */
    provided: {
      access_denied: 'Signing in was given up.',
      expired: 'That took too long. Try again.',
      refused: 'The identity provider’s answer was not accepted. Try again, or tell an administrator.',
      not_accepted: 'You are signed in there, but not allowed in here. Ask an administrator for a role.',
      unavailable: 'The identity provider cannot be reached. Try again later.',
    },
    signOut: 'Sign out',
    replaceTitle: (person: string) => `You are signed in as ${person}`,
    replaceText:
      'The link that you have followed signs in somebody else in your place. Go on only if you asked for it.',
    stay: (person: string) => `Stay ${person}`,
    replace: 'Sign in as somebody else',
    otherTitle: (person: string) => `${person} is signed in now`,
    otherText: 'Somebody else has signed in with this browser. What was begun on this page before was not sent.',
    goOn: (person: string) => `Go on as ${person}`,
    overTitle: 'Your session is over',
    overText: 'Sign in again to go on. Nothing on this page is lost.',
  },

  navigation: {
    label: 'Sections',
    audit: 'Audit',
    installation: 'Installation',
    health: 'Health',
    keyspace: (name: string) => `Keyspace ${name}`,
    open: 'Show sections',
    roles: 'Your roles',
    operator: 'Operator of the installation',
    role: (role: string, workspace: string) => `${roles[role] ?? role} of ${workspace}`,
    none: 'There is nothing here that you may see. Ask an administrator for a role in a workspace.',
  },

  shortcuts: {
    title: 'Keyboard shortcuts',
    keys: [
      ['/', 'Search'],
      ['c', 'Create a key'],
      ['?', 'Show this'],
      ['Esc', 'Close a dialog or menu'],
    ],
  },

  notFound: {
    title: 'There is no such page',
    text: 'It does not exist, or you may not see it.',
    home: 'Go to the start',
  },

  failure: {
    title: 'Something went wrong',
    text: 'The page could not be shown. Nothing was changed by that.',
    reload: 'Load again',
    network: 'Keyfold cannot be reached.',
    server: (message: string) => `This could not be loaded: ${message}`,
    outdated: 'There is a new version of the console. Load it to go on.',
    filter: 'One of the filters is not as it must be.',
    state: (status: string) => `This cannot be done any more: the key is ${status}.`,
    /** By the code of what a mutation answered; its own message where there is none. */
    problems: {
      NOT_FOUND: 'It is not there any more, or you may not see it.',
      NOT_ALLOWED: 'Your role does not let you do this.',
      VERSION_CONFLICT: 'Somebody changed this key meanwhile.',
      OUTCOME_UNKNOWN: 'It is not known yet whether this was done.',
      STORAGE_FULL: 'The server’s disk is full. Nothing was changed.',
      UNAVAILABLE: 'The server cannot do this now. Nothing was changed.',
    },
    checkAgain: 'Check again',
  },

  /** Over the page while the server is away. */
  away: {
    text: 'No connection to Keyfold. What you see may be out of date; nothing that you typed is lost.',
    again: 'Connect now',
  },

  status: {
    quarantined: 'Quarantined',
  },

  units: {
    /** A rate: `60/min`. */
    rate: (limit: number, seconds: number) => {
      const unit = { 1: 's', 60: 'min', 3600: 'h', 86400: 'day' }[seconds];
      return unit === undefined ? `${number(limit)} per ${number(seconds)} s` : `${number(limit)}/${unit}`;
    },
  },

  form: formTexts,

  keys: {
    search: 'Search',
    searchPlaceholder: 'Name, key id or owner',
    filters: 'Filters',
    activeFilters: (count: number) => `${number(count)} ${plural(count, 'filter', 'filters')} set`,
    clearFilters: 'Clear filters',
    status: 'Status',
    statusAny: 'All but deleted',
    tag: 'Tag',
    owner: 'Owner',
    ownerHelp: 'The whole id',
    type: 'Type',
    environment: 'Environment',
    scope: 'Scope',
    any: 'Any',
    expiring: 'Expires in 30 days',
    unused: 'Unused for 90 days',
    order: 'Order',
    orders: {
      'CREATED_AT-DESC': 'Newest first',
      'CREATED_AT-ASC': 'Oldest first',
      'NAME-ASC': 'Name, A to Z',
      'NAME-DESC': 'Name, Z to A',
      'EXPIRES_AT-ASC': 'Expires soonest',
      'EXPIRES_AT-DESC': 'Expires latest',
      'LAST_USED_AT-DESC': 'Used last',
      'LAST_USED_AT-ASC': 'Not used for longest',
    },
    shown: (count: number, total: number) => `${number(count)} of ${number(total)}`,
    count: (total: number) => `${number(total)} ${plural(total, 'key', 'keys')}`,
    removeAll: (label: string, owner: string) => `${label} all keys of ${owner}`,
    /** Keys that others made since the list was read. */
    fresh: (count: number, more: boolean) => `${number(count)}${more ? '+' : ''} new`,
    freshHelp: 'Show keys that were made meanwhile',
    down: 'Not live: trying to connect again…',
    noMatch: 'No key matches these filters.',
    moreFailed: 'The next keys could not be loaded.',
    actions: 'Actions',
    actionsOf: (name: string) => `Actions of ${name}`,
    toggleOf: (label: string, name: string) => `${label}: ${name}`,
    unnamed: '(name erased)',
    allResources: 'All',
    restrictedResources: (count: number) => number(count),
    past: (time: string) => `As of ${time}. What you see is the past: nothing can be changed here.`,
    toPresent: 'Back to now',
    asOf: { open: 'Show as of…', time: 'Day and time', show: 'Show' },
    quickStart: 'Quick start',
    guidance: 'Good practice',
    name: 'Name',
    created: 'Created',
    lastUsed: 'Last used',
  },
} as const;
