// A process that holds a folder's log and appends to it until it is killed: prints `ready`, then each acknowledged record.
import { writeSync } from 'node:fs';
import { openEmbeddedLog } from '../../events/logs/embedded.ts';

const [directory = '', run = ''] = process.argv.slice(2);
const log = await openEmbeddedLog({ directory }).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(3);
});
writeSync(1, 'ready\n');
await Promise.all(
  Array.from({ length: 16 }, async (_, appender) => {
    for (let n = 0; ; n += 1) {
      const name = `${run}/${appender}/${n}`;
      const [position] = await log.append([{ key: name, value: Buffer.from(name.repeat(30)), headers: { name } }]);
      writeSync(1, `${position?.offset ?? -1} ${name}\n`);
    }
  }),
);
