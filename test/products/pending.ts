// What the five products ask for that is not there yet, as data: each entry is a `test.todo` of its product's suite, and
// the only kind of test that may be left out of a run (test/tools/test-summary.ts). An entry goes when its test comes.

export const PRODUCTS = ['dronahq', 'voice-agent', 'dagen', 'ayra', 'project-admin'] as const;
export type ProductName = (typeof PRODUCTS)[number];

const VERIFIER = 'The verifier, complete';
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
    row: 'H6',
    missing: 'every call with the key is in the request log for 30 days, with the caller’s own address',
    until: VERIFIER,
  },
  {
    product: 'dronahq',
    row: 'H7',
    missing: 'Last Used is the time of the most recent successful check',
    until: VERIFIER,
  },
  {
    product: 'dronahq',
    row: 'H8',
    missing: 'a disabled key keeps its request log',
    until: VERIFIER,
  },
  {
    product: 'dronahq',
    row: 'H10',
    missing: 'deleting a key erases its personal data with it',
    until: AUDITORS,
  },
  {
    product: 'dagen',
    row: 'D5',
    missing: 'Requests is the lifetime count, Last used the time of the last check',
    until: VERIFIER,
  },
  {
    product: 'dagen',
    row: 'D12',
    missing: 'the lifetime count of requests outlives the request log',
    until: VERIFIER,
  },
  {
    product: 'ayra',
    row: 'A5',
    missing: 'reminders come before a key expires',
    until: AUDITORS,
  },
  {
    product: 'ayra',
    row: 'A6',
    missing: 'Last Used is the time of the last check',
    until: VERIFIER,
  },
  {
    product: 'ayra',
    row: 'A7',
    missing: 'View Usage shows the calls that were made with the key',
    until: VERIFIER,
  },
  {
    product: 'ayra',
    row: 'A8',
    missing: 'usage shows who still uses the old secret',
    until: VERIFIER,
  },
  {
    product: 'ayra',
    row: 'A11',
    missing: 'request ids lead to the calls and to the key, what it could reach and whose it was',
    until: VERIFIER,
  },
  {
    product: 'project-admin',
    row: 'P6',
    missing: 'a key that manages keys is checked under a lease, and its calls are counted',
    until: VERIFIER,
  },
];

/** The title of the entry's `test.todo`. */
export function pendingTitle({ product, row, missing, until }: Pending): string {
  return `${product} ${row} (pending, ${until}): ${missing}`;
}
