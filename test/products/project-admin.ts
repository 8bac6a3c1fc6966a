// Project-admin's rows, one test each: who has them at all, what its keys are, and keys that manage keys.
import type { System } from '../support/system.ts';
import { productRows } from './harness.ts';
import { keys } from './project-admin/keys.ts';
import { management } from './project-admin/management.ts';
import { section } from './project-admin/section.ts';

export function projectAdminRows(on: string, start: () => Promise<System>): void {
  productRows('project-admin', on, start, (product) => {
    section(product);
    keys(product);
    management(product);
  });
}
