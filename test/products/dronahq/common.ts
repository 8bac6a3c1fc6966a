// What dronahq's rows share.
const DAY_MS = 86_400_000;

/** So many days from now. */
export const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
