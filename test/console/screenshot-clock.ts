// A clock that begins at a moment of its own and goes on from there, for processes and pages that know nothing of it.

/** The moment that screenshots are taken at. */
export const SHOWN_AT = Date.parse('2027-03-10T09:24:00Z');

/** A script that moves `Date`; timers stay as they are. @param ahead milliseconds before the real time, or behind it */
export const shiftedClock = (ahead: number): string => `
  const Real = globalThis.Date;
  globalThis.Date = class Date extends Real {
    constructor(...given) { super(...(given.length === 0 ? [Real.now() + ${ahead}] : given)); }
    static now() { return Real.now() + ${ahead}; }
  };
`;

/** NODE_OPTIONS for a process that lives by it. */
export const withClock = (ahead: number): { readonly NODE_OPTIONS: string } => ({
  NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(shiftedClock(ahead)).toString('base64')}`,
});
