// Documents generated from the schema, valid and nearly valid, with variables that fit and that do not: whatever comes is
// answered, nothing unexpected happens, and every error has a code.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { covers, encodePosition } from '../../events/position.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';
import { caller, createInstallation, GUARDED, OPERATOR, SUCCEEDING, type Installation } from './installation.ts';
import { requestArbitrary } from './document-arbitrary.ts';

const RUNS = 2000;
const CODES = new Set<unknown>(['BAD_USER_INPUT', 'POSITION_TIMEOUT']);
/** A workspace that is not the caller's is refused: there is no null to answer. */
const SUBSCRIPTION_CODES = new Set<unknown>([...CODES, 'FORBIDDEN']);
const callers = [
  caller({ acme: 'admin' }, { operator: true }),
  caller({ acme: 'auditor', globex: 'viewer' }),
  OPERATOR,
];

let on: Installation;
let known: string[];
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);
beforeAll(async () => {
  on = await createInstallation({
    profiles: [DEFAULT_PROFILE, GUARDED, SUCCEEDING],
    // Nobody writes on here, so what is not reached now never is.
    context: (made) => ({
      reached: (position) => made.read((view) => Promise.resolve(covers(view.checkpoint, position))),
    }),
  });
  const keys = await on.plant(['one', 'two', 'three']);
  await on.plant(['four'], { keyspace: 'guarded', workspaceId: 'globex' });
  known = [
    ...keys.map((id) => encodeGlobalId('ApiKey', id)),
    ...[
      encodeGlobalId('Workspace', 'acme'),
      encodeGlobalId('Keyspace', 'default'),
      encodeGlobalId('Keyspace', 'acme/guarded'),
    ],
    ...['acme', 'globex', 'default', 'guarded', 'succeeding', 'one', 'a:read', 'live', 'secret', 'user:ada', 'u-17'],
  ];
  process.on('unhandledRejection', onRejection);
});
afterAll(async () => {
  process.off('unhandledRejection', onRejection);
  await on.stop();
});

test(`${RUNS} documents: none is answered with status 500, an unmasked error or an unhandled rejection`, async () => {
  const beginning = encodePosition(
    Object.fromEntries(Array.from({ length: on.log.partitions }, (_, each) => [each, 0])),
  );
  const named = { 'keyEvents.workspaceId': ['acme', 'globex'], 'keyEvents.after': [beginning] };
  const seed = process.env.SEED ? { seed: Number(process.env.SEED) } : {};
  let answered = 0;
  let refused = 0;
  let followed = 0;
  await fc.assert(
    fc.asyncProperty(
      requestArbitrary({ schema, known, named }),
      fc.constantFrom(...callers),
      async ({ operation, query, variables }, as) => {
        const streamed = operation === 'subscription';
        const answers = streamed ? await on.follow(query, variables, as) : [await on.ask(query, variables, as)];
        expect(on.lines.splice(0)).toEqual([]);
        for (const { result, status } of answers) {
          expect(status).toBeLessThan(
            500 + (result.errors?.some(({ extensions }) => extensions.code === 'POSITION_TIMEOUT') ? 100 : 0),
          );
          const codes = streamed ? SUBSCRIPTION_CODES : CODES;
          for (const { extensions } of result.errors ?? []) expect(codes).toContain(extensions.code);
          JSON.stringify(result);
          if (result.errors) refused += 1;
          else answered += 1;
          if (streamed && result.data) followed += 1;
        }
      },
    ),
    { numRuns: RUNS, ...seed },
  );
  expect(rejections).toEqual([]);
  // Both sides were really tried.
  expect(answered).toBeGreaterThan(RUNS / 5);
  expect(refused).toBeGreaterThan(RUNS / 5);
  expect(followed).toBeGreaterThan(RUNS / 50);
}, 300_000);
