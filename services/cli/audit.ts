// `keyfold audit …`: what auditors ask for and check.
import type { Command } from 'commander';
import { addAccessReviewCommand } from './audit-access-review.ts';
import { addAuditCheckpoint } from './audit-checkpoint.ts';
import { addAuditRequests } from './audit-requests.ts';
import { addAuditShadow } from './audit-shadow.ts';
import { addAuditVerify } from './audit-verify.ts';
import type { Io } from './io.ts';

export function addAuditCommands(program: Command, io: Io): void {
  const audit = program
    .command('audit')
    .summary('the past, and proof of it')
    .description('The past, and proof that what is told is what was decided.');
  addAccessReviewCommand(audit, io);
  addAuditRequests(audit, io);
  addAuditCheckpoint(audit, io);
  addAuditVerify(audit, io);
  addAuditShadow(audit, io);
}
