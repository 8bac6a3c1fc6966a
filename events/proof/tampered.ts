// What ends the check of a bundle: the first thing that is wrong, and where.

/** `line` counts from 1; `eventId` names the event where the line is an event's. */
export class TamperedError extends Error {
  readonly code = 'TAMPERED';
  readonly line: number;
  readonly eventId: string | null;

  constructor(line: number, problem: string, eventId: string | null = null) {
    super(problem);
    this.line = line;
    this.eventId = eventId;
  }
}

/** Whether anybody has tampered with it cannot be told. */
export class UntoldError extends Error {
  readonly code = 'UNTOLD';
  readonly advice: string | null;

  constructor(problem: string, advice: string | null = null) {
    super(problem);
    this.advice = advice;
  }
}
