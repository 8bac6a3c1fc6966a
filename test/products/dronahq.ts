// Dronahq's rows, one test each: what its keys are, and what becomes of them.
import type { System } from '../support/system.ts';
import { lifecycle } from './dronahq/lifecycle.ts';
import { settings } from './dronahq/settings.ts';
import { usage } from './dronahq/usage.ts';
import { productRows } from './harness.ts';

export function dronahqRows(on: string, start: () => Promise<System>): void {
  productRows('dronahq', on, start, (product) => {
    settings(product);
    lifecycle(product);
    usage(product);
  });
}
