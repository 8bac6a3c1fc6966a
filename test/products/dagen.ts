// Dagen's rows, one test each: what its keys are, what its page shows, and what becomes of them.
import type { System } from '../support/system.ts';
import { lifecycle } from './dagen/lifecycle.ts';
import { page } from './dagen/page.ts';
import { settings } from './dagen/settings.ts';
import { usage } from './dagen/usage.ts';
import { productRows } from './harness.ts';

export function dagenRows(on: string, start: () => Promise<System>): void {
  productRows('dagen', on, start, (product) => {
    settings(product);
    page(product);
    lifecycle(product);
    usage(product);
  });
}
