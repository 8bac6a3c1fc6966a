// Request: one check of a key, for callers who may see usage. Its client's address and user agent are theirs alone.
import { decodePosition } from '../events/position.ts';
import type { RequestRow } from '../projections/usage.ts';
import { ApiKey } from './api-key.ts';
import { SecretUsed, VerifyCode } from './enums.ts';
import { decidingEvent, recomputedCode } from './decided-by.ts';
import { LOADS } from './field-cost.ts';
import { KeyEvent } from './key-event.ts';
import { keyRef } from './loaders.ts';
import { Request } from './request-ref.ts';

export { Request, RequestConnection } from './request-ref.ts';

/** The history of its key is read, and folded. */
const RECOMPUTES = { cost: 50 };

const text = (description: string, of: (row: RequestRow) => string | null) => ({
  nullable: true as const,
  description,
  resolve: of,
});

Request.implement({
  description: 'A check of a key: what was asked, and what the verifier answered.',
  fields: (t) => ({
    requestId: t.exposeString('requestId', { description: 'Not one of ours where the request brought its own.' }),
    time: t.expose('time', { type: 'DateTime', description: 'When it was decided.' }),
    key: t.field({
      type: ApiKey,
      nullable: true,
      description: 'Null where this caller does not see the key, or not any more.',
      extensions: LOADS,
      resolve: ({ workspaceId, keyId }) => keyRef([workspaceId], keyId),
    }),
    code: t.field({ type: VerifyCode, resolve: ({ code }) => code }),
    method: t.string(text('The HTTP method, as far as it is known.', ({ method }) => method)),
    path: t.string(text('Without its query.', ({ path }) => path)),
    origin: t.string(text('The web origin that it came from.', ({ origin }) => origin)),
    ip: t.string(text('The client’s address, behind trusted proxies its own.', ({ ip }) => ip)),
    userAgent: t.string(text('The client’s.', ({ userAgent }) => userAgent)),
    secret: t.field({
      type: SecretUsed,
      nullable: true,
      description: 'Which of the key’s secrets was shown.',
      resolve: ({ secret }) => secret,
    }),
    asked: t.field({
      type: 'JSON',
      description: 'Keyspace, scopes or permission, resource, flags, environment and cost, as far as they were given.',
      extensions: { cost: 5 },
      resolve: ({ asked }) => asked,
    }),
    keyVersion: t.int({
      nullable: true,
      description: 'Of the key, as it was judged.',
      resolve: ({ keyVersion }) => keyVersion,
    }),
    keyspaceVersion: t.int({
      nullable: true,
      description: 'Of the profile that was in force.',
      resolve: ({ keyspaceVersion }) => keyspaceVersion,
    }),
    position: t.field({
      type: 'Position',
      description: 'What the verifier had read of the log: with this the verdict can be found again.',
      resolve: ({ position }) => decodePosition(position) ?? {},
    }),
    recomputed: t.field({
      type: VerifyCode,
      nullable: true,
      description:
        'The verdict as history bears it: `code`, or the log says what never was. Null where history does not tell it (`RATE_LIMITED`, what depends on an erased address or on a text that was not logged), and for who may not see the key’s history.',
      extensions: RECOMPUTES,
      resolve: (row, _args, context) => recomputedCode(row, context),
    }),
    decidedBy: t.field({
      type: KeyEvent,
      nullable: true,
      description:
        'The event that made it a refusal: of the key, or of its keyspace. Null where no event did, where history does not tell, and for who may not see the key’s history.',
      extensions: RECOMPUTES,
      resolve: (row, _args, context) => decidingEvent(row, context),
    }),
  }),
});
