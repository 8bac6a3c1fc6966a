// The voice-agent API's rows on embedded storage, everything in one process.
import { startEmbedded } from '../support/in-process.ts';
import { voiceAgentRows } from './voice-agent.ts';

voiceAgentRows('embedded', startEmbedded);
