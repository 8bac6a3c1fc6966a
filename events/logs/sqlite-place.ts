// Whether a file that is held open still lies where it was opened. One that was removed or replaced goes on working for
// whoever holds it, and is gone with them: what is written to it is not durable, whatever the disk says.
import { stat } from 'node:fs/promises';

export interface Place {
  /** Whether the name still leads to the file that was opened. */
  isHeld(): Promise<boolean>;
}

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Of a file and, where it has one, of its write-ahead log: what was acknowledged last lies there. */
export async function placeOf(file: string): Promise<Place> {
  const files = [file, `${file}-wal`];
  const opened = await Promise.all(files.map(identityOf));
  return {
    async isHeld() {
      const now = await Promise.all(files.map(identityOf));
      return now.every((identity, index) => isSame(identity, opened[index]));
    },
  };
}

async function identityOf(file: string): Promise<Identity | null> {
  // A name that cannot be followed leads nowhere, whatever the reason.
  return stat(file, { bigint: true }).then(
    ({ dev, ino }) => ({ dev, ino }),
    () => null,
  );
}

function isSame(now: Identity | null, then: Identity | null | undefined): boolean {
  return then == null || (now !== null && now.dev === then.dev && now.ino === then.ino);
}
