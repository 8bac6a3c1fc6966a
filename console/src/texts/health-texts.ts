// What the page of the installation's health says.
import { number, plural } from './count.ts';

const records = (count: number): string => `${number(count)} ${plural(count, 'record', 'records')}`;

export const healthTexts = {
  renewed: (seconds: number) => `Renewed every ${number(seconds)} seconds`,
  /** @param ago absent: nothing was seen yet. */
  down: (ago: string) => `Not up to date: the last answer came ${ago}. Trying again…`,

  projections: {
    heading: 'Projections',
    text: 'Read models, which are filled from the log of events.',
    name: 'Projection',
    generation: 'Generation',
    lag: 'Behind the log',
    upToDate: 'Up to date',
    behind: (lag: number) => records(lag),
    rebuild: 'Rebuild',
    none: 'None',
    progress: (percent: number) => `${number(percent)} %`,
    progressOf: (name: string) => `Rebuild of ${name}`,
    parked: 'Parked',
    parkedCount: (count: number) => records(count),
  },

  rebuild: {
    start: 'Rebuild…',
    running: 'Rebuilding…',
    title: 'Rebuild the read models?',
    text: 'New read models are filled from the whole log beside the live ones, which go on serving. Readers are switched over once the new ones are complete. This may take a while and much of the disk.',
    confirm: 'Rebuild',
    started: (generation: string) => `The rebuild of generation ${generation} has begun.`,
    live: (generation: string) => `The rebuild is done: generation ${generation} is live.`,
    failed: (generation: string) =>
      `The rebuild of generation ${generation} was given up; what is live is untouched. The projector’s log says why.`,
  },

  parked: {
    heading: 'Parked records',
    text: 'Records that cannot be folded. The key or keyspace that one belongs to is denied everywhere until the record is retried with success, after a fix, or discarded.',
    none: 'No record is parked.',
    record: 'Record',
    aggregate: 'Belongs to',
    since: 'Parked',
    reason: 'Reason',
    actions: 'Actions',
    retry: 'Retry',
    retryOf: (position: string) => `Retry ${position}`,
    retryAll: 'Retry all',
    retried: 'Every record that was retried is folded now.',
    stillParked: (count: number) => `${records(count)} still cannot be folded.`,
    discard: 'Discard…',
    discardOf: (position: string) => `Discard ${position}`,
    discardTitle: (position: string) => `Discard the record at ${position}?`,
    discardText:
      'It is ignored for ever, by every reader, and the quarantine is lifted: what it would have changed does not happen. This cannot be undone.',
    discardReason: 'Why, for the history',
    discardConfirm: 'Discard',
    discarded: 'The record is discarded.',
    again: 'Sending it again does it once.',
  },

  verifiers: {
    heading: 'Verifiers',
    text: 'Each may answer while its lease lasts, which it renews by proving that it knows the whole log.',
    none: 'No verifier holds a lease. Each tells by /readyz what it waits for.',
    id: 'Verifier',
    state: 'State',
    answering: 'Answers',
    over: 'Lease over: it may not answer',
    starting: 'Has not caught up yet',
    asOf: 'Knows everything up to',
    staleness: (seconds: number) => `${number(seconds)} s ago`,
    lease: 'Lease until',
    position: 'Position',
  },
} as const;
