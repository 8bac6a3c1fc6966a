// dronahq on embedded storage, everything in one process.
import { startEmbedded } from '../support/in-process.ts';
import { dronahqRows } from './dronahq.ts';

// Gateways forward from here: what they say of the original caller is believed.
dronahqRows('embedded', () => startEmbedded({ TRUSTED_PROXIES: '127.0.0.1' }));
