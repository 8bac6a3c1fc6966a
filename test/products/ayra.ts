// Ayra's rows, one test each: what its keys are, and what becomes of them.
import type { System } from '../support/system.ts';
import { lifecycle } from './ayra/lifecycle.ts';
import { settings } from './ayra/settings.ts';
import { usage } from './ayra/usage.ts';
import { productRows } from './harness.ts';

export function ayraRows(on: string, start: () => Promise<System>): void {
  productRows('ayra', on, start, (product) => {
    settings(product);
    lifecycle(product);
    usage(product);
  });
}
