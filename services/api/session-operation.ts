// /v1/operations/sessions: who is signed in to the console, and signing somebody out everywhere, as when they lose a role.
import { z } from 'zod';
import type { SessionRow, Sessions } from '../../projections/sessions.ts';
import { subject } from './claim.ts';
import { OperationInputError, type Operation } from './operations-http.ts';

const MAX_LISTED = 1000;
const input = z.strictObject({ end: subject });

export interface SessionOperationOptions {
  readonly sessions: Pick<Sessions, 'endOf' | 'list'>;
  /** ISO time. */
  readonly now: () => string;
}

export function createSessionOperation({ sessions, now }: SessionOperationOptions): Operation {
  return {
    read: async () => ({ sessions: (await sessions.list(now(), MAX_LISTED)).map(shown) }),
    async start(asked) {
      const read = input.safeParse(asked);
      if (!read.success) throw new OperationInputError('The body must be { "end": "…" }: who is to be signed out.');
      return { ended: await sessions.endOf(read.data.end) };
    },
  };
}

/** All but its id, which nobody needs. */
function shown({ subject: who, method, workspaces, operator, createdAt, expiresAt, until }: SessionRow) {
  return { subject: who, method, workspaces, operator, createdAt, expiresAt, idleUntil: until };
}
