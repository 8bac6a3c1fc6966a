// The types of single settings: text of the environment → value, with a message that says what is wanted.
import { isIP } from 'node:net';
import { z } from 'zod';
import { ipRange, origin } from '../../events/fields.ts';
import { parseDuration } from './duration.ts';
import { mongodbUrlProblem } from './mongodb-url.ts';
import { isLoopback } from './networks.ts';

/** Milliseconds between `min` and `max`. */
export const duration = (min: number, max: number) =>
  z
    .string()
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .refine((value) => value >= min && value <= max, 'must be a duration such as 30s, 10m or 1h');

export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** 0 asks for any free port. */
export const port = integer(0, 65_535);

export const boolean = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1');

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

const list = <T extends z.ZodType<unknown, string>>(item: T) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item));

export const networks = list(ipRange);
const isExactOrigin = (text: string): boolean => /^https?:\/\/[^*]+$/.test(text) && origin.safeParse(text).success;
export const origins = list(
  z
    .string()
    .refine(
      isExactOrigin,
      'must be http:// or https:// and a host in lower case, without *, a path or a default port; more of them separated by commas',
    ),
);
/** An origin that a cookie may be given to: nobody on the way reads it. */
export const publicUrl = z
  .string()
  .transform((text) => text.replace(/\/$/, ''))
  .refine(
    (text) =>
      isExactOrigin(text) && (text.startsWith('https:') || (URL.canParse(text) && isLoopback(new URL(text).hostname))),
    'must be https:// and a host in lower case, or http:// and a loopback address, without a path or a default port',
  );
const HOSTNAME = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63})*$/;
export const host = z
  .string()
  .refine((value) => isIP(value) !== 0 || HOSTNAME.test(value), 'must be an address or a host name');

export const brokers = list(
  z.string().refine((broker) => {
    const at = broker.lastIndexOf(':');
    const name = broker.slice(0, Math.max(at, 0)).replace(/^\[(.*)\]$/, '$1');
    return (
      (HOSTNAME.test(name) || isIP(name) !== 0) &&
      /^[1-9]\d{0,4}$/.test(broker.slice(at + 1)) &&
      Number(broker.slice(at + 1)) <= 65_535
    );
  }, 'must be host:port, more of them separated by commas'),
).refine((all) => all.length > 0, 'must name at least one host:port');

export const topicPrefix = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/, 'must be 1–100 letters, digits, . _ or -');
export const saslMechanism = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512'));
export const mongodbUrl = z.string().superRefine((text, context) => {
  const problem = mongodbUrlProblem(text);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

/** A URL that keys may be fetched from: nobody on the way can put in their own. */
export const jwksUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}, 'must be an https:// URL, or http:// on a loopback address, without a user name');
const OWN_PARAMETERS = ['client_id', 'redirect_uri', 'response_type', 'response_mode', 'state', 'nonce'];
/** Of an authorization request, form-encoded; those that a sign-in makes itself are not among them. */
export const parameters = z
  .string()
  .max(2048)
  .transform((text) => [...new URLSearchParams(text)])
  .refine(
    (pairs) =>
      pairs.every(([name]) => /^[a-z_]+$/.test(name) && !name.startsWith('code_') && !OWN_PARAMETERS.includes(name)) &&
      new Set(pairs.map(([name]) => name)).size === pairs.length,
    `must be name=value&…, each once, without ${OWN_PARAMETERS.join(', ')} and code_challenge`,
  )
  .transform((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs))
  .refine(({ scope = '' }) => scope.split(' ').includes('openid'), 'must hold a scope, with openid in it');
export const nonEmpty = z
  .string()
  .max(1024)
  .regex(/^\S(?:.*\S)?$/, 'must not be empty or have spaces around it');
export const tokenType = z.string().regex(/^[A-Za-z0-9!#$&^_.+/-]{1,127}$/, 'must be a media type such as at+jwt');
/** What a Bearer header can carry. */
export const bearerToken = z
  .string()
  .max(4096)
  .regex(/^[A-Za-z0-9\-._~+/]+=*$/, 'must consist of letters, digits and - . _ ~ + / =');
