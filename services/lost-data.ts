// Lost data: log and read store belong together. A log that holds events is never served beside a read store that has lost
// its data keys, nor read models beside a log that ends before them: both are refused in plain words, until somebody has
// put a backup back, or has said that what is gone may be gone.
import type { EventLog } from '../events/log.ts';
import { covers, encodePosition, encodeRecordPosition } from '../events/position.ts';
import type { ReadStore } from '../projections/read-store.ts';
import { parkedBeyond, unknownRecord } from './log-seam.ts';
import type { Logger } from './shared/logger.ts';
import type { Settings } from './shared/settings.ts';

/** Something of an installation is gone; the message says what. */
export class LostDataError extends Error {
  readonly code = 'DATA_LOST';
  /** How to go on, with it and without it. */
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

const LOST_KEYS =
  'the data keys are gone: the log holds events, but there is no data key that opens what is sealed in them. Names, ' +
  'descriptions, notes and addresses of all keys so far would stay unreadable for ever; the keys themselves go on working';

/** @throws {@link LostDataError} */
export async function checkBackends(
  { log, store }: { readonly log: EventLog; readonly store: ReadStore },
  settings: Settings,
  logger: Logger,
): Promise<void> {
  // In this order: neither log nor data keys ever become fewer, and both are written before what stands on them (E2, P2).
  const { live, generations } = await store.control();
  const checkpoint = generations.find(({ id }) => id === live)?.checkpoint ?? {};
  const end = await log.end();
  const { theLog, theKeys, theModels, orAnew, elsewhere } = places(settings);
  if (!covers(end, checkpoint)) {
    throw new LostDataError(
      `the log has lost events: it ends at ${encodePosition(end)}, the read models have read up to ${encodePosition(checkpoint)}`,
      `put ${theLog} back from a backup that is as new as ${theModels}${orAnew}; to begin anew ${elsewhere}`,
    );
  }
  const holdsEvents = Object.values(end).some((offset) => offset > 0);
  const keysLost = holdsEvents && !(await store.dataKeys.any());
  // A verifier alone holds nothing that data keys open: it goes on.
  const needsDataKeys = settings.services.some((service) => service !== 'verifier');
  if (keysLost && needsDataKeys) {
    if (!settings.acceptLostDataKeys) {
      const without =
        'to go on without what they sealed, set KEYFOLD_ACCEPT_LOST_DATA_KEYS=true until the next change was made';
      throw new LostDataError(LOST_KEYS, `put ${theKeys} back from a backup; ${without}; to begin anew ${elsewhere}`);
    }
    logger.warn('KEYFOLD_ACCEPT_LOST_DATA_KEYS: what the lost data keys sealed stays unreadable');
  }
  // Past its old end again, or another one altogether. With the data keys the parked records are gone, too.
  const parkedLost = keysLost || settings.acceptLostDataKeys;
  const unknown = await unknownRecord({ log, store }, { checkpoint, end, parkedLost });
  if (unknown) {
    throw new LostDataError(
      `the log is not the one that the read models were made from: they do not know the record at ${encodeRecordPosition(unknown)}, though they have read it`,
      `put ${theLog} and ${theModels} back from one and the same backup${orAnew}; to begin anew ${elsewhere}`,
    );
  }
  const parked = await parkedBeyond({ log, store }, end);
  if (parked) {
    throw new LostDataError(
      `the log has lost events: it ends at ${encodePosition(end)}, and a record is parked at ${encodeRecordPosition(parked)}`,
      `put ${theLog} and ${theKeys} back from one and the same backup; to begin anew ${elsewhere}`,
    );
  }
}

/** Where log and store lie, in the words of the settings. */
function places({ storage, dataFolder }: Settings) {
  return storage.kind === 'embedded'
    ? {
        theLog: `${dataFolder}/log.db`,
        theKeys: `${dataFolder}/kept.db`,
        theModels: `${dataFolder}/read.db`,
        orAnew: `, or remove ${dataFolder}/read.db, to go on with the log as it is`,
        elsewhere: 'set KEYFOLD_DATA to an empty folder',
      }
    : {
        theLog: `the topic ${storage.kafka.topicPrefix}.log`,
        theKeys: 'the database of MONGODB_URL',
        theModels: 'the database of MONGODB_URL',
        orAnew: '', // the data keys lie there, too
        elsewhere: 'set KAFKA_TOPIC_PREFIX and MONGODB_URL to names that nothing lies under yet',
      };
}
