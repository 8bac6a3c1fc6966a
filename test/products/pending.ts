// What the five products ask for that is not there yet, as data: each entry is a `test.todo` of its product's suite, and
// the only kind of test that may be left out of a run (test/tools/test-summary.ts). An entry goes when its test comes.

export const PRODUCTS = ['dronahq', 'voice-agent', 'dagen', 'ayra', 'project-admin'] as const;
export type ProductName = (typeof PRODUCTS)[number];

const AUDITORS = 'Auditors and subscribers';

export interface Pending {
  readonly product: ProductName;
  /** The id of the row, such as `H6`. */
  readonly row: string;
  readonly missing: string;
  /** The piece of work that brings it. */
  readonly until: string;
}

export const PENDING: readonly Pending[] = [
  {
    product: 'dronahq',
    row: 'H10',
    missing: 'deleting a key erases its personal data with it',
    until: AUDITORS,
  },
  {
    product: 'ayra',
    row: 'A5',
    missing: 'reminders come before a key expires',
    until: AUDITORS,
  },
];

/** The title of the entry's `test.todo`. */
export function pendingTitle({ product, row, missing, until }: Pending): string {
  return `${product} ${row} (pending, ${until}): ${missing}`;
}
