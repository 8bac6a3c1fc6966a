// The file of an embedded log that holds nothing.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedLog } from '../../events/logs/embedded.ts';

export async function emptyLog(directory: string): Promise<Buffer> {
  await (await openEmbeddedLog({ directory })).close();
  return readFile(join(directory, 'log.db'));
}
