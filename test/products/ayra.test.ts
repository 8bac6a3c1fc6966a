// Ayra's rows on embedded storage, everything in one process.
import { startEmbedded } from '../support/in-process.ts';
import { ayraRows } from './ayra.ts';

ayraRows('embedded', startEmbedded);
