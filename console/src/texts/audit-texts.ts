// What the page of a workspace's audit says. Beside ./texts.ts, since the list of keys does without it.
import { number, plural } from './count.ts';

const links = (count: number): string => plural(count, 'link', 'links');

export const auditTexts = {
  subtitle: (workspace: string) => `What happened in ${workspace}, and who could do what.`,
  tabs: { history: 'History', access: 'Who could', review: 'Access review', checkpoints: 'Checkpoints' },
  more: 'More',

  filters: {
    actor: 'Actor',
    actorHelp: 'user:ID or key:ID',
    key: 'Key id',
    keyHelp: 'key_…',
    type: 'What happened',
    request: 'Request id',
    from: 'From day',
    to: 'To day',
    any: 'Anything',
    apply: 'Apply',
    clear: 'Clear filters',
  },

  history: {
    none: 'Nothing has happened here yet.',
    noMatch: 'No event matches these filters.',
    shown: (count: number, total: number) =>
      count < total
        ? `${number(count)} of ${number(total)} events`
        : `${number(total)} ${plural(total, 'event', 'events')}`,
    loaded: (count: number) => `${number(count)} ${plural(count, 'event', 'events')}`,
    fresh: (count: number) => `${number(count)} new ${plural(count, 'event', 'events')}: show`,
    about: (key: string) => `Key ${key}`,
    only: 'Only this key',
    onlyOf: (key: string) => `Only this key: ${key}`,
    erased: '(name erased)',
  },

  proof: {
    heading: 'Proof',
    joined: (joined: number, told: number) => `${number(joined)} of ${number(told)} ${links(told)} join.`,
    nothing: 'No link can be told of what is loaded.',
    untold: (count: number) =>
      `${number(count)} more cannot be told: the event before ${plural(count, 'it', 'each of them')} is not loaded.`,
    broken: (count: number) =>
      `${number(count)} ${plural(count, 'link does', 'links do')} not join: the history is not as it was written.`,
    meaning:
      'A link joins when the event names the hash of the one before it of the same key. Contents are proved offline, by these commands:',
    copy: 'Copy',
    copyName: 'Copy the commands',
    export: (workspace: string) => `keyfold events export --workspace ${workspace} > ${workspace}.ndjson`,
    verify: (workspace: string) => `keyfold audit verify ${workspace}.ndjson`,
    links: {
      joins: 'joins the event before',
      broken: 'does not join the event before',
      untold: 'event before not loaded',
    },
  },

  access: {
    help: 'Which keys would have been let in, with a scope or to a resource, at a time. Unrestricted ones have every scope.',
    at: 'At',
    now: 'Empty: now',
    scope: 'Scope',
    resource: 'Resource',
    ask: 'Show',
    label: 'Keys that could',
    told: (count: string, time: string) => `${count} at ${time}`,
    count: (total: number) => `${number(total)} ${plural(total, 'key', 'keys')}`,
    none: 'No key could.',
    needed: 'Give a scope or a resource.',
  },

  review: {
    help: 'What each key could do at two times, who owns it, when it was used last, and what became different between.',
    from: 'From',
    to: 'To',
    now: 'Empty: now',
    ask: 'Show',
    order: 'Must be earlier than the other time.',
    label: 'Access review',
    between: (from: string, to: string) => `From ${from} to ${to}`,
    none: 'There was no key at either time.',
    csv: 'Download CSV',
    loading: (count: number, total: number) => `${number(count)} of ${number(total)} keys`,
    unchanged: 'the same',
    made: 'made',
    differs: (label: string, before: string, after: string) => `${label}: ${before} → ${after}`,
    nothing: 'none',
    never: 'never',
    unrestricted: 'unrestricted',
    all: 'all',
  },

  columns: {
    key: 'Key',
    name: 'Name',
    keyspace: 'Keyspace',
    owner: 'Owner',
    scopes: 'Scopes',
    resources: 'Resources',
    status: 'Status',
    expires: 'Expires',
    lastUsed: 'Last use',
    differences: 'Differences',
    changes: 'Events',
    number: 'Number',
    time: 'Signed',
    count: 'Stands for',
    position: 'Position',
    root: 'Root',
  },

  checkpoints: {
    help: 'What all keys of the installation were at a position of the log, as one signed root. Keep one elsewhere: it proves later that nothing before it was changed or left out.',
    label: 'Checkpoints',
    none: 'None was signed yet. Exporting signs one.',
    all: 'All signed checkpoints',
    keys: 'Public keys',
    export: 'Export the history',
    exportHelp: 'Everything that happened in this workspace, with its proof, as one file.',
    received: (megabytes: string) => `${megabytes} MB so far`,
    stop: 'Stop',
    done: 'The export is complete.',
    cut: 'The export was cut off: what came is no proof. Try again, or export it with the command, in ranges.',
    refused: (message: string) => `It was not exported: ${message}`,
  },
} as const;
