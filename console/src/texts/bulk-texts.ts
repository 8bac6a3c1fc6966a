// Words of taking away all keys of an owner.
import { number, plural } from './count.ts';

const keys = (count: number): string => `${number(count)} ${plural(count, 'key', 'keys')}`;

export const bulkTexts = {
  title: (label: string, owner: string) => `${label}: all keys of ${owner}`,
  loading: (count: number) => `Reading the owner’s keys: ${number(count)} so far…`,
  none: (owner: string) => `${owner} has no key here that could be taken away.`,
  question: (count: number, owner: string, keyspace: string) =>
    `${keys(count)} of ${owner} in ${keyspace}, whatever else the list is filtered by. Each is refused everywhere, for good.`,
  notAllowed: (count: number) =>
    `${keys(count)} more cannot be taken away by you, and ${plural(count, 'stays', 'stay')}.`,
  count: 'Keys',
  lastUsed: 'Last used',
  usedToday: 'Used in the last 24 hours',
  never: 'Never, any of them',
  typeOwner: (owner: string) => `Some were used in the last 24 hours. Type the owner’s id to go on: ${owner}`,
  confirm: (label: string, count: number) => `${label} ${keys(count)}`,

  progress: 'Progress',
  soFar: (done: number, total: number) => `${number(done)} of ${keys(total)} done`,
  stop: 'Stop',
  stopping: 'Stopping: what was sent is waited for.',
  goOn: (count: number) => `Go on with ${keys(count)}`,
  retry: (count: number) => `Try ${keys(count)} again`,
  close: 'Done',
  finished: (done: number, already: number) =>
    `${keys(done)} taken away${already === 0 ? '' : `; ${number(already)} ${plural(already, 'was', 'were')} already`}.`,
  failed: (count: number) => `${keys(count)} ${plural(count, 'was', 'were')} not: see why below.`,
  left: (count: number) => `${keys(count)} ${plural(count, 'was', 'were')} not begun.`,

  table: 'What came of each key',
  key: 'Key',
  result: 'Result',
  results: {
    waiting: 'Waiting',
    sending: 'Under way…',
    done: 'Done',
    already: 'It was already',
  },

  receipt: {
    heading: 'Receipt',
    whole: (count: number, verifiers: number, time: string) =>
      `${keys(count)} refused by ${verifiers === 1 ? 'the only verifier' : `all ${number(verifiers)} verifiers`} since ${time}`,
    empty: 'No verifier is running: nothing can be let in.',
    partial: (confirmed: number, total: number) =>
      `${number(confirmed)} of ${keys(total)} ${plural(confirmed, 'is', 'are')} confirmed by every verifier.`,
    missing: (ids: string) => `Still to confirm: ${ids}. One that has vanished is waited out.`,
    watching: 'Watching…',
    verifier: 'Verifier',
    confirmed: 'Keys confirmed',
    time: 'The last one',
    notYet: 'not yet',
    copyName: 'Copy the receipt',
    copy: 'Copy',
    download: 'Download JSON',
  },
} as const;
