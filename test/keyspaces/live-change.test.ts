// Profiles changed under live keys, on embedded storage.
import { startEmbedded } from '../support/in-process.ts';
import { liveChange } from './live-change.ts';

liveChange('embedded', startEmbedded);
