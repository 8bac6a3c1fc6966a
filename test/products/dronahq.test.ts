// dronahq on embedded storage, everything in one process.
import { startEmbedded } from '../support/in-process.ts';
import { dronahqRows } from './dronahq.ts';

dronahqRows('embedded', startEmbedded);
