// Project-admin's rows on embedded storage, everything in one process.
import { startEmbedded } from '../support/in-process.ts';
import { projectAdminRows } from './project-admin.ts';

projectAdminRows('embedded', startEmbedded);
