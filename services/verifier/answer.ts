// The body of an answer, assembled by hand: the shape is fixed, and most of it is text that was made before.
// MALFORMED and NOT_FOUND tell nothing about any key, not even by their shape.
import type { Details } from './details.ts';
import type { KeyRecord } from './key-table.ts';
import type { VerifyRequest } from './request.ts';
import { asciiJson } from './responses.ts';
import type { Verdict } from './verify.ts';

/** What an answer says besides the verdict. */
export interface AnswerContext {
  /** RFC 3339; see {@link Freshness.asOf}. */
  readonly asOf: string;
  /** Letters, digits and . _ - only. */
  readonly requestId: string;
  readonly include?: VerifyRequest['include'];
  /** `null`: none, or the store is away. */
  readonly details?: Details | null;
}

const UNKNOWN =
  '"keyId":null,"workspaceId":null,"keyspace":null,"keyspaceVersion":null,"type":null,"environment":null,' +
  '"scopes":[],"unrestricted":false,"resources":{"all":false,"ids":[]},"flags":[],"owner":null,"expiresAt":null,' +
  '"rateLimit":null,"version":null';

/** Ids, slugs and times need no escaping: their schemas let nothing through that would. */
const plain = (text: string | null): string => (text === null ? 'null' : `"${text}"`);

function describe({ state, policy }: KeyRecord): string {
  return (
    `"keyId":"${state.keyId}","workspaceId":"${state.workspaceId}","keyspace":"${state.keyspace}",` +
    `"keyspaceVersion":${policy.keyspaceVersion ?? state.keyspaceVersion},"type":"${state.type}",` +
    `"environment":${plain(state.environment)},${policy.json},` +
    `"owner":${state.ownerId === null ? 'null' : asciiJson(state.ownerId)},"expiresAt":${plain(state.expiresAt)},` +
    `"rateLimit":null,"version":${state.version}`
  );
}

function included(include: VerifyRequest['include'], details: Details | null): string {
  if (include === undefined) return '';
  const members = [...new Set(include)].map((name) => `,"${name}":${asciiJson(details?.[name] ?? null)}`);
  return members.join('');
}

/** JSON in ASCII, in the contract's order of members. */
export function answerBody(verdict: Verdict, { asOf, requestId, include, details = null }: AnswerContext): string {
  const told = verdict.code !== 'MALFORMED' && verdict.code !== 'NOT_FOUND';
  return (
    `{"valid":${verdict.code === 'VALID'},"code":"${verdict.code}",${told ? describe(verdict.record) : UNKNOWN},` +
    `"asOf":"${asOf}","requestId":"${requestId}"${included(include, told ? details : null)}}`
  );
}
