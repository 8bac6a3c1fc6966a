// A key's whole life on embedded storage, everything in one process.
import { startEmbedded } from '../support/in-process.ts';
import { wholeLife } from './life.ts';

wholeLife('embedded', startEmbedded);
