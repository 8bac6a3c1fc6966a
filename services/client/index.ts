// `keyfold/verify`: the verifier's client, and guards for node:http, Express, Fastify and Hono. Loads none of the
// frameworks, and nothing else of this package.
export { createVerifierClient } from './client.ts';
export type { VerifierClient, VerifierClientOptions, VerifyOptions } from './client.ts';
export type { CredentialHeader } from './credential.ts';
export { guardExpress } from './express.ts';
export { guardFastify } from './fastify.ts';
export type { GuardOptions, Needs } from './guard.ts';
export { guardHono } from './hono.ts';
export { guardHttp } from './node-http.ts';
export type { HttpGuardOptions, HttpHandler } from './node-http.ts';
export type {
  KeyFacts,
  NotTaken,
  Outcome,
  RateLimit,
  Refusal,
  RefusalCode,
  Refused,
  Resource,
  Unavailable,
  UnavailableReason,
  Verified,
  VerifyRequest,
} from './outcome.ts';
export { findKey, keyOf } from './proven.ts';
export type { GuardAnswer } from './refusal.ts';
