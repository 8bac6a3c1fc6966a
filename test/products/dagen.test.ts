// dagen on embedded storage, everything in one process.
import { startEmbedded } from '../support/in-process.ts';
import { dagenRows } from './dagen.ts';

dagenRows('embedded', startEmbedded);
